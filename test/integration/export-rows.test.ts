import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { beforeAll, expect, test } from 'vitest';
import { SESSION_LOG_FIELDS } from '../../src-main/contract/log-entry';
import { natscopeHere } from '../support/command-here';
import { readParquet } from '../support/parquet';
import { python } from '../support/python';
import { seededRandom } from '../support/random';
import { tempFolderForFile } from '../support/temp';
import { hasTool, needing } from '../support/tools';

/** More than are written at once, so that slices follow each other; `npm run test:deep` asks for a million. */
const FEW_ROWS = 210_000;
const ROWS = Number(process.env['NATSCOPE_EXPORT_ROWS'] ?? FEW_ROWS);
/** Reading a million rows of a workbook takes Python minutes. */
const TIMEOUT_MS = 900_000;
const folder = tempFolderForFile();
const workspace = join(folder, 'workspace');
const NAMES = SESSION_LOG_FIELDS.map(({ name }) => name);
/** SHA-256 of all rows in their order, with a comma behind each value and a line feed behind each row. */
let digest = '';

const random = seededRandom(7);
const below = (limit: number): number => random.int(0, limit - 1);
const address = (first: number): string => [first, below(256), below(256), below(256)].join('.');

/** In the order in which they are found: by their second. */
function session(index: number): readonly (string | number)[] {
  const start = 1_750_000_000 + Math.floor(index / 50);
  return [
    ...[`ngw-${below(3)}`, 'vpc, "a"', [6, 17, 1][below(3)] ?? 6, address(10), 1024 + below(60_000)],
    ...[address(1 + below(120)), 443, '203.0.113.1', 1024 + below(60_000)],
    ...[random.u32() * 1000, below(4096), below(2 ** 28), below(4096), start, start + below(600)],
  ];
}

beforeAll(async () => {
  const path = join(folder, 'sessions.ndjson');
  const stream = createWriteStream(path);
  const hash = createHash('sha256');
  for (let from = 0; from < ROWS; from += 10_000) {
    const rows = Array.from({ length: Math.min(10_000, ROWS - from) }, (_, index) => session(from + index));
    hash.update(rows.map((row) => `${row.join(',')},\n`).join(''));
    const entries = rows.map((row) => JSON.stringify(Object.fromEntries(row.map((value, at) => [NAMES[at], value]))));
    if (!stream.write(`${entries.join('\n')}\n`)) await once(stream, 'drain');
  }
  await finished(stream.end());
  digest = hash.digest('hex');
  const { code, stderr } = await natscopeHere(['load', path, '--workspace', workspace]);
  expect(code, stderr).toBe(0);
}, TIMEOUT_MS);

async function exported(format: string): Promise<string> {
  const path = join(folder, `rows.${format}`);
  const { code, stderr } = await natscopeHere([
    'query',
    '*',
    ...['--workspace', workspace, '--format', format, '--out', path],
  ]);
  expect(code, stderr).toBe(0);
  const meta = JSON.parse(readFileSync(`${path}.meta.json`, 'utf8')) as { rows: number };
  expect(meta.rows).toBe(ROWS);
  return path;
}

/** Each gives rows of texts. */
const READERS: Readonly<Record<string, string>> = {
  csv: `
file = open(path, newline='', encoding='utf-8')
rows = csv.reader(file, strict=True)
head = next(rows)`,
  tsv: `
file = open(path, newline='', encoding='utf-8')
rows = csv.reader(file, delimiter='\\t', strict=True)
head = next(rows)`,
  json: `
values = json.load(open(path, encoding='utf-8'))
head = list(values[0])
rows = (list(map(str, value.values())) for value in values)`,
  ndjson: `
head = list(json.loads(next(open(path, encoding='utf-8'))))
rows = (list(map(str, json.loads(line).values())) for line in open(path, encoding='utf-8'))`,
  xlsx: `
def sheet():
    with zipfile.ZipFile(path) as archive:
        assert [name for name in archive.namelist() if 'worksheets' in name] == ['xl/worksheets/sheet1.xml']
        with archive.open('xl/worksheets/sheet1.xml') as xml:
            for _, element in ElementTree.iterparse(xml):
                if element.tag.endswith('}row'):
                    yield [''.join(cell.itertext()) for cell in element]
                    element.clear()
rows = sheet()
head = next(rows)`,
};

const DIGEST = `
import csv, hashlib, json, sys, zipfile
from xml.etree import ElementTree
path = sys.argv[1]
READER
digest = hashlib.sha256()
count = 0
for row in rows:
    digest.update((','.join(row) + ',\\n').encode())
    count += 1
print(json.dumps([head, count, digest.hexdigest()]))
`;

/** All writers of rows get the same rows, so a few of them show that none is lost between slices. */
const FORMATS = ROWS > FEW_ROWS ? Object.keys(READERS) : ['csv', 'ndjson'];

test.skipIf(!hasTool('python3')).each(FORMATS)(
  needing('python3', `all rows of %s are what Python reads, in their order`),
  async (format) => {
    const path = await exported(format);
    expect(python(DIGEST.replace('READER', READERS[format] ?? ''), [path])).toEqual([NAMES, ROWS, digest]);
  },
  TIMEOUT_MS,
);

test(
  'all rows of parquet are what another reader has, in their order',
  async () => {
    const { names, rows } = await readParquet(await exported('parquet'));
    expect(names).toEqual(NAMES);
    expect(rows).toHaveLength(ROWS);
    const hash = createHash('sha256');
    for (const row of rows) hash.update(`${row.join(',')},\n`);
    expect(hash.digest('hex')).toBe(digest);
  },
  TIMEOUT_MS,
);
