import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { expect, test } from 'vitest';
import type { StreamedFormat } from '../../../../src-main/contract/export';
import { createExportWriter, type ExportWriterOptions } from '../../../../src-main/engine/output/export-writer';
import { HOSTILE_BATCH, HOSTILE_COLUMNS, HOSTILE_NAMES, HOSTILE_TEXTS } from '../../../support/hostile-rows';
import { python } from '../../../support/python';
import { tempFolder } from '../../../support/temp';
import { hasTool, needing } from '../../../support/tools';

async function write(
  format: StreamedFormat,
  options: Partial<ExportWriterOptions> = {},
): Promise<{ readonly path: string; readonly notes: readonly string[] }> {
  const path = join(tempFolder(), `rows.${format}`);
  const stream = createWriteStream(path);
  const sink = {
    write: (piece: string) => new Promise<void>((resolve) => stream.write(piece, () => resolve())),
  };
  const writer = createExportWriter(format, sink, { zone: '+08:00', ...options });
  await writer.rows(HOSTILE_BATCH);
  await writer.end(HOSTILE_BATCH.columns);
  stream.end();
  await finished(stream);
  return { path, notes: writer.notes };
}

const DELIMITED = `
import csv, json, sys
with open(sys.argv[1], newline='', encoding='utf-8') as file:
    print(json.dumps(list(csv.reader(file, delimiter=sys.argv[2], strict=True))))
`;
const columnsOf = (rows: readonly (readonly string[])[]): string[][] =>
  HOSTILE_NAMES.map((_, column) => rows.map((row) => row[column]!));

test.skipIf(!hasTool('python3')).each([
  { format: 'csv', separator: ',' },
  { format: 'tsv', separator: '\t' },
] as const)(needing('python3', "$format is what Python's csv reads, with every value as it is"), async (row) => {
  const { path, notes } = await write(row.format);
  const [names, ...rows] = python(DELIMITED, [path, row.separator]) as string[][];
  expect(names).toEqual(HOSTILE_NAMES);
  // Python's csv gives NULL, which is nothing, as an empty text.
  expect(columnsOf(rows)).toEqual(HOSTILE_COLUMNS.map((column) => column.map((value) => value ?? '')));
  expect(notes).toEqual([]);
});

test.skipIf(!hasTool('python3')).each([
  { format: 'csv', separator: ',' },
  { format: 'tsv', separator: '\t' },
] as const)(needing('python3', 'neutralised $format begins no text like a formula'), async ({ format, separator }) => {
  const { path, notes } = await write(format, { neutraliseFormulas: true });
  const [names, ...rows] = python(DELIMITED, [path, separator]) as string[][];
  const neutral = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
  expect(names).toEqual(HOSTILE_NAMES.map(neutral));
  const [notes_, ...others] = columnsOf(rows);
  expect(notes_).toEqual(HOSTILE_TEXTS.map((text) => neutral(text ?? '')));
  expect(others).toEqual(HOSTILE_COLUMNS.slice(1).map((column) => column.map((value) => value ?? '')));
  expect(notes).toEqual(['Formulas are neutralised: 7 texts begin with an apostrophe that is not in the log']);
});

const JSON_TEXT = `
import json, sys
def exact(value):
    return [[key, text(item)] for key, item in value]
def text(value):
    if value is None or isinstance(value, str): return value
    return json.dumps(value, ensure_ascii=False, separators=(',', ':'))
with open(sys.argv[1], newline='', encoding='utf-8') as file:
    read = file.read()
pairs = lambda items: items if any(key == 'n_2' for key, _ in items) else dict(items)
rows = json.loads(read, object_pairs_hook=pairs) if sys.argv[2] == 'json' else [
    json.loads(line, object_pairs_hook=pairs) for line in read[:-1].split('\\n')]
print(json.dumps([exact(row) for row in rows]))
`;

test.skipIf(!hasTool('python3')).each(['json', 'ndjson'] as const)(
  needing('python3', "%s is what Python's json reads, with every value as it is"),
  async (format) => {
    const { path } = await write(format);
    const rows = python(JSON_TEXT, [path, format]) as [string, string | null][][];
    expect(rows[0]?.map(([name]) => name)).toEqual(HOSTILE_NAMES);
    const columns = columnsOf(rows.map((row) => row.map(([, value]) => value!)));
    for (const [index, expected] of HOSTILE_COLUMNS.entries()) {
      const name = HOSTILE_NAMES[index];
      // Python writes the same double in other digits (1e+300 for 1e300), and was told to leave no space in lists.
      const same = (value: string | null): unknown =>
        value === null
          ? null
          : name === 'ratio'
            ? Number(value)
            : name === '=wide,"x"'
              ? value.replace('\n', '')
              : value;
      expect(columns[index]?.map(same)).toEqual(expected.map(same));
    }
  },
);

test.each(['json', 'ndjson', 'xlsx'] as const)(
  'formulas in %s are refused, since no text is taken for one',
  (format) => {
    const sink = { write: () => Promise.resolve() };
    expect(() => createExportWriter(format, sink, { zone: 'UTC', neutraliseFormulas: true })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    );
  },
);
