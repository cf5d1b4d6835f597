import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundledSample } from '../support/captures';
import { natscope, natscopeBin, run, type CommandResult } from '../support/command';
import { natscopeHere } from '../support/command-here';
import { seededRandom } from '../support/random';
import { tempFolderForFile } from '../support/temp';

let folder = '';
let workspace = '';
let whole = '';
/** The log as CSV: its header, and its entries. */
let head = '';
let lines: readonly string[] = [];

beforeAll(async () => {
  folder = tempFolderForFile();
  workspace = join(folder, 'workspace');
  whole = join(folder, 'whole.csv');
  await natscopeHere(['import', bundledSample, '--workspace', workspace, '--no-progress']);
  await natscopeHere(['query', '*', '--workspace', workspace, '--format', 'csv', '--out', whole]);
  [head = '', ...lines] = readFileSync(whole, 'utf8').trimEnd().split(/\r?\n/u);
  expect(lines.length).toBeGreaterThan(20);
});

function file(name: string, entries: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, [head, ...entries, ''].join('\n'));
  return path;
}

const compare = (...args: readonly string[]): Promise<CommandResult> => natscopeHere(['compare', ...args]);

interface Compared {
  readonly logs: readonly { readonly entries: number; readonly only_here: number }[];
  readonly equal: number;
  readonly different: number;
  readonly counts: readonly unknown[];
  readonly differences: readonly Readonly<Record<string, unknown>>[];
}

/** A line of the log as the differences have it, by the columns of both. */
function cellsOf(line: string): readonly string[] {
  const names = head.split(',');
  const cells = line.split(',');
  return ['pri_ip', 'pri_port', 'pub_ip', 'nat_port', 'start_time', 'bytes_from_vpc'].map(
    (name) => cells[names.indexOf(name)] ?? '',
  );
}

