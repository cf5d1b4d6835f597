import type { ErrorShape } from '../../src-main/contract/errors';
import type { PacketsReport } from '../../src-main/contract/packets';
import { copyText } from './clipboard';
import { errorText } from './error-text';
import { LiveRegion } from './live-region.svelte';
import { t } from './messages/catalogue';
import { noticeText } from './notice-text';
import { Toasts, type ToastAction, type ToastContent } from './toasts.svelte';

/** Tells the user what happened: to the eye in a toast, and to a screen reader in the live region. */
export class Announcer {
  readonly live = new LiveRegion();
  readonly toasts = new Toasts();

  /** To a screen reader alone: the page shows it already. */
  say(text: string): void {
    this.live.say(text);
  }

  tell(kind: ToastContent['kind'], title: string, facts = '', action?: ToastAction): void {
    this.toasts.show({ kind, title, facts, ...(action === undefined ? {} : { action }) });
    this.live.say(title);
  }

  /** @param action the way out, where there is one */
  fail(error: ErrorShape, action?: ToastAction): void {
    const { title, facts } = errorText(error);
    this.tell('danger', title, facts, action);
  }

  /**
   * @param title of so many packets that are all there
   * @param action what can be done with them
   */
  tellPackets(
    { found, notices }: PacketsReport,
    title: (count: number) => string,
    facts: string,
    action?: ToastAction,
  ): void {
    const loss = notices.find(({ kind }) => kind === 'losses' || kind === 'limited');
    const remarks = notices.filter((each) => each !== loss).map(noticeText);
    if (loss === undefined)
      this.tell('ok', title(found.packets), [facts, ...remarks].filter(Boolean).join(' '), action);
    else this.tell('danger', t.packets.incomplete, loss.text);
  }

  /**
   * @param path null for a file that the browser keeps
   * @param action what can be done with it
   */
  tellSaved(title: string, path: string | null, action?: ToastAction): void {
    this.tell('ok', title, path === null ? t.exports.byBrowser : t.exports.to(path), action);
  }

  async copy(text: string): Promise<void> {
    if (await copyText(text, clipboard())) this.say(t.value.copied(text));
    else this.tell('danger', t.value.notCopied, t.value.notCopiedWhy(text));
  }

  /** What is too long to be read out. @param done says that it was copied */
  async copyReport(text: string, done = t.who.reportCopied): Promise<void> {
    if (await copyText(text, clipboard())) this.tell('ok', done);
    else this.tell('danger', t.value.notCopied, t.value.notCopiedWhy(text));
  }
}

/** Where a page is not trusted, a browser has none for it, whatever its type says. */
function clipboard(): Clipboard | undefined {
  return navigator.clipboard;
}
