import type { Page, WebSocketRoute } from '@playwright/test';
import { FrameReader, type Frame } from '../../src-main/contract/frame-codec';
import { textCoder } from '../../src-main/engine/protocol/text-coder';

/**
 * The connection between the page and its engine, which can be held still: what runs then goes on at the engine, and the
 * page stays as it is for as long as it is looked at. Browser host only.
 */
export class HeldWire {
  #isHeld = false;
  #isLast: ((frame: Frame) => boolean) | null = null;
  #kept: (() => void)[] = [];
  #isBridgeCut = false;
  readonly #bridges = new Set<WebSocketRoute>();

  /** Loads the page again, since a connection can only be routed from its beginning. */
  async attach(page: Page): Promise<void> {
    await page.routeWebSocket(/\/engine$/, (route) => {
      const engine = route.connectToServer();
      const reader = new FrameReader(textCoder);
      engine.onMessage((message) => {
        this.#pass(() => route.send(message));
        const frames = typeof message === 'string' ? [] : reader.push(message);
        if (frames.some((frame) => this.#isLast?.(frame) ?? false)) this.hold();
      });
    });
    await page.routeWebSocket(/\/bridge$/, (route) => {
      if (this.#isBridgeCut) {
        void route.close();
        return;
      }
      route.connectToServer();
      this.#bridges.add(route);
    });
    await page.reload();
  }

  /** From now on the page hears nothing of its engine. */
  hold(): void {
    this.#isHeld = true;
    this.#isLast = null;
  }

  /** As `hold`, behind the first frame that `isLast` is true of. */
  holdBehind(isLast: (frame: Frame) => boolean): void {
    this.#isLast = isLast;
  }

  /** The page hears what it has missed. */
  release(): void {
    this.#isHeld = false;
    for (const pass of this.#kept.splice(0)) pass();
  }

  /** The host is gone for the page, and does not come back. */
  async cutBridge(): Promise<void> {
    this.#isBridgeCut = true;
    for (const route of this.#bridges) await route.close();
  }

  #pass(pass: () => void): void {
    if (this.#isHeld) this.#kept.push(pass);
    else pass();
  }
}

/** Whether a frame is an event with a payload that `isLast` is true of. */
export function isEvent(
  name: string,
  isLast: (payload: Readonly<Record<string, unknown>>) => boolean,
): (frame: Frame) => boolean {
  return (frame) =>
    frame.kind === 'event' && frame.name === name && isLast(frame.payload as Readonly<Record<string, unknown>>);
}
