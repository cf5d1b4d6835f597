import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package, from here and from where this is built to: `out/main`, or `out/main/chunks` when several entries share it. */
const PACKAGE_FOLDERS = ['../..', '../../..'];

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** @returns the version of Natscope */
export function natscopeVersion(): string {
  return readManifest().version;
}

/** @returns the version of DuckDB, of which its package adds a release: that package is pinned exactly */
export function duckdbVersion(): string {
  const [version = ''] = (readManifest().dependencies['@duckdb/node-api'] ?? '').split('-');
  return version;
}

function readManifest(): Manifest {
  const here = dirname(fileURLToPath(import.meta.url));
  const manifests = PACKAGE_FOLDERS.map((folder) => join(here, folder, 'package.json'));
  const manifest = manifests.find((path) => existsSync(path));
  if (manifest === undefined) throw new TypeError('the package has no package.json');
  return JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
}
