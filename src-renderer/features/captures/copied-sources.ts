import type { Outcome } from '../../../src-main/contract/errors';
import type { Engine } from '../../services/engine-connection.svelte';
import type { HostBridge } from '../../services/host-bridge';
import type { CaptureSource } from './source-job.svelte';

/**
 * Gets files to where the engine can read them; those that are given by their paths are there. Of what is copied before
 * another one cannot be, nothing stays.
 *
 * @param onProgress octets copied so far, of all files
 * @returns their paths at the engine
 */
export async function copySources(
  { engine, bridge }: { readonly engine: Engine; readonly bridge: HostBridge },
  sources: readonly CaptureSource[],
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Outcome<readonly string[]>> {
  const paths: string[] = [];
  let before = 0;
  for (const source of sources) {
    if (typeof source === 'string') {
      paths.push(source);
      continue;
    }
    const start = before;
    const outcome = await bridge.pathOf(source, (bytes) => onProgress(start + bytes), signal);
    if (!outcome.ok) {
      if (paths.length > 0) void engine.call('upload:discard', { captures: paths });
      return outcome;
    }
    paths.push(outcome.value);
    before += source.size;
  }
  return { ok: true, value: paths };
}
