/** Takes the focus when what had it is gone, as with the page it was on: whoever uses keys would begin anew at the top. */
export function takeLostFocus(element: HTMLElement): void {
  const { activeElement, body } = element.ownerDocument;
  if (activeElement === null || activeElement === body) element.focus({ preventScroll: true });
}

/** Has the focus when its dialog opens; or as soon as it appears in an open one, in the place of what had it and is gone. */
export function focusFirst(element: HTMLElement): void {
  element.toggleAttribute('autofocus', true);
  element.focus();
}