describe('natscope compare', () => {
  test('names exactly the entries that were deleted from a file, against the Logstore that it came from', async () => {
    const random = seededRandom(11);
    const deleted = lines.filter(() => random.int(0, 9) < 3);
    const part = file(
      'part.csv',
      lines.filter((line) => !deleted.includes(line)),
    );
    const { code, stdout, stderr } = await compare('session-log', part, '--workspace', workspace, '--json');
    expect(code).toBe(3);
    const told = JSON.parse(stdout) as Compared;
    expect(told.logs).toMatchObject([{ entries: lines.length, only_here: deleted.length }, { only_here: 0 }]);
    expect(told.equal).toBe(lines.length - deleted.length);
    const named = told.differences.map((difference) =>
      ['pri_ip', 'pri_port', 'pub_ip', 'nat_port', 'start_time', 'bytes_from_vpc'].map((name) =>
        String(difference[name]),
      ),
    );
    expect(named.toSorted()).toEqual(deleted.map(cellsOf).toSorted());
    expect(told.differences.every((difference) => difference['in'] === 'A')).toBe(true);
    expect(stderr).toContain(`${deleted.length} only in A, missing_delivery`);
    expect(readdirSync(join(workspace, 'tmp'))).toEqual([]);
  });

  test('finds two spellings and formats of one log equal, without a workspace', async () => {
    const ndjson = join(folder, 'whole.ndjson.gz');
    const args = ['--workspace', workspace, '--format', 'ndjson', '--spelling', 'preview2024', '--out', ndjson];
    await natscopeHere(['query', '*', ...args]);
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('natscope-compare-'));
    const { code, stdout, stderr } = await natscope(['compare', whole, ndjson], {
      env: { NATSCOPE_WORKSPACE: join(folder, 'none') },
    });
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain(`All ${lines.length} entries are equal.`);
    expect(readdirSync(folder)).not.toContain('none');
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('natscope-compare-'))).toEqual(before);
  });

  test('takes a file without entries for a log of none, so that all are missing', async () => {
    for (const [name, content] of [
      ['none.csv', `${head}\n`],
      ['none.json', '[]'],
    ] as const) {
      const none = join(folder, name);
      writeFileSync(none, content);
      const { code, stdout, stderr } = await compare(none, whole, '--json');
      expect(code).toBe(3);
      expect((JSON.parse(stdout) as Compared).logs).toMatchObject([
        { entries: 0, only_here: 0 },
        { entries: lines.length, only_here: lines.length },
      ]);
      expect(stderr).toContain(`${name}: it has no log entries`);
    }
  });

  test('writes what differs to a file, with both values', async () => {
    const names = head.split(',');
    const at = names.indexOf('pkts_from_vpc');
    const changed = lines.map((line, index) => {
      const cells = line.split(',');
      if (index === 3) cells[at] = String(Number(cells[at]) + 1);
      return cells.join(',');
    });
    const out = join(folder, 'changed.csv');
    const { code } = await compare(whole, file('more.csv', changed), '--format', 'csv', '--out', out);
    expect(code).toBe(3);
    const [columns = '', row = '', ...others] = readFileSync(out, 'utf8').trimEnd().split(/\r?\n/u);
    expect(others).toEqual([]);
    const before = Number(lines[3]!.split(',')[at]);
    expect(columns.split(',').slice(0, 3)).toEqual(['in', 'reason', 'protocol']);
    expect(row).toContain('both,missing_packets,');
    expect(row).toContain(`pkts_from_vpc ${before} | ${before + 1}`);
  });

  test('describes the file of differences beside it', async () => {
    const out = join(folder, 'described.ndjson');
    await compare(whole, file('less.csv', lines.slice(2)), '--format', 'ndjson', '--out', out);
    expect(JSON.parse(readFileSync(`${out}.meta.json`, 'utf8'))).toMatchObject({
      ...{ rows: 2, format: 'ndjson', bytes: readFileSync(out).length, equal: lines.length - 2, different: 0 },
      logs: [
        { name: whole, entries: lines.length, only_here: 2 },
        { name: join(folder, 'less.csv'), only_here: 0 },
      ],
      ...{ losses: [], notices: [] },
    });
  });

  test('tells an entry that a log has twice from one that was not delivered', async () => {
    const twice = file('twice.csv', [...lines, lines[5]!, lines[5]!]);
    const { stderr } = await compare(twice, whole);
    expect(stderr).toContain(`${lines.length} entries equal\n2 only in A, duplicate: `);
  });

  test('finds clocks that are hours apart, and asks for the zone', async () => {
    const names = head.split(',');
    const later = lines.map((line) => {
      const cells = line.split(',');
      for (const name of ['start_time', 'end_time'])
        cells[names.indexOf(name)] = String(Number(cells[names.indexOf(name)]) + 28_800);
      return cells.join(',');
    });
    const { stderr } = await compare(whole, file('later.csv', later.slice(1)));
    expect(stderr).toContain(`${lines.length - 1} in both, time_zone: `);
    expect(stderr).toContain('1 only in A, ');
    expect(stderr).toContain(`B is +28800 s from A in ${lines.length - 1} entries: the clocks are 8 h apart`);
  });

  test('takes one log from standard input', async () => {
    const part = file('piped.csv', lines.slice(1));
    const { stderr } = await run('sh', [
      '-c',
      '"$0" "$1" compare - "$2" <"$3"',
      process.execPath,
      natscopeBin,
      whole,
      part,
    ]);
    expect(stderr).toContain('1 only in B, ');
    expect((await compare('-', '-')).code).toBe(2);
  });

  test('knows what was lost on the way into a Logstore', async () => {
    const place = ['--workspace', join(folder, 'lossy')];
    const script = join(folder, 'delivery.json');
    const fault = { fault: 'project_disabled', from: '+10m', to: '+22m' };
    writeFileSync(script, JSON.stringify({ seed: 1, delaySec: { least: 60, most: 60, tailRate: 0 }, faults: [fault] }));
    await natscopeHere(['import', bundledSample, ...place, '--no-progress', '--delivery', script]);
    const { stderr } = await compare(whole, 'session-log', ...place);
    expect(stderr).toMatch(/only in A, missing_delivery/u);
    expect(stderr).not.toContain('not_covered');
  });

  test.each([
    { what: 'a file that is missing', args: ['missing.csv', 'session-log'], code: 'CAPTURE_NOT_FOUND', exit: 1 },
    { what: 'a Logstore that is missing', args: ['session-log', 'elsewhere'], code: 'LOGSTORE_NOT_FOUND', exit: 1 },
    { what: 'what is neither', args: ['session-log', 'Neither Of Both'], code: 'OPTION_INVALID', exit: 2 },
    { what: 'a file of other things', args: [bundledSample, 'session-log'], code: 'LOAD_UNREADABLE', exit: 1 },
  ])('refuses $what', async ({ args, code, exit }) => {
    const result = await compare(...args, '--workspace', workspace, '--json');
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code } });
    expect(result.code).toBe(exit);
    expect(readdirSync(join(workspace, 'tmp'))).toEqual([]);
  });
});
