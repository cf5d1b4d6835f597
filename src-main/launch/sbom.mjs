// npm run sbom: writes the bill of materials of what ships, as CycloneDX, to out/sbom.cdx.json. Natscope has to be built.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLED } from './bundled-packages.mjs';
import { root } from './prepare.mjs';

const BUNDLES = ['main', 'preload', 'renderer'];

const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** @returns {Set<string>} packages of the lock file that are in node_modules: not those of other platforms */
function presentPackages() {
  const paths = Object.entries(readJson('package-lock.json').packages);
  const present = paths.filter(([path]) => path !== '' && existsSync(join(root, path)));
  return new Set(
    present.map(([path, { name, version }]) => `${name ?? path.split('node_modules/').at(-1)}@${version}`),
  );
}

/**
 * What npm knows of all that is installed. It is asked for the lock file, which is what was installed: of the folder itself
 * it gives no bill when that is a link, or has another package beside it.
 */
function installed() {
  const npm = process.env.npm_execpath;
  const args = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
  const [program, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const options = { cwd: root, maxBuffer: 2 ** 26, encoding: 'utf8' };
  const bill = JSON.parse(execFileSync(program, [...first, ...args, '--loglevel', 'error'], options));
  const present = presentPackages();
  const components = bill.components.filter((component) => present.has(component['bom-ref']));
  const known = new Set([bill.metadata.component['bom-ref'], ...components.map((component) => component['bom-ref'])]);
  const dependencies = bill.dependencies
    .filter(({ ref }) => known.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((reference) => known.has(reference)) }));
  return { ...bill, components, dependencies };
}

/** @returns {Set<string>} a package and all that it depends on, as references of the bill */
function closure(references, dependencies) {
  const found = new Set(references);
  for (const reference of found) for (const next of dependencies.get(reference) ?? []) found.add(next);
  return found;
}

/**
 * @param {{ metadata: { component: object }, components: { 'bom-ref': string, name: string }[],
 *   dependencies: { ref: string, dependsOn?: string[] }[] }} bill of all that is installed
 * @param {string[]} bundled packages inside of the bundles, `name@version`
 * @param {string[]} beside names of those that ship as they are, with what they depend on
 */
export function shippedBill(bill, bundled, beside) {
  const dependencies = new Map(bill.dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
  const whole = bill.components.filter(({ name }) => beside.includes(name)).map((component) => component['bom-ref']);
  const shipped = closure(whole, dependencies);
  for (const reference of bundled) shipped.add(reference);
  // It ships as a program; what it depends on only fetches it.
  for (const component of bill.components) if (component.name === 'electron') shipped.add(component['bom-ref']);
  const components = bill.components
    .filter((component) => shipped.has(component['bom-ref']))
    // That it is for development is said of how it is installed, and not of where it ends.
    .map((component) => ({ ...component, scope: 'required', properties: [] }));
  const own = bill.metadata.component['bom-ref'];
  return {
    ...bill,
    metadata: { ...bill.metadata, component: { ...bill.metadata.component, type: 'application', name: 'natscope' } },
    components,
    dependencies: [
      { ref: own, dependsOn: components.map((component) => component['bom-ref']) },
      ...components.map((component) => ({
        ref: component['bom-ref'],
        dependsOn: (dependencies.get(component['bom-ref']) ?? []).filter((reference) => shipped.has(reference)),
      })),
    ],
  };
}

if (process.argv[1] === import.meta.filename) {
  const bundled = BUNDLES.flatMap((name) => readJson(`out/packages/${name}.json`));
  const beside = Object.keys(readJson('package.json').dependencies).filter((name) => !BUNDLED.includes(name));
  const bill = shippedBill(installed(), bundled, beside);
  writeFileSync(join(root, 'out/sbom.cdx.json'), `${JSON.stringify(bill, undefined, 2)}\n`);
  console.log(`out/sbom.cdx.json: ${bill.components.length} components`);
}
