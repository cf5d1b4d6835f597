// npm test [-- suite…]: installs, builds, runs the suites and ends with `N passed, N failed, N skipped` over all of them.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PrepareError, prepare, root } from './prepare.mjs';
import {
  addUp,
  checkCounts,
  checkFailures,
  playwrightCounts,
  playwrightFailures,
  vitestCounts,
  vitestFailures,
} from './test-results.mjs';

const outputFolder = join(root, 'test-output');

/** In the order they run; `budgetSec` is what two cores should need, so a suite that grows slow is seen. */
const SUITES = {
  check: { budgetSec: 200, args: ['src-main/launch/check.mjs'], count: checkCounts, failures: checkFailures },
  unit: { budgetSec: 240, args: vitestArgs('unit'), count: vitestCounts, failures: failuresOfVitest },
  integration: { budgetSec: 300, args: vitestArgs('integration'), count: vitestCounts, failures: failuresOfVitest },
  e2e: {
    budgetSec: 420,
    args: ['node_modules/@playwright/test/cli.js', 'test', '--config', 'test/e2e/playwright.config.ts'],
    count: playwrightCounts,
    failures: playwrightFailures,
  },
};

function vitestArgs(suite) {
  return [
    ...['node_modules/vitest/vitest.mjs', 'run', '--config', `test/${suite}.config.ts`],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${join(outputFolder, `${suite}.json`)}`],
  ];
}

function failuresOfVitest(result) {
  return vitestFailures(result, join(root, 'test'));
}

async function runSuite(name) {
  const { args, count, failures, budgetSec } = SUITES[name];
  const resultPath = join(outputFolder, `${name}.json`);
  rmSync(resultPath, { force: true });
  console.log(`\n== ${name}`);
  const startedMs = performance.now();
  const env = { ...process.env, TZ: 'UTC' };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const exitCode = await new Promise((done) => {
    child.on('error', () => done(1));
    child.on('close', (code) => done(code ?? 1));
  });
  const seconds = (performance.now() - startedMs) / 1000;
  const result = existsSync(resultPath) ? JSON.parse(readFileSync(resultPath, 'utf8')) : undefined;
  const counts = count(result, exitCode);
  console.log(`== ${name}: ${counts.passed} passed, ${counts.failed} failed, ${seconds.toFixed(1)} s`);
  if (seconds > budgetSec) console.log(`== WARNING: ${name} is over its budget of ${budgetSec} s`);
  return { counts, failures: failures(result).map((failure) => `${name} › ${failure}`) };
}

/** In CI, where we are root on a machine of our own, the Debian programs that tests compare with are installed. */
function ensureTools() {
  if (process.env.CI !== 'true' || process.getuid?.() !== 0) return;
  const tools = JSON.parse(readFileSync(join(root, 'test/support/tools.json'), 'utf8'));
  const missing = Object.keys(tools).filter((name) => !isOnPath(name));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((name) => tools[name].package))];
  console.log(`Installing ${packages.join(', ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, encoding: 'utf8', timeout: 300_000 };
  const updated = spawnSync('apt-get', ['update', '-q'], options);
  const installed = spawnSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], options);
  if (installed.status === 0) return;
  console.log(`${updated.stderr ?? ''}${installed.stderr ?? ''}`);
  console.log(`Could not install ${packages.join(', ')}; the tests that need them are skipped.`);
}

function isOnPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SUITES);
const unknown = names.filter((name) => !Object.hasOwn(SUITES, name));
if (unknown.length > 0) {
  console.error(`No such suite: ${unknown.join(', ')}. There are: ${Object.keys(SUITES).join(', ')}.`);
  process.exit(2);
}

mkdirSync(outputFolder, { recursive: true });
let totals;
try {
  await prepare();
  ensureTools();
  const results = [];
  for (const name of names) results.push(await runSuite(name));
  totals = addUp(results.map((result) => result.counts));
  const failures = results.flatMap((result) => result.failures);
  // Told again, as what a suite printed may be thousands of lines above.
  if (failures.length > 0) console.log(`\nFailed:\n\n${failures.join('\n\n')}`);
} catch (error) {
  if (!(error instanceof PrepareError)) throw error;
  console.error(error.message);
  totals = { passed: 0, failed: 1, skipped: 0 };
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
