// The command in one file, and what V8 compiled of it at the build. Finding, reading and compiling its modules one by one took
// a third of what a short command takes.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

const commandPath = (root) => join(root, 'out/main/cli.cjs');
const codePath = (root) => join(root, 'out/main/cli.code');

/**
 * @param {string} root
 * @returns {Promise<{ main: (...args: any[]) => any }>} the command: out of its one file, where that was made
 */
export async function loadCommand(root) {
  return existsSync(commandPath(root)) ? runCommandFile(root).exports : import('../../out/main/cli.js');
}

/**
 * Runs the file as `require` would, but with the code that is kept for it, and without `import()`: all it needs is inside. Code of another version of V8, or for other flags,
 * is no code: V8 finds that out, and compiles as ever.
 *
 * @param {string} root
 * @returns {{ exports: { main: (...args: any[]) => any }, script: Script }}
 */
export function runCommandFile(root) {
  const filename = commandPath(root);
  const source = readFileSync(filename, 'utf8');
  const cachedData = existsSync(codePath(root)) ? readFileSync(codePath(root)) : undefined;
  const wrapped = `(function (exports, require, module, __filename, __dirname) { ${source}\n})`;
  const script = new Script(wrapped, { filename, cachedData });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(filename), module, filename, dirname(filename));
  return { exports: module.exports, script };
}

/**
 * Keeps what V8 has compiled of the file so far, which is more than it compiles at first: functions when they are called.
 *
 * @param {string} root
 * @param {Script} script
 */
export function keepCode(root, script) {
  const path = codePath(root);
  writeFileSync(`${path}.new`, script.createCachedData());
  renameSync(`${path}.new`, path);
}
