import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { natscope } from './command';

/**
 * A built entry, such as `engine-entry`: processes and threads cannot load TypeScript.
 *
 * @returns its path, when what is built is newer than the sources
 */
export async function builtEntry(name: string): Promise<string> {
  const { code, stderr } = await natscope(['--version']);
  const path = join(import.meta.dirname, '../../out/main', `${name}.js`);
  if (code !== 0 || !existsSync(path)) throw new Error(`${path} was not built: ${stderr}`);
  return path;
}
