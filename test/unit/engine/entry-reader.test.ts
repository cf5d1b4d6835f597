import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EntryReader } from '../../../src-main/engine/load/entry-reader';
import type { LoadFormat } from '../../../src-main/contract/logstore';
import { PACKINGS } from '../../../src-main/engine/unpack/unpacker';
import { FieldNames } from '../../../src-main/logstore/field-names';
import { compress, packings, packingTitle } from '../../support/compress';
import { tempFolder } from '../../support/temp';

interface Read {
  readonly format: LoadFormat;
  /** Fields by name, each entry with its line in front. */
  readonly entries: readonly string[];
  readonly bad: readonly string[];
}

async function readAll(content: string | Uint8Array, format: LoadFormat | 'auto' = 'auto'): Promise<Read> {
  const path = join(tempFolder(), 'log');
  writeFileSync(path, content);
  const names = new FieldNames();
  const reader = await EntryReader.open({ name: path, path }, format, 100, names);
  const entries: string[] = [];
  const bad: string[] = [];
  try {
    while (await reader.next()) {
      const { batch } = reader;
      for (let entry = 0; entry < batch.length; entry++) {
        const cells = [];
        for (let cell = batch.firstCells[entry]!; cell < batch.firstCells[entry + 1]!; cell++) {
          cells.push(`${names.textOf(batch.cellNames[cell]!)}=${batch.text(cell)}`);
        }
        entries.push(`${batch.lines[entry]}: ${cells.join(' ')}`);
      }
      bad.push(...reader.bad.map(({ line, fault }) => `${line}: ${fault.code}`));
    }
  } finally {
    await reader.close();
  }
  return { format: reader.format, entries, bad };
}

describe('a file of log entries', () => {
  test('is read to its end, with what is none of them', async () => {
    const lines = Buffer.concat([
      Buffer.from('\ufeff{"a":1}\r\n\r\n{"a":"é"}\n'),
      Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d, 0x0a]),
      Buffer.from('nonsense\n{"a":"\\ud83d\\ude00","b":[1]}'),
    ]);
    expect(await readAll(lines)).toEqual({
      format: 'ndjson',
      entries: ['1: a=1', '3: a=é', '6: a=😀 b=[1]'],
      bad: ['4: ENCODING', '5: SYNTAX'],
    });
  });

  test('with a mark of UTF-8 has its columns by their names', async () => {
    const csv = '\ufeffa;"b c"\r\n1;"x;""y"""\r\n2\r\n"l\nm";\r\n';
    expect(await readAll(csv)).toEqual({
      format: 'csv',
      entries: ['2: a=1 b c=x;"y"', '4: a=l\nm'],
      bad: ['3: CELLS'],
    });
  });

  test('that is one list of objects is read as such', async () => {
    expect(await readAll('[\n{"a":1},\n{"a":\n2},3]')).toEqual({
      format: 'json',
      entries: ['2: a=1', '3: a=2'],
      bad: ['4: NOT_AN_OBJECT'],
    });
  });

  test.each([
    { name: 'in one line', json: '{"logs":[{"time":1,"a":"]}"},{"time":2}]}', bad: [] },
    {
      name: 'beside plain values',
      json: '\ufeff{"n":2,"of":"x",\n"logs":[{"time":1,"a":"]}"},{"time":2}],"ok":true}\n',
      bad: [],
    },
    { name: 'in many lines', json: '{\n"logs": [\n{"time":1,"a":"]}"},\n{"time":2}\n]\n}\n', bad: [] },
    { name: 'that is cut off', json: '{"logs":[{"time":1,"a":"]}"},{"time":2},', bad: ['1: CUT_OFF'] },
  ])('that is an object with one list of entries is read as that list, $name', async ({ json, bad }) => {
    const read = await readAll(json);
    expect(read.entries.map((entry) => entry.replace(/^\d+: /u, ''))).toEqual(['time=1 a=]}', 'time=2']);
    expect([read.format, read.bad]).toEqual(['json', bad]);
  });

  test('what else stands behind such a list is told, also far from its beginning', async () => {
    const entries = Array.from({ length: 40_000 }, (_, n) => `{"time":${n}}`);
    const read = await readAll(`{"logs":[\n${entries.join(',\n')}],\n"more":[\n{"time":1}]}`);
    expect([read.entries.length, read.bad]).toEqual([40_000, ['40001: SYNTAX']]);
  });

  test.each([
    { name: 'with a time beside it', json: '{"time":1,"tags":[{"k":1}]}\n' },
    { name: 'with a time behind it', json: '{"tags":[{"k":1}],"time":1}\n' },
    { name: 'with others behind it', json: '{"tags":[{"k":1}]}\n{"tags":[{"k":2}]}\n' },
  ])('an entry that has a list is one, $name', async ({ json }) => {
    const { entries } = await readAll(json);
    expect(entries).toHaveLength(json.split('\n').length - 1);
    expect(entries[0]).toContain('tags=[{"k":1}]');
  });

  test('has the delimiter that its head has', async () => {
    expect(await readAll('a|b|c\n1,5|"x|y"|\n')).toEqual({ format: 'csv', entries: ['2: a=1,5 b=x|y'], bad: [] });
  });

  test.each(
    PACKINGS.map((packing) => ({ packing, title: packingTitle(packing, 'what is compressed is what it was before') })),
  )('$title', async ({ packing }) => {
    if (!packings.includes(packing)) return;
    const text = Array.from(
      { length: 3000 },
      (_, line) => `{"n":${line},"t":"${'ab\\n"'.slice(0, 4)}${'x'.repeat(line)}"}\n`,
    );
    const plain = await readAll(text.join(''));
    expect(plain.entries).toHaveLength(3000);
    expect(plain.entries[2999]).toBe(`3000: n=2999 t=ab\n${'x'.repeat(2999)}`);
    expect(await readAll(compress(packing, Buffer.from(text.join(''))))).toEqual(plain);
  });

  test('a line of 17 MiB is one fault, and the next is read', async () => {
    const { entries, bad } = await readAll(`{"a":1}\n{"a":"${'x'.repeat(17 << 20)}"}\n{"a":2}\n`);
    expect(entries).toEqual(['1: a=1', '3: a=2']);
    expect(bad).toEqual(['2: TOO_LONG']);
  });

  test('a value of 15 MiB is one value', async () => {
    const { entries, bad } = await readAll(`{"a":"${'\\u00e9'.repeat(2_500_000)}"}\n{"a":2}\n`);
    expect(entries.map((entry) => entry.length)).toEqual([2_500_005, 6]);
    expect(bad).toEqual([]);
  });
});
