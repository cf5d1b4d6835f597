import { expect, test } from 'vitest';
import { MOST_SHEET_ROWS } from '../../../src-main/contract/export';
import type { HostKind } from '../../../src-main/contract/host-bridge';
import { ExportDialogState } from '../../../src-renderer/features/exports/export-dialog.svelte';
import { exportRemarks } from '../../../src-renderer/features/exports/export-remarks';
import { ExportState } from '../../../src-renderer/features/exports/export-state.svelte';
import { exportSubject, type ExportSubject } from '../../../src-renderer/features/exports/export-subject';
import type { HostBridge } from '../../../src-renderer/services/host-bridge';
import { failed, FakeEngine, histogram, ok, report, settled } from './fake-engine';

const query = {
  ...{ text: 'protocol:6', project: 'local', logstore: 'session-log', from: '0', to: '600', zone: 'UTC' },
  ...{ limit: null, offset: 0, reverse: true, snapshot: null },
};
const subject: ExportSubject = {
  ...{ query, rowCount: 316, isMore: false, range: { fromSec: 0, toSec: 600 }, losses: [], partial: [] },
  columns: ['instance', 'pri_ip', 'protocol'],
};

function dialogOn(kind: HostKind) {
  const engine = new FakeEngine();
  const told: string[] = [];
  const fetched: string[] = [];
  const bridge = {
    kind,
    call: (name: string) =>
      Promise.resolve(name === 'export:pick' ? ok({ id: '1', path: '/there.csv' }) : ok({ path: '/there.csv' })),
    downloadUrl: (file: string, name: string) => {
      fetched.push(`${file} as ${name}`);
      return kind === 'desktop' ? null : Promise.resolve(ok(`/${file}`));
    },
  } as unknown as HostBridge;
  const nothing = (): void => undefined;
  const exporting = new ExportState(
    ...[engine, bridge, { onPackets: nothing, onFailed: nothing, fetchFile: nothing }, () => Date.now()],
  );
  const dialog = new ExportDialogState(exporting, kind, {
    onDone: ({ report: { rowCount }, path }) => told.push(`done: ${rowCount}, ${path ?? 'by the browser'}`),
    onFailed: ({ code }) => told.push(`failed: ${code}`),
  });
  return { engine, dialog, told, fetched };
}

const done = ok({ file: '1.csv', bytes: 40, rowCount: 316, range: null, notices: [] });

test.each([
  { name: 'CSV', choose: {}, file: 'session-log.csv', options: { gzip: false, neutraliseFormulas: false } },
  {
    name: 'TSV with all that it has',
    choose: { format: 'tsv', gzip: true, neutralise: true, spelling: 'preview2024' },
    file: 'session-log.tsv.gz',
    options: { gzip: true, neutraliseFormulas: true, spelling: 'preview2024' },
  },
  {
    name: 'NDJSON, which has no formulas',
    choose: { format: 'ndjson', neutralise: true },
    file: 'session-log.ndjson',
    options: { gzip: false },
  },
  {
    name: 'XLSX, which is packed by itself',
    choose: { format: 'xlsx', gzip: true, neutralise: true },
    file: 'session-log.xlsx',
    options: {},
  },
  { name: 'Parquet', choose: { format: 'parquet', gzip: true }, file: 'session-log.parquet', options: {} },
  {
    name: 'Parquet in a folder',
    choose: { format: 'parquet', isPartitioned: true, spelling: 'preview2024', partitionBy: ['protocol', 'pri_ip'] },
    file: 'session-log-partitions',
    options: { spelling: 'preview2024', partitionBy: ['portocol', 'pri_ip'] },
  },
] as const)('an export as $name asks for that, and for nothing that the format has not', async (row) => {
  const { engine, dialog } = dialogOn('desktop');
  dialog.open(subject);
  Object.assign(dialog, row.choose);
  expect(dialog.fileName).toBe(row.file);
  void dialog.start();
  await settled();
  expect(engine.last('export:run').request).toEqual({
    ...{ query, format: 'csv', spelling: 'current' },
    ...('format' in row.choose ? { format: row.choose.format } : {}),
    ...row.options,
  });
});

test('a browser is offered no folder, and a folder needs a column that is left for its files', () => {
  const desktop = dialogOn('desktop').dialog;
  const browser = dialogOn('browser').dialog;
  for (const dialog of [desktop, browser]) {
    dialog.open(subject);
    dialog.format = 'parquet';
    dialog.isPartitioned = true;
  }
  expect([browser.writesFolder, browser.isComplete]).toEqual([false, true]);
  expect([desktop.writesFolder, desktop.isComplete]).toEqual([true, false]);
  for (const name of ['protocol', 'instance']) desktop.togglePartition(name);
  expect([desktop.partitionBy, desktop.isComplete]).toEqual([['protocol', 'instance'], true]);
  desktop.togglePartition('pri_ip');
  expect(desktop.isComplete).toBe(false);
  desktop.togglePartition('protocol');
  expect(desktop.partitionBy).toEqual(['instance', 'pri_ip']);
});

