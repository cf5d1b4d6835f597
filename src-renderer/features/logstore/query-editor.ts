import {
  acceptCompletion,
  autocompletion,
  closeCompletion,
  completionKeymap,
  selectedCompletion,
} from '@codemirror/autocomplete';
import { history, historyKeymap, insertNewline, isolateHistory, standardKeymap } from '@codemirror/commands';
import { EditorSelection, EditorState, Prec, type Extension } from '@codemirror/state';
import { EditorView, keymap, placeholder, type KeyBinding } from '@codemirror/view';
import { t } from '../../services/messages/catalogue';
import { completionMark, leadsOn, queryCompletions, type QueryKnowledge } from './query-completion';
import './query-editor.css';
import { queryMarks, setFault, type QueryFault } from './query-marks';
import { toggleComment } from './toggle-comment';

/** What a plain field had when the editor takes its place. */
export interface TakenOver {
  readonly text: string;
  readonly anchor: number;
  readonly head: number;
  readonly scrollTop: number;
  readonly isFocused: boolean;
}

interface EditorOptions {
  readonly knowledge: QueryKnowledge;
  /** Id of the element that says what is wrong. */
  readonly describedBy: string;
  readonly onchange: (text: string) => void;
  readonly onrun: () => void;
  readonly onhistory: (step: -1 | 1) => void;
}

/** Styles that a script adds need the nonce of the page. */
function pageNonce(): string {
  return document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? '';
}

function commentLines(view: EditorView): boolean {
  const { from, to } = view.state.selection.main;
  const changes = toggleComment(view.state.doc.toString(), from, to);
  if (changes.length > 0) view.dispatch({ changes: [...changes], userEvent: 'input' });
  return true;
}

/**
 * Chromium writes what is typed over a selection with the style of what was there, as an inline style, which the page's
 * policy refuses and reports. So what is typed is written here, unless an input method composes it; where the page has its
 * selection, since the editor hears of it a moment later.
 */
function writeText(event: InputEvent, view: EditorView): boolean {
  const selection = document.getSelection();
  if (event.inputType !== 'insertText' || event.data === null || event.isComposing) return false;
  if (selection === null || selection.rangeCount === 0) return false;
  const range = selection.getRangeAt(0);
  const insert = view.state.toText(event.data);
  const from = view.posAtDOM(range.startContainer, range.startOffset);
  const to = view.posAtDOM(range.endContainer, range.endOffset);
  view.dispatch({
    changes: { from, to, insert },
    selection: { anchor: from + insert.length },
    userEvent: 'input.type',
    scrollIntoView: true,
  });
  return true;
}

/** What is written already is not accepted once more: the Enter behind it begins a line. */
function acceptOther(view: EditorView): boolean {
  const { head } = view.state.selection.main;
  const insert = selectedCompletion(view.state)?.apply;
  if (typeof insert !== 'string') return false;
  if (view.state.sliceDoc(Math.max(0, head - insert.length), head) !== insert) return acceptCompletion(view);
  closeCompletion(view);
  return false;
}

/** Tab leaves the field, unless there is something to accept. */
function queryKeys({ onrun, onhistory }: EditorOptions): Extension {
  const then = (act: () => void) => (view: EditorView) => {
    closeCompletion(view);
    act();
    return true;
  };
  const completing: readonly KeyBinding[] = [
    // Esc cancels a query that runs, but not by the key that closes the list.
    { key: 'Escape', run: closeCompletion, stopPropagation: true },
    { key: 'Tab', run: acceptCompletion },
    { key: 'Enter', run: acceptOther },
    ...completionKeymap.filter(({ key }) => key !== 'Escape' && key !== 'Enter'),
  ];
  const own: readonly KeyBinding[] = [
    { key: 'Mod-Enter', run: then(onrun) },
    { key: 'Alt-ArrowUp', run: then(() => onhistory(-1)) },
    { key: 'Alt-ArrowDown', run: then(() => onhistory(1)) },
    { key: 'Mod-/', run: commentLines },
    { key: 'Enter', run: insertNewline, shift: insertNewline },
  ];
  return [Prec.highest(keymap.of([...completing])), keymap.of([...own, ...historyKeymap, ...standardKeymap])];
}

function extensionsOf(options: EditorOptions): Extension {
  return [
    EditorView.cspNonce.of(pageNonce()),
    EditorState.phrases.of({ Completions: t.complete.list }),
    EditorView.lineWrapping,
    history(),
    queryKeys(options),
    queryMarks(options.describedBy),
    placeholder(t.logs.queryPlaceholder),
    autocompletion({
      override: [queryCompletions(options.knowledge)],
      activateOnCompletion: leadsOn,
      addToOptions: [{ render: completionMark, position: 20 }],
      defaultKeymap: false,
      icons: false,
    }),
    EditorView.contentAttributes.of({ 'aria-label': t.logs.query, title: t.logs.queryKeys }),
    EditorView.domEventHandlers({
      beforeinput: writeText,
      // Options that are on their way would else come when nobody writes any more.
      blur: (_event, view) => void closeCompletion(view),
    }),
    EditorView.updateListener.of(({ docChanged, state }) => {
      if (docChanged) options.onchange(state.doc.toString());
    }),
  ];
}

/** The query as it is edited: a view of CodeMirror in an element of the page. */
export class QueryEditor {
  readonly #view: EditorView;

  /** @param parent is empty, and has the size of what it takes the place of */
  constructor(parent: HTMLElement, before: TakenOver, options: EditorOptions) {
    const selection = EditorSelection.single(before.anchor, before.head);
    const state = EditorState.create({ doc: before.text, selection, extensions: extensionsOf(options) });
    this.#view = new EditorView({ state, parent });
    if (before.isFocused) this.#view.focus();
    this.#view.scrollDOM.scrollTop = before.scrollTop;
  }

  /** From outside: the caret goes behind it, and one undo brings back what was there. */
  setText(text: string): void {
    const { doc } = this.#view.state;
    if (doc.toString() === text) return;
    closeCompletion(this.#view);
    const changes = this.#view.state.changes({ from: 0, to: doc.length, insert: text });
    this.#view.dispatch({
      changes,
      selection: { anchor: changes.newLength },
      annotations: isolateHistory.of('full'),
      scrollIntoView: true,
    });
  }

  setFault(fault: QueryFault): void {
    this.#view.dispatch({ effects: setFault.of(fault) });
  }

  /** With all of it selected. */
  focus(): void {
    this.#view.focus();
    this.#view.dispatch({ selection: { anchor: 0, head: this.#view.state.doc.length }, scrollIntoView: true });
  }

  destroy(): void {
    this.#view.destroy();
  }
}
