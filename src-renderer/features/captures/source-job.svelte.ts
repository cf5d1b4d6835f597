import type { Outcome } from '../../../src-main/contract/errors';
import { fileName } from '../../services/file-name';
import { copySources } from './copied-sources';

/** A file as the user gave it: a path of the engine's computer, or a file of the browser's. */
export type CaptureSource = string | File;

/** Files that go into a log together, as one run. */
export abstract class SourceJob {
  readonly id: number;
  readonly sources: readonly CaptureSource[];
  readonly names: readonly string[];
  /** Bytes copied to the host so far, of all files. */
  copiedBytes = $state(0);
  /** Once copied, or given: what the engine is told. */
  paths: readonly string[] = [];
  again = false;
  /** Ends what runs for it now. */
  stop: () => void = () => undefined;

  constructor(id: number, sources: readonly CaptureSource[]) {
    this.id = id;
    this.sources = sources;
    this.names = sources.map((source) => (typeof source === 'string' ? fileName(source) : source.name));
  }

  get copyBytes(): number {
    return this.sources.reduce((sum, source) => sum + (typeof source === 'string' ? 0 : source.size), 0);
  }

  /** Whether all files are where the engine can read them. */
  get isCopied(): boolean {
    return this.paths.length === this.sources.length;
  }

  /** Copies the files to the host that it does not have. */
  async copy(host: Parameters<typeof copySources>[0]): Promise<Outcome<readonly string[]>> {
    const abort = new AbortController();
    this.stop = () => abort.abort();
    const copied = await copySources(
      host,
      this.sources,
      (bytes) => {
        this.copiedBytes = bytes;
      },
      abort.signal,
    );
    if (copied.ok) this.paths = copied.value;
    return copied;
  }
}
