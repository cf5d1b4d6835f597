import { extname } from 'node:path';
import { app, dialog, shell, type BrowserWindow, type FileFilter } from 'electron';
import { AppError } from '../contract/errors';
import type { EngineProcess } from '../engine/engine-process';
import { aboutHost } from '../engine/about-host';
import type { HostCallHandlers } from '../engine/host-requests';
import { moveExport, refuseUnwritable, type ExportTargets } from './export-files';
import type { HandedCaptures } from './handed-captures';
import { messages } from './messages';
import { OPENED_ENDINGS } from './opened-files';
import type { PacketOpener } from './packet-opener';
import type { SettingsFile } from './settings-file';
import type { WindowWork } from './window-work';

export interface HostCallContext {
  readonly window: BrowserWindow;
  readonly engine: EngineProcess;
  readonly handed: HandedCaptures;
  readonly targets: ExportTargets;
  readonly opener: PacketOpener;
  readonly samplePath: string;
  readonly settings: SettingsFile;
  /** The settings were changed. */
  readonly onSettings: () => void;
  readonly work: WindowWork;
  readonly openWindow: () => void;
}

const CAPTURE_FILES = { name: messages.files.captures, extensions: OPENED_ENDINGS };
const ALL_FILES = { name: messages.files.all, extensions: ['*'] };

/** @returns the kind of file that a name is of; a folder has none */
function kindOf(name: string): readonly FileFilter[] {
  const extension = extname(name).slice(1);
  return extension === '' ? [] : [{ name: messages.files.ofKind(extension), extensions: [extension] }];
}

/** @returns captures, which the system then offers as those that were opened last; Linux has no such list */
function remembered(paths: readonly string[]): readonly string[] {
  for (const path of paths) app.addRecentDocument(path);
  return paths;
}

/** @returns what the desktop app does for its window */
export function desktopHostCalls({
  window,
  engine,
  handed,
  targets,
  opener,
  samplePath,
  settings,
  onSettings,
  work,
  openWindow,
}: HostCallContext): HostCallHandlers {
  return {
    'capture:pick': async () => {
      const { canceled, filePaths } = await dialog.showOpenDialog(window, {
        title: messages.openDialog.title,
        properties: ['openFile', 'multiSelections'],
        filters: [CAPTURE_FILES, ALL_FILES],
      });
      return canceled ? [] : remembered(filePaths);
    },
    'capture:sample': () => samplePath,
    'capture:handed': () => remembered(handed.take()),
    'export:pick': async ({ suggestedName }) => {
      const { canceled, filePath } = await dialog.showSaveDialog(window, {
        title: messages.exportDialog.title,
        defaultPath: suggestedName,
        properties: ['createDirectory', 'showOverwriteConfirmation'],
        filters: [...kindOf(suggestedName), ALL_FILES],
      });
      if (canceled || filePath === '') return null;
      await refuseUnwritable(filePath);
      return targets.add(filePath);
    },
    'export:save': async ({ file, target }) => {
      if (engine.workspaceDir === null) throw new AppError('ENGINE_GONE', 'no engine has exported anything yet');
      const path = targets.take(target);
      await moveExport(engine.workspaceDir, file, path);
      targets.noteSaved(path);
      return { path };
    },
    'export:show': ({ path }) => {
      targets.refuseUnsaved(path);
      shell.showItemInFolder(path);
      return null;
    },
    'export:fetch': () => {
      throw new AppError('REQUEST_INVALID', 'The desktop app saves exports itself: nothing fetches them');
    },
    'packet-program:read': () => ({ name: opener.name }),
    'packet-program:pick': async () => {
      const { canceled, filePaths } = await dialog.showOpenDialog(window, {
        title: messages.programDialog.title,
        buttonLabel: messages.programDialog.choose,
        properties: ['openFile'],
        filters: process.platform === 'win32' ? [{ name: messages.files.programs, extensions: ['exe'] }] : [],
      });
      const [program] = filePaths;
      return canceled || program === undefined ? null : { name: opener.choose(program) };
    },
    'packets:open': async ({ file, name }) => ({ program: await opener.open(engine.workspaceDir, file, name) }),
    'settings:read': () => settings.report,
    'settings:change': ({ change }) => {
      settings.change(change);
      onSettings();
      return null;
    },
    'window:open': () => {
      openWindow();
      return null;
    },
    'work:running': ({ running }) => {
      work.run(running);
      return null;
    },
    'work:ended': (ended) => {
      work.end(ended);
      return null;
    },
    'about:read': aboutHost,
    'engine:restart': async () => {
      await engine.restart();
      return null;
    },
  };
}
