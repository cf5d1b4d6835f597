import type { Attachment } from 'svelte/attachments';

/**
 * A part beside the page that comes and goes. Esc in it closes it before it ends anything else; when it goes with the
 * focus in it, what had the focus before has it again.
 *
 * @param opener what had the focus when it was opened
 * @param fallback has the focus when the opener is gone
 */
export function drawer(opener: Element | null, fallback: () => HTMLElement | null, onclose: () => void): Attachment {
  return (host) => {
    const onkeydown = (event: Event): void => {
      if (!(event instanceof KeyboardEvent) || event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      onclose();
    };
    host.addEventListener('keydown', onkeydown);
    return () => {
      host.removeEventListener('keydown', onkeydown);
      // It is out of the document by now, and the focus with it, unless that was elsewhere.
      const { activeElement, body } = document;
      if (activeElement !== null && activeElement !== body && !host.contains(activeElement)) return;
      if (opener instanceof HTMLElement && opener !== body && opener.isConnected) opener.focus();
      else fallback()?.focus();
    };
  };
}
