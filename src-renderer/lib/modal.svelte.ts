import { untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';

/** Dialogs that are open, the topmost last: what is outside of that one can be neither pointed at nor read aloud. */
let open = $state.raw<readonly HTMLDialogElement[]>([]);

/**
 * A dialog that is open as long as it is on the page. The element keeps the focus inside. It gives it back when it is closed,
 * but not when it is taken off the page.
 *
 * @param onclose the user closes it
 */
export function modal(onclose: () => void): Attachment<HTMLDialogElement> {
  return (dialog) => {
    const before = document.activeElement;
    let isClosed = false;
    const close = (): void => {
      if (isClosed) return;
      isClosed = true;
      onclose();
    };
    // Comes with the key that closes it. The event of its end comes in a later task, and keys that are pressed before that
    // would open what is then taken off the page.
    const cancel = (event: Event): void => {
      if (event.target === dialog) close();
    };
    dialog.showModal();
    dialog.addEventListener('cancel', cancel);
    dialog.addEventListener('close', close);
    // It opens once, whatever opens after it.
    open = [...untrack(() => open), dialog];
    return () => {
      // Its event comes later, when another one may be open.
      dialog.removeEventListener('close', close);
      dialog.removeEventListener('cancel', cancel);
      dialog.close();
      open = open.filter((other) => other !== dialog);
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  };
}

/** Stays where it can be seen, heard and used: in the topmost dialog, if there is one, and else in its own place. */
export const inTopModal: Attachment<HTMLElement> = (element) => {
  const home = element.parentElement;
  $effect(() => {
    const host = open.at(-1) ?? home;
    if (element.parentElement !== host) host?.append(element);
  });
};
