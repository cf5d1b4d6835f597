/** Arrow keys in a list go from one of its elements to the next, around its ends; Home and End to the first and the last. */
export function stepThrough(event: KeyboardEvent, elements: Iterable<HTMLElement>): void {
  const all = [...elements];
  const at = all.findIndex((element) => element === document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at === -1 ? all.length - 1 : at - 1, Home: 0, End: all.length - 1 }[
    event.key
  ];
  if (next === undefined || all.length === 0) return;
  event.preventDefault();
  all[(next + all.length) % all.length]?.focus();
}
