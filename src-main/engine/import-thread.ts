import type { MessagePort } from 'node:worker_threads';
import { toErrorShape } from '../contract/errors';
import { packEntries } from './entry-slab';
import { cancelledImport } from './import-captures';
import { ImportLink, type ImportThreadData, type ImportThreadMessage } from './import-link';
import { runTask } from './importer';

/** The import itself, in a thread of its own. It touches no database; what it finds goes through `port`. */
export async function runImportThread({ task, shared }: ImportThreadData, port: MessagePort): Promise<void> {
  const link = new ImportLink(shared);
  const say = (message: ImportThreadMessage, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  try {
    const result = await runTask(
      task,
      { isCancelled: () => link.isCancelled, onProgress: (progress) => link.report(progress) },
      (batch) => {
        if (!link.claimSend()) throw cancelledImport();
        const slab = packEntries(batch);
        say({ kind: 'entries', length: batch.length, slab }, [slab]);
      },
    );
    say({ kind: 'done', result });
  } catch (cause) {
    say({ kind: 'failed', error: toErrorShape(cause) });
  }
}
