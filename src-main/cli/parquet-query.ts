import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AppError } from '../contract/errors';
import { exportsFolder } from '../engine/exports-folder';
import { createAtomicFolder } from '../engine/output/atomic-folder';
import { metaPath } from '../engine/output/export-meta';
import { StreamedOutput } from '../engine/output/streamed-output';
import { openOutput, placeOf, STANDARD_OUTPUT } from './command-output';
import type { Context } from './context';
import { withEngine } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { isPacked, requestOf, type QueryOptions } from './query-options';
import { commitOutputs, describedOutputs, discardOutputs, summaryText, type QueryOutputs } from './query-outputs';
import { refusedOutput } from './refused-output';

/**
 * Has the engine write the rows as Parquet in the workspace, and takes them from there to their place.
 *
 * @throws AppError as `runQuery`
 */
export async function runParquetQuery(context: Context, text: string, options: QueryOptions): Promise<ExitCode> {
  const { partitionBy, neutraliseFormulas, spelling, zone } = options;
  const outputs = await outputsOf(context, options);
  try {
    const request = { format: 'parquet', gzip: isPacked(options), neutraliseFormulas, spelling, partitionBy } as const;
    const answer = await withEngine(
      context,
      options.workspace,
      async (engine) => {
        const report = await engine.run('export:run', { ...request, query: requestOf(text, options) });
        await takeExport(join(exportsFolder(engine.workspace), basename(report.file)), outputs);
        return report;
      },
      { mustExist: true },
    );
    await commitOutputs(outputs);
    context.err.tell(summaryText(answer, zone, outputs.rows.path));
  } catch (cause) {
    await discardOutputs(outputs);
    throw cause;
  }
  return EXIT.done;
}

async function outputsOf(context: Context, { out, partitionBy }: QueryOptions): Promise<QueryOutputs> {
  if (out === undefined) throw placeMissing(partitionBy);
  if (partitionBy !== undefined) {
    if (out === STANDARD_OUTPUT) throw placeMissing(partitionBy);
    const path = resolve(context.io.cwd, out);
    return describedOutputs(await createAtomicFolder(path, refusedOutput(path)));
  }
  const rows = await openOutput(context, await placeOf(context, out));
  return rows instanceof StreamedOutput ? { rows, meta: null } : describedOutputs(rows);
}

/** The export leaves the workspace in any case: nobody could ask for it again. */
async function takeExport(source: string, { rows, meta }: QueryOutputs): Promise<void> {
  try {
    await rows.take(source);
    await meta?.take(metaPath(source));
  } finally {
    for (const each of [source, metaPath(source)]) {
      await rm(each, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

function placeMissing(partitionBy: QueryOptions['partitionBy']): AppError {
  const place =
    partitionBy === undefined ? 'a file: name it with --out FILE.parquet' : 'a folder: name it with --out DIR';
  return new AppError('OPTION_INVALID', `Parquet is ${place}`, { format: 'parquet' });
}
