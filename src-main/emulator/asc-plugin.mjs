import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import asc from 'assemblyscript/asc';

const SUFFIX = '?wasm';
const cacheFolder = join(import.meta.dirname, '../../node_modules/.cache/emulator');

/** `minimal`: memory is taken and given back by hand, and nothing is collected. */
const OPTIONS = [
  ...['-O3', '--noAssert', '--runtime', 'minimal', '--importMemory', '--zeroFilledMemory'],
  // Sizes are computed with 32 bits on purpose: the module's memory has no more.
  ...['--disableWarning', '201'],
];

/**
 * A plugin of Vite: `import module from './index.ts?wasm'` gives what AssemblyScript makes of the file, as base64.
 *
 * @returns {import('vite').Plugin}
 */
export function assemblyScript() {
  return {
    name: 'assemblyscript',
    enforce: 'pre',
    resolveId(source, importer) {
      if (!source.endsWith(SUFFIX) || importer === undefined) return null;
      return join(dirname(importer), source);
    },
    async load(id) {
      if (!id.endsWith(SUFFIX)) return null;
      const entry = id.slice(0, -SUFFIX.length);
      for (const file of sourcesBeside(entry)) this.addWatchFile(file);
      const module = await compileCached(entry);
      return `export default ${JSON.stringify(module.toString('base64'))};`;
    },
  };
}

function sourcesBeside(entry) {
  const folder = dirname(entry);
  return readdirSync(folder)
    .filter((file) => /(?<!\.d)\.ts$/.test(file))
    .sort()
    .map((file) => join(folder, file));
}

/** Compiling takes seconds, and test runs start often. */
async function compileCached(entry) {
  const hash = createHash('sha256').update(JSON.stringify([asc.version, OPTIONS]));
  for (const file of sourcesBeside(entry)) hash.update(readFileSync(file));
  const cached = join(cacheFolder, `${hash.digest('hex').slice(0, 32)}.wasm`);
  if (existsSync(cached)) return readFileSync(cached);
  const module = await compile(entry);
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(`${cached}.${process.pid}`, module);
  renameSync(`${cached}.${process.pid}`, cached);
  return module;
}

async function compile(entry) {
  const files = new Map();
  const messages = [];
  const { error } = await asc.main(['entry.ts', '--outFile', 'module.wasm', ...OPTIONS], {
    readFile: (name, base) => {
      const path = join(base, name);
      const real = name === 'entry.ts' ? entry : join(dirname(entry), name);
      return existsSync(real) ? readFileSync(real, 'utf8') : existsSync(path) ? readFileSync(path, 'utf8') : null;
    },
    writeFile: (name, contents) => {
      files.set(name, contents);
    },
    listFiles: () => [],
    stderr: { write: (text) => messages.push(String(text)) },
  });
  const module = files.get('module.wasm');
  if (error !== null || module === undefined) {
    throw new Error(`${entry} does not compile:\n${messages.join('')}`, { cause: error });
  }
  return Buffer.from(module);
}
