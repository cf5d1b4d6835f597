/** Has the focus when its dialog opens; or as soon as it appears in an open one, in the place of what had it and is gone. */
export function focusFirst(element: HTMLElement): void {
  element.toggleAttribute('autofocus', true);
  element.focus();
}
