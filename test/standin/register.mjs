// Lets `electron` mean the stand-in, for import as for require (Playwright's evaluate uses the latter).
import Module, { register } from 'node:module';
import { pathToFileURL } from 'node:url';

const standinUrl = new URL('./electron.mjs', import.meta.url).href;
const NAMES = ['electron', 'electron/main', 'electron/common'];

/** Where run.mjs leaves the loaded module: an ES module cannot be required on the oldest Node that is supported. */
const LOADED = Symbol.for('natscope.standin');

/** @typedef {(id: string, ...rest: unknown[]) => unknown} Load */
const loader = /** @type {{ _load: Load }} */ (/** @type {unknown} */ (Module));
const load = loader._load;
/** @this {unknown} @param {string} id @param {unknown[]} rest */
loader._load = function (id, ...rest) {
  if (!NAMES.includes(id)) return load.call(this, id, ...rest);
  const loaded = /** @type {Record<symbol, unknown>} */ (/** @type {unknown} */ (globalThis))[LOADED];
  if (loaded === undefined) throw new Error(`stand-in: ${id} is required before it is there`);
  return loaded;
};

const hooks = `export async function resolve(specifier, context, next) {
  if (${JSON.stringify(NAMES)}.includes(specifier)) return { url: ${JSON.stringify(standinUrl)}, shortCircuit: true };
  return next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`, pathToFileURL('./'));
