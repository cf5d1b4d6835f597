import type { Readable } from 'node:stream';

const MAX_LINES = 20;
const MAX_CHARACTERS = 4000;

/** The last lines of what a process printed, however much that was. */
export class OutputTail {
  /** Settles when no more can come. */
  readonly ended: Promise<void>;
  #text = '';

  constructor(stream: Readable | null) {
    if (stream === null) {
      this.ended = Promise.resolve();
      return;
    }
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      this.#text = (this.#text + text).slice(-MAX_CHARACTERS);
    });
    this.ended = new Promise((resolve) => {
      stream.once('close', resolve);
      stream.once('error', () => resolve());
    });
  }

  /** At most twenty lines and 4,000 characters; empty when nothing was printed. */
  get text(): string {
    return this.#text.trimEnd().split('\n').slice(-MAX_LINES).join('\n');
  }
}
