import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AppError } from '../contract/errors';
import { exportsFolder } from '../engine/exports-folder';
import { createAtomicFile, type AtomicOutput } from '../engine/output/atomic-file';
import { createAtomicFolder } from '../engine/output/atomic-folder';
import { metaPath } from '../engine/output/export-meta';
import type { Context } from './context';
import { withEngine } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { isPacked, requestOf, type QueryOptions } from './query-options';
import { commitOutputs, discardOutputs, openOutputs, summaryText, type QueryOutputs } from './query-outputs';

/**
 * Has the engine write the rows as Parquet in the workspace, and takes them from there to their place.
 *
 * @throws AppError as `runQuery`
 */
export async function runParquetQuery(context: Context, text: string, options: QueryOptions): Promise<ExitCode> {
  const { out, partitionBy, neutraliseFormulas, spelling, zone } = options;
  if (out === undefined) throw placeMissing(partitionBy);
  const outputs: QueryOutputs<AtomicOutput> = await openOutputs<AtomicOutput>(
    resolve(context.io.cwd, out),
    partitionBy === undefined ? createAtomicFile : createAtomicFolder,
    true,
  );
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

/** The export leaves the workspace in any case: nobody could ask for it again. */
async function takeExport(source: string, { rows, meta }: QueryOutputs<AtomicOutput>): Promise<void> {
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
