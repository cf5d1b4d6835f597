import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as electron from './electron.mjs';
import { boot, mainEvaluated } from './boot.mjs';

Object.assign(globalThis, { [Symbol.for('natscope.standin')]: { ...electron } });

const argv = process.argv.slice(2);
const { main, root } = findApp(argv.find((argument) => !argument.startsWith('-')) ?? '.');
process.argv = [/** @type {string} */ (process.argv[0]), ...argv];
const manifest = createRequire(import.meta.url).resolve('electron/package.json');
const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
Object.defineProperties(process, { type: { value: 'browser' }, resourcesPath: { value: join(root, 'resources') } });
Object.defineProperty(process.versions, 'electron', { value: version, enumerable: true });

boot({ root });
// Ready fires only once the main module is evaluated, so that awaiting it at the top level hangs here as it does there.
await import(pathToFileURL(main).href);
mainEvaluated();

/** @param {string} entry a folder with a package.json, or a file below one */
function findApp(entry) {
  const path = resolve(entry);
  if (statSync(path).isDirectory()) {
    const { main: file } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    return { main: resolve(path, file ?? 'index.js'), root: path };
  }
  let folder = dirname(path);
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return { main: path, root: folder };
}
