import { readCaptureInfo } from '../engine/capture-info';
import type { CaptureReport } from '../contract/capture-details';
import type { TunnelLayer } from '../contract/imports';
import { LOSS_REASONS } from '../contract/ledger';
import { readablePaths } from './capture-paths';
import type { Context } from './context';
import { EXIT, type ExitCode } from './exit-code';
import { importProgressText, ProgressLine, type ProgressChoice } from './progress-line';
import { infoJson } from './info-json';
import { infoText } from './info-text';

export interface InfoOptions {
  readonly layer: TunnelLayer;
  readonly maxExpansion: number;
  /** `false` stands for never. */
  readonly progress: ProgressChoice | false;
  readonly json: boolean;
}

/** @throws AppError CAPTURE_* of the first capture that cannot be read at all, IMPORT_CANCELLED; ReaderGone */
export async function runInfo(
  context: Context,
  captures: readonly string[],
  { layer, maxExpansion, progress, json }: InfoOptions,
): Promise<ExitCode> {
  const { io, out, err } = context;
  const paths = readablePaths(context, captures);
  const line = new ProgressLine(io, err, progress === false ? 'never' : progress, importProgressText);
  const reports: CaptureReport[] = [];
  let isCancelled = false;
  const stopListening = io.onInterrupt(() => {
    isCancelled = true;
  });
  try {
    for (const path of paths) {
      const report = await readCaptureInfo(path, {
        layer,
        maxExpansion,
        isCancelled: () => isCancelled,
        onProgress: (state) => {
          line.show(state);
        },
      });
      line.end();
      reports.push(report);
      // Text comes capture by capture; JSON is whole or not at all.
      if (!json) await out.write(`${reports.length > 1 ? '\n' : ''}${infoText(report, io.columns)}`);
    }
  } finally {
    line.end();
    stopListening();
  }
  if (json) await out.write(infoJson(reports));
  return reports.some(isIncomplete) ? EXIT.doneWithLosses : EXIT.done;
}

function isIncomplete({ unreadable, notTranslated }: CaptureReport): boolean {
  return unreadable.length > 0 || LOSS_REASONS.some((reason) => (notTranslated[reason] ?? 0) > 0);
}
