import type { Socket } from 'node:net';
import { join } from 'node:path';
import { app, dialog, ipcMain, Menu, nativeTheme, protocol, session, shell, type BrowserWindow } from 'electron';
import { CHANNEL } from '../contract/electron-channels';
import { AppError, toErrorShape } from '../contract/errors';
import type { HostEventName, HostEvents } from '../contract/host-bridge';
import { aboutHost } from '../engine/about-host';
import { defaultWorkspaceDir } from '../engine/default-workspace';
import { EngineProcess } from '../engine/engine-process';
import { answerHostCall } from '../engine/host-requests';
import { aboutPanel } from './about-panel';
import { parseAppArguments } from './app-arguments';
import { CrashGuard } from './crash-guard';
import { EnginePipes } from './engine-pipes';
import { ExportTargets } from './export-files';
import { forkEngine } from './fork-engine';
import { HandedCaptures } from './handed-captures';
import { denyNavigation, limitPermissions } from './harden';
import { desktopHostCalls, type HostCallContext } from './host-call-handlers';
import { guardLeaving } from './leave-guard';
import { createMainWindow } from './main-window';
import { menuTemplate } from './menu-template';
import { PacketOpener } from './packet-opener';
import { answerPage, PAGE_URL, SCHEME } from './page-protocol';
import { makeProfileFolder } from './profile-folder';
import { readSecondStart } from './second-start';
import { SettingsFile } from './settings-file';
import { isOurPage, type MessageSource } from './trusted-sender';

/** The package: two folders up from `src-main/app/main.ts` as from what it is built to, `out/main/app.js`. */
const packageFolder = join(import.meta.dirname, '../..');
const resourcesFolder = process.env['NATSCOPE_RESOURCES'] ?? join(packageFolder, 'resources');

const given = parseAppArguments(process.argv.slice(1), process.cwd(), app.getAppPath());

let window: BrowserWindow | null = null;
let engine: EngineProcess | null = null;
let opener: PacketOpener | null = null;
let isStopping = false;
/** Whether a signal ends the app, which waits for no answer. */
let isSignalled = false;
/** Whether the engine still has calls of others to finish, for which the app waits without a window. */
let isWaiting = false;

function tell<K extends HostEventName>(name: K, payload: HostEvents[K]): void {
  if (window !== null && !window.isDestroyed()) window.webContents.send(CHANNEL.event, name, payload);
}

function report(line: string): void {
  process.stderr.write(`${line}\n`);
}

function showWindow(): void {
  if (window === null) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

const handed = new HandedCaptures(() => tell('capture:handed', {}));

function start(): void {
  const settings = new SettingsFile(join(app.getPath('userData'), 'settings.json'));
  nativeTheme.themeSource = settings.settings.theme;
  // The panel of macOS, which its own menu opens.
  app.setAboutPanelOptions(aboutPanel(aboutHost()));
  limitPermissions(session.defaultSession);
  protocol.handle(SCHEME, (request) => answerPage(request, join(packageFolder, 'out', 'renderer')));
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(menuTemplate(process.platform, (command) => tell('menu:command', command))),
  );

  const running = new EngineProcess({
    launch: forkEngine,
    entryPath: join(packageFolder, 'out', 'main', 'engine-entry.js'),
    workspaceDir: given.workspace ?? defaultWorkspaceDir(),
    onWaiting: waitForOthers,
  });
  engine = running;
  running.onState(() => tell('engine:state', running.state));
  // The window says why it failed, and offers to try again.
  const started = running.start().catch(() => undefined);

  const main = createMainWindow({
    packageFolder,
    iconPath: join(resourcesFolder, 'icon.png'),
    placePath: join(app.getPath('userData'), 'window.json'),
  });
  window = main;
  const zoom = (): void => main.webContents.setZoomFactor(settings.settings.zoomPercent / 100);
  // A page that is loaded has the zoom of its origin, which is that of the last one.
  main.webContents.on('did-finish-load', zoom);
  const onSettings = (): void => {
    nativeTheme.themeSource = settings.settings.theme;
    zoom();
    tell('settings:changed', settings.report);
  };
  guardLeaving({ window: main, dialog, mustEnd: () => isSignalled });
  const samplePath = join(resourcesFolder, 'sample.pcapng');
  const packets = openPackets();
  opener = packets;
  const targets = new ExportTargets();
  const context = { window: main, engine: running, handed, targets, opener: packets, samplePath, settings, onSettings };
  serveWindow(context, async () => {
    await started;
    return running.connect();
  });
  main.on('closed', () => {
    window = null;
  });
  void load(main);
}

