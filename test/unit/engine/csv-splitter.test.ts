import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EntryReader } from '../../../src-main/engine/load/entry-reader';
import { FieldNames } from '../../../src-main/logstore/field-names';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { tempFolderForFile } from '../../support/temp';

interface Read {
  /** Cells of each entry, as JSON. */
  readonly entries: readonly string[];
  /** `line` or `first-last`, with the code of the fault. */
  readonly bad: readonly string[];
  /** Lines that are in entries or in what is none. */
  readonly lines: number;
}

const path = join(tempFolderForFile(), 'log.csv');

async function read(csv: string): Promise<Read> {
  writeFileSync(path, csv);
  const reader = await EntryReader.open({ name: path, path }, 'csv', 100, new FieldNames());
  const entries: string[] = [];
  const bad: string[] = [];
  let lines = 0;
  try {
    while (await reader.next()) {
      const { batch } = reader;
      for (let entry = 0; entry < batch.length; entry++) {
        const [from, to] = [batch.firstCells[entry]!, batch.firstCells[entry + 1]!];
        entries.push(JSON.stringify(Array.from({ length: to - from }, (_, cell) => batch.text(from + cell))));
        lines += batch.textOf(batch.starts[entry]!, batch.ends[entry]!).split('\n').length;
      }
      for (const { line, lines: count, fault } of reader.bad) {
        bad.push(`${count === 1 ? line : `${line}-${line + count - 1}`} ${fault.code}`);
        lines += count;
      }
    }
  } finally {
    await reader.close();
  }
  return { entries, bad, lines };
}

