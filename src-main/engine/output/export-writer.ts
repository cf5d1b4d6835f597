import { createGzip } from 'node:zlib';
import { AppError } from '../../contract/errors';
import { hasUntypedCells, type ExportOptions, type StreamedFormat } from '../../contract/export';
import { DelimitedWriter } from './delimited-writer';
import { JSON_FRAMES, JsonWriter } from './json-writer';
import { exactTimeText } from './exact-time-text';
import type { RowWriter } from './row-writer';
import { PackedSink } from './packed-sink';
import type { ByteSink } from './text-sink';
import { XlsxWriter } from './xlsx-writer';

export interface ExportWriterOptions extends Pick<ExportOptions, 'neutraliseFormulas'> {
  /** That a statement's times, which are instants, are shown in: `UTC`, an IANA name or an offset. */
  readonly zone: string;
}

/**
 * @returns what writes rows in a format into the sink, as they come
 * @throws AppError OPTION_INVALID for an option that the format does not have; TIME_INVALID for an unknown zone
 */
export function createExportWriter(
  format: StreamedFormat,
  sink: ByteSink,
  { zone, neutraliseFormulas = false }: ExportWriterOptions,
): RowWriter {
  if (neutraliseFormulas && !hasUntypedCells(format)) throw noFormulas(format);
  const timeText = exactTimeText(zone);
  switch (format) {
    case 'csv':
      return new DelimitedWriter(sink, { separator: ',', timeText, neutraliseFormulas });
    case 'tsv':
      return new DelimitedWriter(sink, { separator: '\t', timeText, neutraliseFormulas });
    case 'json':
    case 'ndjson':
      return new JsonWriter(sink, JSON_FRAMES[format], timeText);
    case 'xlsx':
      return new XlsxWriter(sink, timeText);
  }
}

/**
 * Has everything written into a sink, packed if so wanted.
 *
 * @param write settles when it has written everything
 */
export async function writePacked<T>(sink: ByteSink, gzip: boolean, write: (sink: ByteSink) => Promise<T>): Promise<T> {
  if (!gzip) return write(sink);
  const packed = new PackedSink(sink, createGzip());
  try {
    const written = await write(packed);
    await packed.end();
    return written;
  } finally {
    packed.discard();
  }
}

export function noFormulas(format: string): AppError {
  const message = `Formulas are neutralised in csv and tsv; in ${format} no text is taken for one, so leave that option away`;
  return new AppError('OPTION_INVALID', message, { format });
}

/** @throws AppError OPTION_INVALID where something else than Parquet is to be partitioned */
export function refusePartitions(format: string): void {
  if (format === 'parquet') return;
  const message = `Only parquet is written as a folder of partitions, and not ${format}: take that format, or one file`;
  throw new AppError('OPTION_INVALID', message, { format });
}
