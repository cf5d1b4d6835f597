import { StateEffect, StateField, type EditorState, type Extension, type Range } from '@codemirror/state';
import { Decoration, EditorView, ViewPlugin, type DecorationSet, type ViewUpdate } from '@codemirror/view';
import type { WrongSpan } from './live-diagnosis';
import { queryTokens, type QueryToken, type TokenKind } from './query-highlight';

const KINDS: readonly TokenKind[] = [
  'field',
  'keyword',
  'function',
  'string',
  'number',
  'operator',
  'comment',
  'variable',
];
const COLOURS = Object.fromEntries(
  KINDS.map((kind) => [kind, Decoration.mark({ class: `syntax-${kind}` })]),
) as Readonly<Record<TokenKind, Decoration>>;
const WRONG = Decoration.mark({ class: 'wrong' });

/**
 * Characters before and behind the place that is looked at whose tokens have an element each: more than the box shows. In
 * one line, which is laid out whole, thousands of elements cost 40 ms a key.
 */
const COLOURED_AROUND = 2000;

class Colours {
  decorations: DecorationSet = Decoration.none;
  #tokens: readonly QueryToken[];
  /** The place that is looked at: where one writes, or has scrolled to. */
  #at: number;

  constructor({ state }: EditorView) {
    this.#tokens = queryTokens(state.doc.toString());
    this.#at = state.selection.main.head;
    this.#colour();
  }

  update({ state, docChanged, selectionSet }: ViewUpdate): void {
    if (docChanged) this.#tokens = queryTokens(state.doc.toString());
    if (docChanged || selectionSet) this.#at = state.selection.main.head;
    if (docChanged || selectionSet) this.#colour();
  }

  /** @returns whether other tokens have colours than before */
  lookAt(place: number): boolean {
    if (Math.abs(place - this.#at) < COLOURED_AROUND / 4) return false;
    this.#at = place;
    this.#colour();
    return true;
  }

  #colour(): void {
    const from = this.#at - COLOURED_AROUND;
    const to = this.#at + COLOURED_AROUND;
    const seen = this.#tokens.filter(({ start, end }) => start < to && end > from);
    this.decorations = Decoration.set(seen.map(({ start, end, kind }) => COLOURS[kind].range(start, end)));
  }
}

const colours = ViewPlugin.fromClass(Colours, {
  decorations: ({ decorations }) => decorations,
  eventHandlers: {
    scroll(_event, view) {
      const { left, top, height } = view.scrollDOM.getBoundingClientRect();
      const place = view.posAtCoords({ x: left, y: top + height / 2 });
      // What changes nothing still shows the colours.
      if (place !== null && this.lookAt(place)) view.dispatch({});
    },
  },
});

/** What is wrong with the query, and where, if that is known. */
export interface QueryFault {
  readonly isWrong: boolean;
  readonly span: WrongSpan | null;
}

export const setFault = StateEffect.define<QueryFault>();

/** What is missing at the end is shown at the last character. */
function underlined({ span }: QueryFault, { doc }: EditorState): DecorationSet {
  if (span === null || doc.length === 0) return Decoration.none;
  const from = Math.min(span.position, doc.length - 1);
  const to = Math.min(doc.length, Math.max(from + 1, span.position + span.length));
  const marks: Range<Decoration>[] = [WRONG.range(from, to)];
  return Decoration.set(marks);
}

const faultField = StateField.define<QueryFault & { readonly marks: DecorationSet }>({
  create: () => ({ isWrong: false, span: null, marks: Decoration.none }),
  update(fault, { effects, changes, docChanged, state }) {
    const next = effects.findLast((effect) => effect.is(setFault));
    if (next !== undefined) return { ...next.value, marks: underlined(next.value, state) };
    return docChanged ? { ...fault, marks: fault.marks.map(changes) } : fault;
  },
  provide: (field) => EditorView.decorations.from(field, ({ marks }) => marks),
});

/**
 * Colours, and the line under what is wrong, which screen readers hear of as well.
 *
 * @param describedBy id of the element that says what is wrong
 */
export function queryMarks(describedBy: string): Extension {
  return [
    colours,
    faultField,
    EditorView.contentAttributes.of(({ state }) => ({
      'aria-invalid': String(state.field(faultField).isWrong),
      'aria-describedby': describedBy,
    })),
  ];
}
