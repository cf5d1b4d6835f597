import { join } from 'node:path';
import { app, crashReporter, Menu, nativeTheme, powerSaveBlocker, protocol, session, shell } from 'electron';
import type { ActId } from '../contract/acts';
import { toErrorShape } from '../contract/errors';
import { aboutHost } from '../engine/about-host';
import { defaultWorkspaceDir } from '../engine/default-workspace';
import { EngineProcess } from '../engine/engine-process';
import { aboutPanel } from './about-panel';
import { parseAppArguments } from './app-arguments';
import { AppWindows, type AppWindow } from './app-windows';
import { ExportTargets } from './export-files';
import { forkEngine } from './fork-engine';
import { denyNavigation, limitPermissions } from './harden';
import { createMainWindow } from './main-window';
import { menuTemplate } from './menu-template';
import { PacketOpener } from './packet-opener';
import { answerPage, SCHEME } from './page-protocol';
import { makeProfileFolder } from './profile-folder';
import { readSecondStart } from './second-start';
import { SettingsFile } from './settings-file';
import { WakeKeeper } from './wake-keeper';
import { hostWindow, loadPage, watchGraphics, type AppServices } from './window-host';
import { windowPlacePath } from './window-place-file';

/** The package: two folders up from `src-main/app/main.ts` as from what it is built to, `out/main/app.js`. */
const packageFolder = join(import.meta.dirname, '../..');
const resourcesFolder = process.env['NATSCOPE_RESOURCES'] ?? join(packageFolder, 'resources');

const given = parseAppArguments(process.argv.slice(1), process.cwd(), app.getAppPath());

let engine: EngineProcess | null = null;
let opener: PacketOpener | null = null;
let isStopping = false;
/** Whether a signal ends the app, which waits for no answer. */
let isSignalled = false;
/** Whether the engine still has calls of others to finish, for which the app waits without a window. */
let isWaiting = false;

const windows = new AppWindows({
  make: (slot, others) =>
    createMainWindow({
      packageFolder,
      iconPath: join(resourcesFolder, 'icon.png'),
      placePath: windowPlacePath(app.getPath('userData'), slot),
      others,
    }),
  onOpened: (opened) => {
    if (services !== null) hostWindow(opened, services);
  },
});
/** Null until Electron is ready. */
let services: AppServices | null = null;
/** Captures that the system hands over before a window can be made. */
const early = [...given.captures];

function report(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Shows captures in the window that is used; without any, that window, or another one where none is open. */
function hand(captures: readonly string[]): void {
  if (isStopping) return;
  if (services === null) early.push(...captures);
  else windows.hand(captures);
}

function start(): void {
  const settings = new SettingsFile(join(app.getPath('userData'), 'settings.json'));
  nativeTheme.themeSource = settings.settings.theme;
  // The panel of macOS, which its own menu opens.
  app.setAboutPanelOptions(aboutPanel(aboutHost()));
  limitPermissions(session.defaultSession);
  protocol.handle(SCHEME, (request) => answerPage(request, join(packageFolder, 'out', 'renderer')));
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, choose)));

  const running = new EngineProcess({
    launch: forkEngine,
    entryPath: join(packageFolder, 'out', 'main', 'engine-entry.js'),
    workspaceDir: given.workspace ?? defaultWorkspaceDir(),
    onWaiting: waitForOthers,
  });
  engine = running;
  running.onState(() => windows.tellAll('engine:state', running.state));
  // The window says why it failed, and offers to try again.
  const started = running.start().catch(() => undefined);

  opener = openPackets();
  const all: AppServices = {
    ...{ engine: running, settings, opener, targets: new ExportTargets(), report },
    samplePath: join(resourcesFolder, 'sample.pcapng'),
    wake: new WakeKeeper(powerSaveBlocker),
    onSettings: () => applySettings(settings),
    openWindow: () => void windows.open(),
    connect: async () => {
      await started;
      return running.connect();
    },
    giveUp,
    isStopping: () => isStopping,
    mustEnd: () => isSignalled,
  };
  services = all;
  watchGraphics(() => {
    for (const each of windows.all) void loadPage(each, all);
  }, all);
  windows.open(early);
}

/** What was chosen in a native menu. */
function choose(command: ActId): void {
  if (command === 'newWindow' || windows.current === null) windows.open();
  else windows.current.tell('menu:command', command);
}

/** For all windows at once. */
function applySettings({ settings, report: settingsReport }: SettingsFile): void {
  nativeTheme.themeSource = settings.theme;
  for (const { window } of windows.all) window.webContents.setZoomFactor(settings.zoomPercent / 100);
  windows.tellAll('settings:changed', settingsReport);
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

/** @returns whether the app has a folder for what it keeps of its user; if not, that was told */
function enterProfile(): boolean {
  try {
    app.setPath('userData', makeProfileFolder(app.getPath('userData'), given.workspace));
    // Reports stay in the profile, for whoever tells of a fault: nothing is sent anywhere.
    crashReporter.start({ uploadToServer: false });
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

/** Nothing else ends for a window that cannot go on. */
function giveUp(failed: AppWindow | null): 'app' | 'window' {
  if (failed !== null && windows.all.length > 1) {
    failed.window.destroy();
    return 'window';
  }
  void stop(1);
  return 'app';
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
// Windows shows notifications of what it knows by the name in its start menu.
if (process.platform === 'win32') app.setAppUserModelId('io.natscope.app');
app.enableSandbox();
denyNavigation(app);
protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);

if (!enterProfile()) app.exit(1);
else if (app.requestSingleInstanceLock({ captures: given.captures })) {
  app.on('second-instance', (_event, _argv, _cwd, data) => hand(readSecondStart(data)));
  // macOS hands over files that were opened with the app, also before it is ready.
  app.on('open-file', (event, path) => {
    event.preventDefault();
    hand([path]);
  });
  // There an app goes on without a window, until it is told to quit, and its icon opens another one.
  app.on('activate', () => {
    if (services !== null && windows.current === null && !isStopping) windows.open();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
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
