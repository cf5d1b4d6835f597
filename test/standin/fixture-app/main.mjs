// A small Electron app, on which the stand-in is tried. Nothing in it knows that it does not run under Electron.
import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  protocol,
  session,
  shell,
  utilityProcess,
} from 'electron';

const here = import.meta.dirname;
const preferences = JSON.parse(process.env.FIXTURE_PREFERENCES ?? '{}');
const happened = [];
/** What tests read by `evaluate`. */
globalThis.fixture = { happened };

protocol.registerSchemesAsPrivileged([
  { scheme: 'fix', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
]);

const CSP = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-src 'self'";
const PAGE = `<!doctype html><title>Fixture</title><script src="/page.js"></script><p>Here</p>
  <input type="file" id="file"><a id="away" href="${process.env.FIXTURE_AWAY ?? 'https://away.invalid/'}">away</a>
  <a id="blank" target="_blank" href="fix://app/other">blank</a><iframe src="/frame"></iframe>`;
const ANSWERS = {
  '/': () => new Response(PAGE, { headers: { 'content-type': 'text/html', 'content-security-policy': CSP } }),
  '/frame': () => new Response('<p>Frame</p>', { headers: { 'content-type': 'text/html' } }),
  '/page.js': () => new Response('window.ran = true;', { headers: { 'content-type': 'text/javascript' } }),
  '/streamed': () => new Response(parts(), { status: 203, headers: { 'x-fixture': 'yes' } }),
  '/echo': async (request) => new Response(`${request.method} ${await request.text()}`),
};

function parts() {
  const texts = ['one ', 'two ', 'three'];
  return new ReadableStream({
    pull(controller) {
      const text = texts.shift();
      if (text === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(text));
    },
  });
}

function openWindow() {
  const window = new BrowserWindow({
    ...{ width: 900, height: 640, show: false },
    webPreferences: { preload: join(here, 'preload.cjs'), ...preferences },
  });
  window.once('ready-to-show', () => window.show());
  window.once('closed', () => happened.push('closed'));
  const contents = window.webContents;
  contents.setWindowOpenHandler(({ url }) => {
    happened.push(`open ${url}`);
    void shell.openExternal(url);
    return { action: process.env.FIXTURE_POPUPS ?? 'deny' };
  });
  contents.on('preload-error', (_event, path) => happened.push(`preload ${path}`));
  contents.on('will-navigate', (event, url) => {
    happened.push(`navigate ${url}`);
    if (process.env.FIXTURE_NAVIGATION !== 'allow') event.preventDefault();
  });
  void window.loadURL('fix://app/');
}

function answerCalls() {
  ipcMain.handle('echo', (_event, value) => value);
  ipcMain.handle('sender', ({ senderFrame }) => ({
    url: senderFrame.url,
    origin: senderFrame.origin,
    parentUrl: senderFrame.parent?.url ?? null,
  }));
  ipcMain.handle('fail', () => {
    throw new RangeError('on purpose');
  });
  ipcMain.handle('unclonable', () => ({ method() {} }));
  ipcMain.on('said', (event, ...args) => event.reply('answered', args));
  // Each number that comes in goes back doubled, and a port of its own carries the sum.
  ipcMain.on('port', ({ ports: [port], sender }) => {
    const { port1, port2 } = new MessageChannelMain();
    port.on('message', ({ data }) => {
      port.postMessage(data.map((each) => each * 2));
      port1.postMessage({ sum: data.reduce((sum, each) => sum + each, 0) });
    });
    port.on('close', () => happened.push('port closed'));
    port.start();
    sender.postMessage('sums', null, [port2]);
  });
  ipcMain.handle('fork', (_event, argument) => runChild(argument));
}

function runChild(argument) {
  const child = utilityProcess.fork(join(here, 'child.mjs'), [argument], { stdio: 'pipe', serviceName: 'fixture' });
  globalThis.fixture.child = child;
  const result = { messages: [], stdout: '', stderr: '' };
  child.stdout.on('data', (text) => (result.stdout += text));
  child.stderr.on('data', (text) => (result.stderr += text));
  child.on('message', (message) => result.messages.push(message));
  child.postMessage({ numbers: new BigInt64Array([1n, 2n ** 62n]) });
  return new Promise((resolve) => child.on('exit', (exitCode) => resolve({ ...result, exitCode })));
}

if (app.requestSingleInstanceLock({ from: process.pid })) start();
else app.quit();

function start() {
  app.on('second-instance', (_event, argv, _cwd, data) => happened.push(`second ${argv.at(-1)} ${typeof data.from}`));
  app.on('child-process-gone', (_event, { reason, serviceName }) => happened.push(`gone ${serviceName} ${reason}`));
  app.on('render-process-gone', (_event, _contents, { reason }) => happened.push(`renderer ${reason}`));
  app.on('window-all-closed', () => app.quit());
  nativeTheme.on('updated', () => happened.push(`dark ${nativeTheme.shouldUseDarkColors}`));
  void app.whenReady().then(() => {
    protocol.handle('fix', (request) => {
      const answer = ANSWERS[new URL(request.url).pathname];
      return answer ? answer(request) : new Response('no such page', { status: 404 });
    });
    if (process.env.FIXTURE_PERMISSIONS !== 'default') {
      session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
      session.defaultSession.setPermissionCheckHandler(() => false);
    }
    const template = [
      { role: 'editMenu' },
      {
        label: 'File',
        submenu: [
          { id: 'do', label: 'Do', click: () => happened.push('menu') },
          { role: 'quit', id: 'quit' },
        ],
      },
    ];
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
    answerCalls();
    openWindow();
  });
}
