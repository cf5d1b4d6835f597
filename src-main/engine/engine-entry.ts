import { join } from 'node:path';
import { parentOf } from './engine-parent';
import { importInWorker } from './import-worker';
import { serveEngine } from './serve-engine';

/*
 * The engine as a process of its own, which a host starts with the workspace's folder as its argument. Only an entry
 * knows where the other entries are: what it imports is bundled into chunks elsewhere.
 */

const parent = parentOf(process);
const workspaceDir = process.argv[2];
if (parent === null || workspaceDir === undefined) {
  console.error('natscope: the engine is started by its host, with the folder of the workspace: use natscope itself.');
  process.exit(2);
}

const ending = new AbortController();
// Ctrl-C in a terminal reaches every process in it; what the host does then, it decides.
process.on('SIGINT', () => undefined);
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());

const importer = importInWorker(join(import.meta.dirname, 'import-worker-entry.js'));
// The channel to the parent would keep the process.
process.exit(await serveEngine(workspaceDir, parent, { importer, signal: ending.signal }));
