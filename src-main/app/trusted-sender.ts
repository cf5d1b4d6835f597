import type { WebFrameMain } from 'electron';
import { PAGE_URL } from './page-protocol';

/** What tells who sent a message. */
export interface MessageSource {
  readonly sender: { readonly id: number };
  /** Null when the frame is gone already. */
  readonly senderFrame: Pick<WebFrameMain, 'url' | 'parent'> | null;
}

/**
 * @param windowId of the contents of our window
 * @returns whether a message comes from the top frame of our window while it shows our page
 */
export function isOurPage({ sender, senderFrame }: MessageSource, windowId: number): boolean {
  return (
    sender.id === windowId &&
    senderFrame !== null &&
    senderFrame.parent === null &&
    senderFrame.url.startsWith(PAGE_URL)
  );
}