describe('a quote in CSV', () => {
  test.each<{ name: string; csv: string; entries: readonly (readonly string[])[]; bad: readonly string[] }>([
    {
      name: 'in the middle of a cell is a character of it',
      csv: 'a,b\n5" disk,1\nsay "hi",2\nx,3\n',
      entries: [
        ['5" disk', '1'],
        ['say "hi"', '2'],
        ['x', '3'],
      ],
      bad: [],
    },
    {
      name: 'that is not closed where another cell begins with one loses its line',
      csv: 'a,b\n"abc,1\nx,"y"\nz,2\n',
      entries: [
        ['x', 'y'],
        ['z', '2'],
      ],
      bad: ['2 SYNTAX'],
    },
    {
      name: 'that is never closed loses its line',
      csv: 'a,b\nx,1\n"abc,1\ny,2\r\nz,3\n',
      entries: [
        ['x', '1'],
        ['y', '2'],
        ['z', '3'],
      ],
      bad: ['3 SYNTAX'],
    },
    {
      name: 'that is never closed, beside cells that are empty',
      csv: 'a,b\n"abc,1\ny,""\nz,""\n',
      entries: [
        ['y', ''],
        ['z', ''],
      ],
      bad: ['2 SYNTAX'],
    },
    {
      name: 'around a long text of several lines opens and closes it',
      csv: `a,b\n"${'x'.repeat(100)}\n${'y'.repeat(100)}""\n",1\nz,2\n`,
      entries: [
        [`${'x'.repeat(100)}\n${'y'.repeat(100)}"\n`, '1'],
        ['z', '2'],
      ],
      bad: [],
    },
    {
      name: 'that is closed too early loses its line',
      csv: 'a,b\n"say "hi"",1\ny,2\n',
      entries: [['y', '2']],
      bad: ['2 SYNTAX'],
    },
    {
      name: 'behind a cell of several lines loses these and its own',
      csv: 'a,b\n"x\ny","abc\nz,"1"\n"p\nq",2\n',
      entries: [
        ['z', '1'],
        ['p\nq', '2'],
      ],
      bad: ['2-3 SYNTAX'],
    },
    {
      name: 'that makes more cells of several lines than there are columns',
      csv: 'a,b\nx,"y\nx,","b\nx,1\n',
      entries: [['x', '1']],
      bad: ['2 SYNTAX', '3 SYNTAX'],
    },
    {
      name: 'of a record of several lines with too few cells loses all of them',
      csv: 'a,b,c\n"x\ny\nz",2\n1,2,3\n',
      entries: [['1', '2', '3']],
      bad: ['2-4 CELLS'],
    },
    {
      name: 'in the last line of a file that is cut off',
      csv: 'a,b\nx,1\ny,"abc',
      entries: [['x', '1']],
      bad: ['3 CUT_OFF'],
    },
  ])('$name', async ({ csv, entries, bad }) => {
    const lines = csv.replace(/\n$/u, '').split('\n').length - 1;
    expect(await read(csv)).toEqual({ entries: entries.map((cells) => JSON.stringify(cells)), bad, lines });
  });

  test.each([
    { name: 'and no other', row: (index: number) => `${index},x\n` },
    { name: 'and empty cells in quotes, which could all be of its cell', row: (index: number) => `${index},""\n` },
    { name: 'and as many like it', row: (index: number) => (index % 2 === 0 ? `"${index},x\n` : `${index},x\n`) },
  ])('far from the end of a file, $name', async ({ row }) => {
    const rows = Array.from({ length: 100_000 }, (_, index) => (index === 100 ? '"abc,x\n' : row(index)));
    const { entries, bad, lines } = await read(`a,b\n${rows.join('')}`);
    const broken = rows.filter((line) => /^"[^"]*$/u.test(line)).length;
    expect([entries.length, bad.length, lines]).toEqual([rows.length - broken, broken, rows.length]);
    expect(bad).toContain('102 SYNTAX');
  });

  test('that is not closed within 16 MiB loses its line', async () => {
    const row = `${'z'.repeat(1000)},""\n`;
    const { entries, bad, lines } = await read(`a,b\n"abc,x\n${row.repeat(17_000)}"y",z\n`);
    expect([entries.length, bad, lines]).toEqual([17_001, ['2 SYNTAX'], 17_002]);
  });

  test('is looked at a bounded number of times, whatever comes behind it', async () => {
    // From within quotes and without, each line ends within them, and only the columns tell that it is too much.
    const columns = Array.from({ length: 2000 }, (_, column) => `c${column}`);
    const { lines } = await read(`${columns.join(',')}\n${'x","b\n'.repeat(200_000)}`);
    expect(lines).toBe(200_000);
  });
});

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const word = fc.stringMatching(/^[a-z]{1,3}$/u);
const tail = fc.array(fc.constantFrom('a', '"', ',', '\n', '""', ' '), { maxLength: 6 }).map((parts) => parts.join(''));
const cell = fc.oneof(
  word.map((text) => ({ text, written: text })),
  fc.tuple(word, tail).map(([head, rest]) => ({ text: head + rest, written: quoted(head + rest) })),
  fc.constant({ text: '', written: '""' }),
);
const record = fc.tuple(cell, cell, cell).map((cells) => ({
  entry: JSON.stringify(cells.map(({ text }) => text)),
  written: cells.map(({ written }) => written).join(','),
}));
/** Octets to leave out at a place of a text, and what to put there. */
const damage = fc.record({
  at: fc.nat(),
  out: fc.nat({ max: 2 }),
  put: fc.constantFrom('', '"', '""', ',', '",', '\n'),
});

describe('where one record is damaged', () => {
  const log = fc.tuple(fc.array(record, { maxLength: 5 }), record, fc.array(record, { maxLength: 5 }), damage);

  test('no other is lost, and every line is an entry or told', async () => {
    await fc.assert(
      fc.asyncProperty(log, async ([before, { written }, after, { at, out, put }]) => {
        const place = at % (written.length + 1);
        const damaged = `${written.slice(0, place)}${put}${written.slice(place + out)}`;
        fc.pre(damaged.trim() !== '' && !/^\s*\n|\n\s*\n|\n\s*$/u.test(damaged));
        const others = [before, after].map((records) => records.map((one) => one.entry)) as [string[], string[]];
        const rows = [...before.map((one) => one.written), damaged, ...after.map((one) => one.written)].join('\n');
        const { entries, lines } = await read(`a,b,c\n${rows}\n`);
        expect(entries.slice(0, before.length)).toEqual(others[0]);
        expect(entries.slice(entries.length - after.length)).toEqual(others[1]);
        expect(lines).toBe(rows.split('\n').length);
      }),
      { numRuns: PROPERTY_RUNS * 3 },
    );
  });
});
