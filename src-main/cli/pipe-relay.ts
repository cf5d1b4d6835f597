import { relayPipes, type PipeRelay } from '../engine/pipe-relay';
import { isPipe } from '../engine/pipe-source';
import type { EngineSession } from './engine-session';

/**
 * Runs a call with what it needs to read standard input and pipes. The engine of another process has another standard
 * input, and other pipes, such as the `/dev/fd/63` of this process alone: it is sent what comes from ours.
 *
 * @param run is given no streams where the engine reads for itself
 */
export async function withPipes<T>(
  engine: Pick<EngineSession, 'isHere'>,
  paths: readonly string[],
  run: (streams: PipeRelay['streams'] | undefined) => Promise<T>,
): Promise<T> {
  if (engine.isHere) return run(undefined);
  const relay = await relayPipes(paths.filter(isPipe).map((capture) => ({ capture, socketPath: null })));
  try {
    return await Promise.race([run(relay.streams), relay.fault]);
  } finally {
    relay.close();
  }
}
