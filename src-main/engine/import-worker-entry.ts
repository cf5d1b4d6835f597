import { parentPort, workerData } from 'node:worker_threads';
import type { ImportThreadData } from './import-link';
import { runImportThread } from './import-thread';

/* The thread of an import; `importInWorker` starts it. */

if (parentPort === null) throw new Error('this is started as a worker thread');
await runImportThread(workerData as ImportThreadData, parentPort);
