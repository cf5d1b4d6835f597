/** What a click on an empty place is not. */
const CONTROLS = ['a', 'button', 'input', 'select', 'textarea', 'summary', '[tabindex]:not(main)'].join();
const KEYS: ReadonlySet<string> = new Set(['Tab', 'Enter', ' ']);

type Press = Pick<KeyboardEvent, 'key' | 'repeat'>;
type Click = Pick<MouseEvent, 'detail' | 'target'>;
export type UserEvent = Press | Click;

/** @returns whether the user turned to something by it; scrolling and the second half of a double click are no turn */
export function isAct(event: UserEvent): boolean {
  if ('key' in event) return KEYS.has(event.key) && !event.repeat;
  const target = event.target as Partial<Element> | null;
  return event.detail < 2 && target?.closest?.(CONTROLS) != null;
}
