import type { ActId } from '../../src-main/contract/acts';
import { actOfKey, type Key } from '../services/act-keys';
import { t } from '../services/messages/catalogue';
import type { NamedActs } from './acts';

type Press = Key & Pick<KeyboardEvent, 'target'>;

const TYPED_INTO = ['input', 'textarea', 'select', '[contenteditable="true"]'].join();

/**
 * Keys of the whole window.
 *
 * @returns whether the key was used; one whose act can do nothing on the page that is shown is left to others
 */
export function pressShortcut(event: Press, acts: NamedActs): boolean {
  const id = actOfKey(event);
  if (id === null || isTyped(event) || (OF_TEXTS.has(id) && isInText(event))) return false;
  const { refusal, run } = acts[id];
  if (refusal !== null && !TOLD.has(id)) return false;
  run();
  return true;
}

/** Their keys mean something else where a text can be typed. */
const OF_TEXTS: ReadonlySet<ActId> = new Set(['undoZoom']);

/** They say themselves why they can do nothing. */
const TOLD: ReadonlySet<ActId> = new Set(['open']);
const TOLD_IN_MENUS: ReadonlySet<ActId> = new Set(['open', 'export']);

/**
 * @param canReach as `isReachable`
 * @param tell says why an act that was chosen in a native menu can do nothing: nothing is left without an answer there
 */
export function chooseInMenu(id: ActId, acts: NamedActs, canReach: boolean, tell: (refusal: string) => void): void {
  const { refusal, run } = acts[id];
  if (!canReach) tell(t.actRefusals.inDialog);
  else if (refusal === null || TOLD_IN_MENUS.has(id)) run();
  else tell(refusal);
}

/** A sign without Ctrl or Alt is a text wherever one can be typed. */
function isTyped(press: Press): boolean {
  const { key, ctrlKey, metaKey, altKey } = press;
  return key.length === 1 && !ctrlKey && !metaKey && !altKey && isInText(press);
}

function isInText({ target }: Press): boolean {
  return (target as Partial<Element> | null)?.closest?.(TYPED_INTO) != null;
}

/** What holds for dialogs, too. */
const IN_DIALOGS: ReadonlySet<ActId> = new Set(['zoomIn', 'zoomOut', 'zoomReset']);

/** @returns whether an act can be carried out while a dialog is open, or none is */
export function isReachable(id: ActId | null, document: ParentNode): boolean {
  return (id !== null && IN_DIALOGS.has(id)) || !isDialogOpen(document);
}

/** @returns whether the keys of an act that cannot be reached would load the page again, with what is written in the dialog */
export function wouldReload(id: ActId | null): boolean {
  return id === 'run';
}

/** While a dialog is open the keys are its own, wherever the focus is: Esc closes it, and ends nothing behind it. */
function isDialogOpen(document: ParentNode): boolean {
  return document.querySelector('dialog:modal') !== null;
}