/** Keeps what other programs are given in the app's profile, which no other app uses meanwhile. */
function openPackets(): PacketOpener {
  const profile = app.getPath('userData');
  const packets = new PacketOpener({
    ...{ platform: process.platform, env: process.env },
    folder: join(profile, 'packets'),
    choicePath: join(profile, 'packet-program.json'),
    openPath: (path) => shell.openPath(path),
  });
  void packets.files.clearOld(Date.now());
  return packets;
}

/** A load that is overtaken by another, or by the end of the app, rejects, and means nothing. */
function load(main: BrowserWindow): Promise<void> {
  return main.loadURL(PAGE_URL).catch((cause: unknown) => {
    if (!main.isDestroyed() && !isStopping)
      report(`natscope: the page cannot be loaded: ${toErrorShape(cause).message}`);
  });
}

/** @param connect gives the window a connection to the engine, when it has started */
function serveWindow(context: HostCallContext, connect: () => Promise<Socket>): void {
  const { window: main, engine: running } = context;
  const contents = main.webContents;
  const calls = desktopHostCalls(context);
  const isTrusted = (event: MessageSource): boolean => isOurPage(event, contents.id);
  ipcMain.handle(CHANNEL.call, (event, name: unknown, request: unknown) =>
    isTrusted(event)
      ? answerHostCall(calls, name, request)
      : { ok: false, error: toErrorShape(new AppError('REQUEST_INVALID', 'The host answers its own page only')) },
  );
  const pipes = new EnginePipes(contents, connect, isTrusted);
  // What was said before a page listens is said again.
  contents.on('did-finish-load', () => tell('engine:state', running.state));
  main.on('closed', () => pipes.dropAll());

  const guard = new CrashGuard({ report, reload: () => void load(main), giveUp: () => void stop(1) });
  contents.on('render-process-gone', (_event, { reason, exitCode }) => {
    pipes.dropAll();
    guard.ended('renderer', reason, exitCode);
  });
  app.on('child-process-gone', (_event, { type, reason, exitCode }) => {
    // The engine, a utility process too, is watched by who started it.
    if (type === 'GPU') guard.ended('GPU', reason, exitCode);
  });
}

/** @returns whether the app has a folder for what it keeps of its user; if not, that was told */
function enterProfile(): boolean {
  try {
    app.setPath('userData', makeProfileFolder(app.getPath('userData'), given.workspace));
    return true;
  } catch (cause) {
    report(`natscope: the folder of the app cannot be made: ${toErrorShape(cause).message}`);
    return false;
  }
}

/** Who starts the app meanwhile gets a window, which uses the same engine. */
function waitForOthers(): void {
  isWaiting = true;
  app.releaseSingleInstanceLock();
  report('natscope: waiting for another command or host, which uses this workspace through the app; Ctrl-C ends both');
}

/** Ends the engine, with what it imports, before the app; what others import in it ends well. */
async function stop(exitCode: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await engine
    ?.stop()
    .catch((cause: unknown) => report(`natscope: the engine did not end well: ${toErrorShape(cause).message}`));
  await opener?.files.clear();
  app.exit(exitCode);
}

app.setName('Natscope');
app.enableSandbox();
denyNavigation(app);
protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);

if (!enterProfile()) app.exit(1);
else if (app.requestSingleInstanceLock({ captures: given.captures })) {
  handed.add(given.captures);
  app.on('second-instance', (_event, _argv, _cwd, data) => {
    handed.add(readSecondStart(data));
    showWindow();
  });
  // macOS hands over files that were opened with the app, also before it is ready.
  app.on('open-file', (event, path) => {
    event.preventDefault();
    handed.add([path]);
    showWindow();
  });
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    // Also the second time: the app ends by itself when the engine has.
    event.preventDefault();
    void stop(0);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      isSignalled = true;
      if (isWaiting) app.exit(0);
      else app.quit();
    });
  }
  // Never awaited here: Electron becomes ready only when this module has been evaluated.
  app.whenReady().then(start, (cause: unknown) => {
    report(`natscope: the app cannot start: ${toErrorShape(cause).message}`);
    void stop(1);
  });
} else {
  app.exit(0);
}
