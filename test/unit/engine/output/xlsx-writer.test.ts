import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ResultBatch } from '../../../../src-main/contract/result-batch';
import { exactTimeText } from '../../../../src-main/engine/output/exact-time-text';
import { columnLetters } from '../../../../src-main/engine/output/spreadsheet-xml';
import { XlsxWriter } from '../../../../src-main/engine/output/xlsx-writer';
import { HOSTILE_BATCH, HOSTILE_COLUMNS, HOSTILE_NAMES } from '../../../support/hostile-rows';
import { python } from '../../../support/python';
import { tempFolder } from '../../../support/temp';
import { hasTool, needing } from '../../../support/tools';

/** Follows the relations of the package from its root, as spreadsheets do, and gives each cell as [type, text]. */
const READER = `
import json, re, sys, zipfile
from xml.etree import ElementTree
MAIN = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
REL = '{http://schemas.openxmlformats.org/package/2006/relationships}'
ID = '{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id'
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
types = ElementTree.fromstring(archive.read('[Content_Types].xml'))
known = {part.get('PartName') for part in types} | {'.' + part.get('Extension') for part in types if part.get('Extension')}
for name in archive.namelist():
    assert '/' + name in known or name.endswith('.rels') or name == '[Content_Types].xml', name
root = ElementTree.fromstring(archive.read('_rels/.rels'))
book = root.find(REL + 'Relationship').get('Target')
targets = {rel.get('Id'): rel.get('Target') for rel in ElementTree.fromstring(archive.read('xl/_rels/workbook.xml.rels'))}
def unescape(text):
    return re.sub('_x([0-9A-F]{4})_', lambda match: chr(int(match[1], 16)), text)
def value(cell):
    if cell.get('t') == 'inlineStr': return ['text', unescape(''.join(cell.itertext()))]
    return [cell.get('t') or 'number', cell.find(MAIN + 'v').text]
sheets = []
for sheet in ElementTree.fromstring(archive.read(book)).find(MAIN + 'sheets'):
    rows = ElementTree.fromstring(archive.read('xl/' + targets[sheet.get(ID)])).find(MAIN + 'sheetData')
    assert [row.get('r') for row in rows] == [str(number + 1) for number in range(len(rows))]
    sheets.append([{cell.get('r'): value(cell) for cell in row} for row in rows])
print(json.dumps(sheets))
`;
type Sheet = readonly Readonly<Record<string, readonly [type: string, text: string]>>[];

async function workbookOf(
  batches: readonly ResultBatch[],
  mostRows?: number,
): Promise<{ readonly sheets: readonly Sheet[]; readonly notes: readonly string[] }> {
  const pieces: Uint8Array[] = [];
  const sink = {
    write: (piece: string | Uint8Array) => {
      pieces.push(Buffer.from(piece));
      return Promise.resolve();
    },
  };
  const writer = new XlsxWriter(sink, exactTimeText('+08:00'), mostRows);
  for (const batch of batches) await writer.rows(batch);
  await writer.end(batches[0]?.columns ?? []);
  const path = join(tempFolder(), 'rows.xlsx');
  writeFileSync(path, Buffer.concat(pieces));
  return { sheets: python(READER, [path]) as Sheet[], notes: writer.notes };
}

test.skipIf(!hasTool('python3'))(
  needing('python3', 'a workbook holds every value as it is, and no formula'),
  async () => {
    const { sheets, notes } = await workbookOf([HOSTILE_BATCH]);
    const [head, ...rows] = sheets[0] ?? [];
    expect(HOSTILE_NAMES.map((_, column) => head?.[`${columnLetters(column)}1`])).toEqual(
      HOSTILE_NAMES.map((name) => ['text', name]),
    );
    const typed = (name: string | undefined, text: string): readonly [string, string] => {
      if (name === 'ok') return ['b', text === 'true' ? '1' : '0'];
      const isNumber = name === 'ratio' || name === 'n_2' || (name === 'n' && text.replace('-', '').length <= 15);
      return [isNumber ? 'number' : 'text', text];
    };
    for (const [column, expected] of HOSTILE_COLUMNS.entries()) {
      const read = rows.map((row, index) => row[`${columnLetters(column)}${index + 2}`] ?? null);
      const name = HOSTILE_NAMES[column];
      expect(read).toEqual(expected.map((text) => (text === null ? null : typed(name, text))));
    }
    expect(notes).toEqual([
      expect.stringMatching(/^\d+ integers of more than 15 digits are text, since a spreadsheet would round them$/),
    ]);
  },
);

const numbers = (from: number, count: number): ResultBatch => ({
  rowCount: count,
  columns: [{ name: 'n', type: 'int64', data: BigInt64Array.from({ length: count }, (_, row) => BigInt(from + row)) }],
});

test.skipIf(!hasTool('python3'))(
  needing('python3', 'rows beyond a sheet go into the next, under the same names'),
  async () => {
    const { sheets, notes } = await workbookOf([numbers(0, 25_000), numbers(25_000, 5000)], 10_001);
    expect(sheets.map((rows) => rows.length)).toEqual([10_001, 10_001, 10_001]);
    expect(sheets.map((rows) => [rows[0]?.['A1'], rows[1]?.['A2'], rows[10_000]?.['A10001']])).toEqual(
      [0, 10_000, 20_000].map((first) => [
        ['text', 'n'],
        ['number', String(first)],
        ['number', String(first + 9999)],
      ]),
    );
    expect(notes).toEqual(['The rows are in 3 sheets, since a sheet holds 10001 with the names above them']);
  },
);

test.skipIf(!hasTool('python3'))(needing('python3', 'a text that no cell holds is cut, and that is said'), async () => {
  const texts = ['x'.repeat(32_767), 'x'.repeat(32_768), `${'x'.repeat(32_766)}🦆`];
  const data = Uint32Array.of(0, 1, 2);
  const batch: ResultBatch = { rowCount: 3, columns: [{ name: 't', type: 'text', data, dictionary: texts }] };
  const { sheets, notes } = await workbookOf([batch]);
  expect(sheets[0]?.slice(1).map((row) => Object.values(row)[0]?.[1].length)).toEqual([32_767, 32_767, 32_766]);
  expect(notes).toEqual(['2 texts are cut after 32767 characters, the most of a cell: csv has them whole']);
});

test.skipIf(!hasTool('python3'))(needing('python3', 'a workbook without rows has one empty sheet'), async () => {
  const { sheets, notes } = await workbookOf([numbers(0, 0)]);
  expect(sheets).toEqual([[{ A1: ['text', 'n'] }]]);
  expect(notes).toEqual([]);
});

test.each([
  [0, 'A'],
  [25, 'Z'],
  [26, 'AA'],
  [701, 'ZZ'],
  [702, 'AAA'],
  [16_383, 'XFD'],
])('column %i is %s', (index, letters) => {
  expect(columnLetters(index)).toBe(letters);
});
