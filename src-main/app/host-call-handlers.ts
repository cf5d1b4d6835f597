import { extname } from 'node:path';
import { dialog, type BrowserWindow, type FileFilter } from 'electron';
import { AppError } from '../contract/errors';
import type { EngineProcess } from '../engine/engine-process';
import { aboutHost } from '../engine/about-host';
import type { HostCallHandlers } from '../engine/host-requests';
import { moveExport, type ExportTargets } from './export-files';
import type { HandedCaptures } from './handed-captures';
import { messages } from './messages';
import type { SettingsFile } from './settings-file';

export interface HostCallContext {
  readonly window: BrowserWindow;
  readonly engine: EngineProcess;
  readonly handed: HandedCaptures;
  readonly targets: ExportTargets;
  readonly samplePath: string;
  readonly settings: SettingsFile;
  /** The settings were changed. */
  readonly onSettings: () => void;
}

/** What captures and files of log entries are usually called; their content decides what they are. `pcap0` is of tcpdump's rotation. */
const OPENED_EXTENSIONS = [
  ...['pcap', 'pcapng', 'cap', 'dmp', 'pcap0', 'snoop', 'erf', 'gz', 'zst', 'lz4', 'xz'],
  ...['csv', 'tsv', 'json', 'ndjson', 'jsonl', 'parquet', 'log', 'txt'],
];
const CAPTURE_FILES = { name: messages.files.captures, extensions: OPENED_EXTENSIONS };
const ALL_FILES = { name: messages.files.all, extensions: ['*'] };

/** @returns the kind of file that a name is of; a folder has none */
function kindOf(name: string): readonly FileFilter[] {
  const extension = extname(name).slice(1);
  return extension === '' ? [] : [{ name: messages.files.ofKind(extension), extensions: [extension] }];
}

/** @returns what the desktop app does for its window */
export function desktopHostCalls({
  window,
  engine,
  handed,
  targets,
  samplePath,
  settings,
  onSettings,
}: HostCallContext): HostCallHandlers {
  return {
    'capture:pick': async () => {
      const { canceled, filePaths } = await dialog.showOpenDialog(window, {
        title: messages.openDialog.title,
        properties: ['openFile', 'multiSelections'],
        filters: [CAPTURE_FILES, ALL_FILES],
      });
      return canceled ? [] : filePaths;
    },
    'capture:sample': () => samplePath,
    'capture:handed': () => handed.take(),
    'export:pick': async ({ suggestedName }) => {
      const { canceled, filePath } = await dialog.showSaveDialog(window, {
        title: messages.exportDialog.title,
        defaultPath: suggestedName,
        properties: ['createDirectory', 'showOverwriteConfirmation'],
        filters: [...kindOf(suggestedName), ALL_FILES],
      });
      return canceled || filePath === '' ? null : targets.add(filePath);
    },
    'export:save': async ({ file, target }) => {
      if (engine.workspaceDir === null) throw new AppError('ENGINE_GONE', 'no engine has exported anything yet');
      const path = targets.take(target);
      await moveExport(engine.workspaceDir, file, path);
      return { path };
    },
    'export:fetch': () => {
      throw new AppError('REQUEST_INVALID', 'The desktop app saves exports itself: nothing fetches them');
    },
    'settings:read': () => settings.report,
    'settings:change': ({ change }) => {
      settings.change(change);
      onSettings();
      return null;
    },
    'about:read': aboutHost,
    'engine:restart': async () => {
      await engine.restart();
      return null;
    },
  };
}
