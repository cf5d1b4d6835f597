// Which packages are inside of the bundles: what is left out of the packaged app, and what its bill of materials names.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Dependencies that the bundles hold: hundreds of small modules take longer to find and load than to run. */
export const BUNDLED = ['@duckdb/node-api', 'commander', 'lossless-json', 'ws', 'zod'];

/**
 * A plugin of the build that writes down the packages of which a bundle holds something, as `["name@version"]`.
 *
 * @param {string} file
 * @returns {import('vite').Plugin}
 */
export function recordPackages(file) {
  return {
    name: 'record-packages',
    writeBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(packagesOf(modules), undefined, 2));
    },
  };
}

/** @returns {string[]} in order, each once */
function packagesOf(modules) {
  const folders = new Set(modules.flatMap((module) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module)?.[0] ?? []));
  const names = [...folders].map((folder) => {
    // Those that begin with NUL are made by plugins, out of files of the same package.
    const { name, version } = JSON.parse(readFileSync(join(folder.replace(/^\0/, ''), 'package.json'), 'utf8'));
    return `${name}@${version}`;
  });
  return [...new Set(names)].toSorted();
}
