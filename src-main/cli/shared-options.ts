import { Option, type Command } from 'commander';
import { AppError } from '../contract/errors';
import { DEFAULT_LOGSTORE, DEFAULT_PROJECT, DEFAULT_MAX_EXPANSION } from '../contract/imports';
import { logstoreName, projectName, timeZone, wholeNumber } from './option-values';
import { FILE_FORMATS, ROW_FORMATS } from './row-writers';

/** What a command that reads captures takes. */
export const CAPTURES =
  'captures (pcap, pcapng, snoop or ERF), also compressed (gzip, zstd, lz4, xz), named pipes, and - for standard input';

export const workspaceOption = (): Option =>
  new Option('--workspace <dir>', 'folder of the workspace (default: $NATSCOPE_WORKSPACE, else your data folder)');
export const projectOption = (): Option =>
  new Option('--project <name>', 'project of the Logstore').default(DEFAULT_PROJECT).argParser(projectName);
export const logstoreOption = (): Option =>
  new Option('--logstore <name>', 'name of the Logstore').default(DEFAULT_LOGSTORE).argParser(logstoreName);
export const expansionOption = (): Option =>
  new Option('--max-expansion <times>', 'how many times its size a compressed capture may grow to, beyond 64 MiB')
    .default(DEFAULT_MAX_EXPANSION)
    .argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER));
export const fromOption = (): Option => new Option('--from <time>', 'first moment (default: start of the log)');
export const toOption = (): Option => new Option('--to <time>', 'moment after the last (default: end of the log)');
export const zoneOption = (): Option =>
  new Option('--zone <zone>', 'time zone of dates: UTC, +08:00, Asia/Shanghai').default('UTC').argParser(timeZone);
/** Adds which entries a command is about: those of a Logstore, and of a range of time. */
export function addLogOptions(command: Command): Command {
  return command
    .addOption(workspaceOption())
    .addOption(projectOption())
    .addOption(logstoreOption())
    .addOption(fromOption())
    .addOption(toOption())
    .addOption(zoneOption());
}

export const limitsOption = (): Option =>
  new Option(
    '--limits <whose>',
    "the caps of the vendor's console, and only its language: what was cut is said",
  ).choices(['console']);
export const rowFormatOption = (): Option =>
  new Option('--format <format>', 'how rows are written').choices(ROW_FORMATS).default('table');
/** Of a command that can write a file. */
export const fileFormatOption = (): Option =>
  new Option('--format <format>', 'how rows are written; xlsx and parquet with --out')
    .choices(FILE_FORMATS)
    .default('table');

/** What `--json` and `--format` ask for together. @throws AppError OPTION_INVALID where they contradict each other */
export function chosenFormat<Format extends string>(asked: {
  readonly json: boolean;
  readonly format: Format;
}): Format | 'json' {
  const { json, format } = asked;
  if (!json) return format;
  if (format === 'table' || format === 'json') return 'json';
  const message = `--json is --format json, and cannot be given with --format ${format}: leave one of them out`;
  throw new AppError('OPTION_INVALID', message, { option: '--json' });
}
