import type { Outcome } from '../../src-main/contract/errors';
import type { HostKind, PreloadApi } from '../../src-main/contract/host-bridge';

/** How the window reaches its host, the same in Electron and in a browser. */
export interface HostBridge extends Omit<PreloadApi, 'pathOf'> {
  readonly kind: HostKind;
  /**
   * The path of a file that was dropped on the window or chosen in it. A desktop knows it; a browser host copies the
   * file into the workspace's `uploads/` and gives the copy's.
   *
   * @param onProgress octets copied so far
   */
  pathOf(file: File, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<Outcome<string>>;
  /**
   * Where a browser fetches a finished export from `tmp/exports`, once; null on a desktop, which saves it by
   * `export:save`.
   */
  downloadUrl(file: string, name: string): Promise<Outcome<string>> | null;
}
