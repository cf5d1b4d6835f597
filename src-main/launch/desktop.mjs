// Finds the program that shows Natscope's window, fetches it once where it is missing, and runs it.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const EXECUTABLES = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };
/** Some 110 MB: a line with 8 Mbit/s needs as long as this. */
const FETCH_MS = 120_000;
/** A network that refused it will not have changed at the next start. */
const REMEMBER_MS = 24 * 3_600_000;
/** Enough of what the script said last to find why it ended. */
const LAST_WORDS = 4_096;

const FETCH_HELP = `To have the window: set ELECTRON_MIRROR to a mirror of Electron's releases (https://mirror.example/electron/, with the
last slash), or ELECTRON_OVERRIDE_DIST_PATH to a folder with an unpacked Electron; then start again.`;

/** Variables that decide whether fetching may go better than the last time, as Electron's script and Node read them. */
const FETCH_VARIABLE =
  /^(?:(?:npm_config_|npm_package_config_)?electron_(?:mirror|custom_?dir|custom_?filename|custom_?version)|electron_get_use_proxy|https?_proxy|no_proxy|node_extra_ca_certs)$/i;
/** Where the script looks for a mirror, in its order: the first two are what npm makes of `.npmrc`. */
const MIRROR_VARIABLES = [
  ...['npm_config_electron_mirror', 'NPM_CONFIG_ELECTRON_MIRROR', 'npm_package_config_electron_mirror'],
  'ELECTRON_MIRROR',
];

/**
 * The app with a window of its own; the shape that the command expects.
 *
 * @param {{
 *   root: string, env: Record<string, string | undefined>, platform: string, nowMs: () => number,
 *   tell: (text: string) => void, fetchMs?: number,
 * }} options `root` is the folder of the package; `tell` is given whole lines
 */
export function createDesktop({ root, env, platform, nowMs, tell, fetchMs = FETCH_MS }) {
  const isShown = platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
  return {
    hasDisplay: isShown,
    find: async ({ insist }) => {
      if (!isShown) return refusal('there is no display: DISPLAY and WAYLAND_DISPLAY are not set');
      const name = EXECUTABLES[platform] ?? 'electron';
      const override = env.ELECTRON_OVERRIDE_DIST_PATH;
      if (override) {
        const executable = join(override, name);
        return existsSync(executable)
          ? { executable }
          : refusal(`ELECTRON_OVERRIDE_DIST_PATH has no ${name}: ${executable} does not exist`);
      }
      const folder = electronFolder(root);
      if (folder === null) return refusal('the package "electron" is not installed', FETCH_HELP);
      const executable = join(folder, 'dist', name);
      if (existsSync(executable)) return { executable };
      const failed = await fetchOnce({ root, env, folder, nowMs, tell, fetchMs, insist });
      if (failed !== null) return failed;
      return existsSync(executable) ? { executable } : refusal(`Electron's own install script left no ${executable}`);
    },
    run: (executable, args, tellError) => runApp(executable, [root, ...args], env, tellError),
  };
}

function refusal(why, help = null) {
  return { why, help };
}

function electronFolder(root) {
  try {
    return dirname(createRequire(join(root, 'package.json')).resolve('electron/package.json'));
  } catch {
    return null;
  }
}

/** @returns {Promise<object | null>} why Electron could not be fetched, now or shortly before; null when it was */
async function fetchOnce({ root, env, folder, nowMs, tell, fetchMs, insist }) {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const attempt = attemptDigest(version, env);
  const record = join(root, 'node_modules', '.cache', 'natscope', 'electron-fetch.json');
  const before = insist ? null : readRecord(record);
  if (before !== null && nowMs() - before.failedMs < REMEMBER_MS && before.attempt === attempt) {
    return refusal(`${before.why}; it is tried again a day later, or with --desktop`, FETCH_HELP);
  }
  tell(`Fetching Electron ${version} (once, some 110 MB) …\n`);
  const why = await runInstaller(folder, env, fetchMs);
  keepRecord(record, why === null ? null : { failedMs: nowMs(), why, attempt });
  return why === null ? null : refusal(why, FETCH_HELP);
}

/** Of a fetch, so that the same one is not tried soon again. A digest, since mirrors and proxies can hold passwords. */
function attemptDigest(version, env) {
  const settings = Object.entries(env).filter(([name, value]) => FETCH_VARIABLE.test(name) && value);
  return createHash('sha256')
    .update(JSON.stringify([version, settings.toSorted()]))
    .digest('hex');
}

/** @returns {{ failedMs: number, why: string, attempt: string } | null} null for a record that is missing or unreadable */
function readRecord(path) {
  try {
    const record = JSON.parse(readFileSync(path, 'utf8'));
    return typeof record.failedMs === 'number' && typeof record.why === 'string' ? record : null;
  } catch {
    return null;
  }
}

/** Not to remember costs another attempt, no more: an installed package may lie where nothing can be written. */
function keepRecord(path, record) {
  try {
    if (record === null) {
      rmSync(path, { force: true });
      return;
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(record));
  } catch {
    // See above.
  }
}

/** Electron's own script: it knows mirrors, proxies and checksums. @returns {Promise<string | null>} why it failed */
async function runInstaller(folder, env, fetchMs) {
  const child = spawn(process.execPath, [join(folder, 'install.js')], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said = lastLines(`${said}${text}`);
  });
  let isLate = false;
  const giveUp = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, fetchMs);
  const how = await new Promise((done) => {
    child.on('error', (error) => done(error.message));
    child.on('exit', (code, signal) => done(code === 0 ? null : (signal ?? `exit code ${code}`)));
  });
  clearTimeout(giveUp);
  if (how === null) return null;
  if (isLate) return `Electron could not be fetched within ${Math.round(fetchMs / 1000)} s`;
  const lines = said.split('\n').filter((each) => !/^(?:\(node:\d+\) )?\w*Warning:/.test(each));
  const line = lines.find((each) => /error|fail|refused/i.test(each));
  return `Electron could not be fetched: ${explain((line ?? how).trim(), env)}`;
}

/** Of a text that is too long, the whole lines at its end. */
function lastLines(text) {
  if (text.length <= LAST_WORDS) return text;
  const tail = text.slice(-LAST_WORDS);
  return tail.slice(tail.indexOf('\n') + 1);
}

/** Node says of every failed connection that a fetch has failed, and leaves out what was asked for. */
function explain(line, env) {
  return /\bfetch failed$/.test(line) ? `${hostAskedFor(env)} cannot be reached` : line;
}

/** @returns {string} the host of the mirror, or GitHub's, without what else its address holds */
function hostAskedFor(env) {
  const mirror = MIRROR_VARIABLES.map((name) => env[name]).find(Boolean) ?? 'https://github.com/';
  return URL.canParse(mirror) ? new URL(mirror).host : mirror;
}

function runApp(executable, args, env, tellError) {
  // It would make Electron a plain Node, which has no window.
  const appEnv = { ...env };
  delete appEnv.ELECTRON_RUN_AS_NODE;
  const child = spawn(executable, args, { env: appEnv, stdio: ['ignore', 'inherit', 'pipe'] });
  let lastText = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    tellError(text);
    lastText = text;
  });
  const ended = new Promise((done) => {
    const end = (how) => {
      // Whatever is told next begins a line.
      if (lastText !== '' && !lastText.endsWith('\n')) tellError('\n');
      done({ how, hasSpoken: lastText !== '' });
    };
    child.on('error', (error) => end(`an error before its start (${error.message})`));
    child.on('close', (code, signal) => {
      if (code === 0) end(null);
      else end(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
  return { ended, end: () => child.kill('SIGTERM') };
}
