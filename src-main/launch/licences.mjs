// Fails when a package that ships with Natscope has a licence that was not looked at, or any has an install script.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

/** Licences whose terms an Apache-2.0 program can meet without doing more than keeping their notices. */
const ALLOWED = ['Apache-2.0', 'MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'Zlib'];

/**
 * @param {Record<string, { dev?: boolean, optional?: boolean, license?: string }>} packages of package-lock.json
 * @param {(path: string) => string | undefined} installedLicence licence in the installed package.json, or undefined
 * @returns {string[]} one sentence for each production package whose licence is not allowed
 */
export function licenceFaults(packages, installedLicence) {
  return Object.entries(packages)
    .filter(([path, entry]) => path !== '' && !entry.dev)
    .flatMap(([path, entry]) => {
      // Bindings for other platforms are not installed here; the lock file knows their licence too.
      const licence = installedLicence(path) ?? (entry.optional ? entry.license : undefined);
      return licence !== undefined && isAllowed(licence)
        ? []
        : [`${path}: ${licence ?? 'no licence, or not installed'}`];
    });
}

/** @returns {string[]} the packages that would run a program of theirs during `npm ci` */
export function installScripts(packages) {
  return Object.entries(packages)
    .filter(([, entry]) => entry.hasInstallScript)
    .map(([path]) => path);
}

/** Understands SPDX expressions as packages write them: alternatives with OR, sums with AND, one level of brackets. */
export function isAllowed(expression) {
  return expression
    .split(/\s+OR\s+/)
    .some((alternative) => alternative.split(/\s+AND\s+/).every((id) => ALLOWED.includes(id.replace(/[()]/g, ''))));
}

function readInstalledLicence(path) {
  const manifest = join(root, path, 'package.json');
  if (!existsSync(manifest)) return undefined;
  const { license } = JSON.parse(readFileSync(manifest, 'utf8'));
  return typeof license === 'string' ? license : license?.type;
}

if (process.argv[1] === import.meta.filename) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const faults = process.argv.includes('--install-scripts')
    ? installScripts(packages).map((path) => `${path} has an install script`)
    : licenceFaults(packages, readInstalledLicence);
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