test('the dialog says where the file is; in a browser its description can be fetched as well', async () => {
  const { engine, dialog, fetched, told } = dialogOn('browser');
  dialog.open(subject);
  const running = dialog.start();
  await settled();
  expect(dialog.phase.kind).toBe('running');
  await engine.last('export:run').answer(done);
  await running;
  if (dialog.phase.kind !== 'done') throw new Error(dialog.phase.kind);
  expect([dialog.phase.name, dialog.phase.path, told]).toEqual(['session-log.csv', null, []]);
  await dialog.fetchDescription(dialog.phase);
  // It is gone with that.
  await dialog.fetchDescription(dialog.phase);
  expect(dialog.isDescribed).toBe(true);
  expect(fetched).toEqual(['1.csv as session-log.csv', '1.csv.meta.json as session-log.csv.meta.json']);
});

test.each([
  { name: 'done', answer: done, told: ['done: 316, /there.csv'] },
  { name: 'failed', answer: failed('ENGINE_GONE'), told: ['failed: ENGINE_GONE'] },
])('an export whose dialog was left goes on, and is told when it has $name', async ({ answer, told: expected }) => {
  const { engine, dialog, told } = dialogOn('desktop');
  dialog.open(subject);
  const running = dialog.start();
  await settled();
  dialog.close();
  // Another answer does not take the place of what runs.
  expect([dialog.open({ ...subject, rowCount: 1 }), dialog.subject]).toEqual([true, subject]);
  dialog.close();
  await engine.last('export:run').answer(answer);
  await running;
  expect([told, dialog.phase.kind]).toEqual([expected, 'choosing']);
});

test('an export that is cancelled, or fails, can be changed and started again', async () => {
  const { engine, dialog } = dialogOn('desktop');
  dialog.open(subject);
  for (const [answer, phase] of [
    [failed('QUERY_CANCELLED'), { kind: 'choosing', wasCancelled: true }],
    [failed('INTERNAL'), { kind: 'failed', error: failed('INTERNAL').ok ? null : { code: 'INTERNAL' } }],
  ] as const) {
    const running = dialog.start();
    await settled();
    await engine.last('export:run').answer(answer);
    await running;
    expect(dialog.phase).toMatchObject(phase);
  }
});

test('there is nothing to be exported without an answer', () => {
  const { dialog } = dialogOn('desktop');
  expect([dialog.open(null), dialog.subject]).toEqual([false, null]);
});

test('entries are exported without the identities that the page asks for, and a cut statement in full', () => {
  const named = { ...report(9), columns: ['entry', 'n'].map((name) => ({ name, type: 'int64' as const })) };
  const answer = { pinned: query, histogram: histogram(70), report: named };
  expect(exportSubject({ ...answer, kind: 'entries', isCut: false }, 1000)).toMatchObject({
    ...{ rowCount: 70, isMore: false, columns: ['n'] },
  });
  expect(exportSubject({ ...answer, kind: 'statement', isCut: false }, 1000)).toMatchObject({
    ...{ rowCount: 9, isMore: false, columns: ['entry', 'n'] },
  });
  expect(exportSubject({ ...answer, kind: 'statement', isCut: true }, 1000)).toMatchObject({
    ...{ rowCount: 1000, isMore: true },
  });
});

test.each([
  { name: 'as many rows as a sheet holds', rowCount: MOST_SHEET_ROWS - 1, isMore: false, sheets: null },
  { name: 'one row more', rowCount: MOST_SHEET_ROWS, isMore: false, sheets: 'The rows go to 2 sheets' },
  {
    name: 'nobody knows how many',
    rowCount: 1_000_000,
    isMore: true,
    sheets: 'The rows go to as many sheets as they need',
  },
])('a workbook of $name says before it is written how many sheets there are', ({ rowCount, isMore, sheets }) => {
  const choice = { format: 'xlsx', neutralise: false, isPartitioned: false } as const;
  const warnings = exportRemarks(choice, { rowCount, isMore, losses: [], partial: [] }).filter(
    ({ kind }) => kind === 'warn',
  );
  expect(warnings.map(({ text }) => text.slice(0, sheets?.length))).toEqual(sheets === null ? [] : [sheets]);
});

test('formulas are warned of until they are neutralised, and losses behind the rows in every format', () => {
  const losses = ['Run 3 is incomplete.'];
  const warnings = (format: 'csv' | 'parquet', neutralise: boolean): number =>
    exportRemarks(
      { format, neutralise, isPartitioned: false },
      { rowCount: 1, isMore: false, losses, partial: [] },
    ).filter(({ kind }) => kind === 'warn').length;
  expect([warnings('csv', false), warnings('csv', true), warnings('parquet', false)]).toEqual([2, 1, 1]);
});
