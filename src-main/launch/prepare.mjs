import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCommand } from './command-file.mjs';
import { createDesktop } from './desktop.mjs';
import {
  buildStamp,
  installStamp,
  isBuilt,
  isInstalled,
  isInstalledByNpm,
  lockDigest,
  PrepareError,
} from './freshness.mjs';
import { withLock } from './lock.mjs';

export { PrepareError };

/** The repository, or the folder of the installed package. */
export const root = realpathSync(resolve(dirname(fileURLToPath(import.meta.url)), '../..'));

const OLDEST_NODE = [20, 19];

/** Ends the process with a sentence instead of a syntax error from deep inside. */
export function ensureNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  console.error(`Natscope needs Node.js ${OLDEST_NODE.join('.')} or later; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Installs the packages when node_modules is not what package-lock.json says. */
export async function ensureInstalled() {
  if (isInstalled(root)) return;
  await alone(install);
}

async function install() {
  if (isInstalled(root)) return;
  if (!isInstalledByNpm(root)) {
    console.error('Installing packages (once) …');
    rmSync(installStamp(root), { force: true });
    const npm = npmCommand();
    await run('npm ci', npm.file, [...npm.args, 'ci', '--include=dev', '--no-audit', '--no-fund'], npm.options);
  }
  mkdirSync(dirname(installStamp(root)), { recursive: true });
  writeFileSync(installStamp(root), lockDigest(root));
}

/** Installs or builds, while no other process does. @throws {PrepareError} where this user may not write what is out of date */
async function alone(work) {
  try {
    await withLock(lockPath(), work, tellWaiting);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
    throw new PrepareError(
      `${error.path} cannot be written (${error.code}), and what is installed or built in ${root} is older than its sources: run natscope once as somebody who may write there.`,
    );
  }
}

/** Builds the bundles when a source is newer than they are. */
async function ensureBuilt() {
  if (isBuilt(root)) return;
  await alone(build);
}

async function build() {
  if (isBuilt(root)) return;
  console.error('Building …');
  rmSync(buildStamp(root), { force: true });
  const startedAt = new Date();
  const bundler = join(root, 'node_modules/electron-vite/bin/electron-vite.js');
  await run('The build', process.execPath, [bundler, 'build', '--logLevel', 'warn']);
  // What was saved while the build ran may not be in it, so the stamp bears the time of the start.
  writeFileSync(buildStamp(root), '');
  utimesSync(buildStamp(root), startedAt, startedAt);
}

/** Everything that must be there before the bundles in out/ are imported. An installed package is complete as it is. */
export async function prepare() {
  ensureNode();
  if (!existsSync(join(root, 'src-main/cli'))) return;
  await ensureInstalled();
  await ensureBuilt();
}

/** npm runs scripts in the package's folder; paths on the command line are relative to where the user stands. */
function enterUserFolder() {
  const { npm_lifecycle_event: script, npm_package_json: manifest, INIT_CWD: userFolder } = process.env;
  const isOurScript = (script === 'start' || script === 'natscope') && manifest === join(root, 'package.json');
  if (isOurScript && userFolder && realpathSync(process.cwd()) === root) process.chdir(userFolder);
}

function lockPath() {
  mkdirSync(join(root, 'out'), { recursive: true });
  return join(root, 'out', '.preparing');
}

function tellWaiting() {
  console.error('Another Natscope is installing or building; waiting for it …');
}

/** The npm that started us, else the one on the path. */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script && /npm-cli\.c?js$/.test(script)) return { file: process.execPath, args: [script], options: {} };
  // On Windows npm is a batch file, which only a shell can start; the arguments are ours and need no quoting.
  return { file: 'npm', args: [], options: { shell: process.platform === 'win32' } };
}

/** Runs a program quietly: standard output belongs to the command, and what was printed matters when it failed. */
async function run(what, file, args, options = {}) {
  const env = { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) };
  const child = spawn(file, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const ended = await new Promise((done) => {
    child.on('error', (error) => done(error.message));
    child.on('close', (code, signal) => done(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  if (ended === undefined) return;
  process.stderr.write(Buffer.concat(output));
  throw new PrepareError(`${what} failed (${ended}); see above.`);
}

/**
 * Prepares, then runs the command of the bundles and leaves its exit code.
 *
 * @param {string[]} argv without the program's name
 */
export async function runCommand(argv) {
  try {
    await prepare();
  } catch (error) {
    if (!(error instanceof PrepareError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
    return;
  }
  enterUserFolder();
  const { main } = await loadCommand(root);
  const desktop = createDesktop({
    root,
    env: process.env,
    platform: process.platform,
    nowMs: Date.now,
    tell: (text) => process.stderr.write(text),
  });
  // What is left out is the process itself, and the engine of this build.
  process.exitCode = await main(argv, undefined, undefined, desktop);
}
