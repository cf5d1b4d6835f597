import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AppError } from '../contract/errors';
import type { PacketSide, PacketsReport } from '../contract/ipc';
import { entryIdText, type EntryId } from '../contract/log-entry';
import { exportsFolder } from '../engine/exports-folder';
import { createAtomicFile, type AtomicFile } from '../engine/output/atomic-file';
import type { Context } from './context';
import { withEngine } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { counted } from './number-text';
import { refusedOutput } from './refused-output';

/** Stands for standard output. */
const STANDARD_OUTPUT = '-';

export interface PacketsOptions {
  readonly entry: EntryId;
  readonly side: PacketSide;
  readonly workspace?: string;
  readonly out: string;
  readonly json: boolean;
}

/**
 * The packets in a file, or on standard output; what they are on standard error.
 *
 * @throws AppError OPTION_INVALID, OUTPUT_UNWRITABLE, RUN_NOT_FOUND, ENTRY_NOT_FOUND, CAPTURE_*, WORKSPACE_*; ReaderGone
 */
export async function runPackets(context: Context, options: PacketsOptions): Promise<ExitCode> {
  const { out, err, io } = context;
  const isPiped = options.out === STANDARD_OUTPUT;
  if (isPiped && options.json) throw new AppError('OPTION_INVALID', '--json and --out - both want standard output');
  const path = resolve(io.cwd, options.out);
  // First of all: nobody waits for packets that have no place to go.
  const file = isPiped ? null : await createAtomicFile(path, refusedOutput(path));
  try {
    const report = await withEngine(
      context,
      options.workspace,
      async (engine) => {
        const written = await engine.run('packets:write', { ...options.entry, side: options.side });
        await takeExport(join(exportsFolder(engine.workspace), basename(written.file)), file ?? out);
        return written;
      },
      { mustExist: true },
    );
    await file?.commit();
    await out.flush();
    if (options.json) out.tell(packetsJson(options, file, report));
    else err.tell(summaryText(report, file?.path ?? 'standard output'));
    return report.notices.some(({ kind }) => kind === 'losses') ? EXIT.doneWithLosses : EXIT.done;
  } catch (cause) {
    await file?.discard();
    throw cause;
  }
}

/** The export leaves the workspace in any case: nobody could ask for it again. */
async function takeExport(path: string, to: { write(piece: Uint8Array): Promise<void> }): Promise<void> {
  try {
    for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) await to.write(piece);
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}

function summaryText({ found, description, notices }: PacketsReport, where: string): string {
  const facts = [`${counted(found.packets, 'packet')} in ${where}`, description];
  return `${[facts.join(' · '), ...notices.map(({ text }) => text)].join('\n')}\n`;
}

function packetsJson({ entry, side }: PacketsOptions, file: AtomicFile | null, report: PacketsReport): string {
  const { found, counted: expected, bytes, description, notices } = report;
  const shape = {
    entry: entryIdText(entry),
    side,
    file: file?.path,
    bytes,
    packets: found.packets,
    ip_bytes: found.ipBytes,
    expected: { packets: expected.packets, ip_bytes: expected.ipBytes },
    description,
    notices,
  };
  return `${JSON.stringify(shape)}\n`;
}
