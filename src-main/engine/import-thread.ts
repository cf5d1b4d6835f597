import type { MessagePort } from 'node:worker_threads';
import { toErrorShape } from '../contract/errors';
import type { GatewayEventBatch } from '../contract/gateway-event';
import type { LogEntryBatch } from '../contract/log-entry';
import { packBatch } from './batch-slab';
import { cancelledImport } from './import-captures';
import { ImportLink, type ImportThreadData, type ImportThreadMessage } from './import-link';
import { runTask } from './importer';

/** The import itself, in a thread of its own. It touches no database; what it finds goes through `port`. */
export async function runImportThread({ task, shared, isLive }: ImportThreadData, port: MessagePort): Promise<void> {
  const link = new ImportLink(shared);
  const say = (message: ImportThreadMessage, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  const send = (kind: 'entries' | 'events', batch: LogEntryBatch | GatewayEventBatch): void => {
    if (!link.claimSend()) throw cancelledImport();
    const slab = packBatch(batch);
    say({ kind, length: batch.length, slab }, [slab]);
  };
  try {
    const result = await runTask(
      task,
      {
        isCancelled: () => link.isCancelled,
        onProgress: (progress) => link.report(progress),
        live: isLive
          ? {
              isEnding: () => link.isEnding,
              sealMs: () => link.sealMs,
              onSealed: (soFar) => {
                say({ kind: 'sealed', result: soFar });
                return Promise.resolve();
              },
            }
          : undefined,
      },
      {
        entries: (batch) => send('entries', batch),
        events: (batch) => send('events', batch),
      },
    );
    say({ kind: 'done', result });
  } catch (cause) {
    say({ kind: 'failed', error: toErrorShape(cause) });
  }
}
