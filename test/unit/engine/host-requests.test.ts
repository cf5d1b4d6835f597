import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { version as duckdbVersion } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import { DEFAULT_SETTINGS, type SettingsChange } from '../../../src-main/contract/settings';
import { aboutHost } from '../../../src-main/engine/about-host';
import { answerHostCall, type HostCallHandlers } from '../../../src-main/engine/host-requests';

const changes: SettingsChange[] = [];
const handlers: HostCallHandlers = {
  'capture:pick': () => ['/a.pcap'],
  'capture:sample': () => {
    throw new AppError('CAPTURE_NOT_FOUND', 'it is gone', { file: '/sample' });
  },
  'capture:handed': () => Promise.resolve([]),
  'export:pick': ({ suggestedName }) => ({ id: '1', path: `/${suggestedName}` }),
  'export:save': ({ file, target }) => ({ path: `${target}/${file}` }),
  'export:show': () => null,
  'export:fetch': ({ file }) => ({ ticket: file }),
  'packet-program:read': () => ({ name: null }),
  'packet-program:pick': () => null,
  'packets:open': () => ({ program: null }),
  'settings:read': () => ({ settings: DEFAULT_SETTINGS, path: null, fault: null }),
  'settings:change': ({ change }) => {
    changes.push(change);
    return null;
  },
  'window:open': () => null,
  'work:running': () => null,
  'work:ended': () => null,
  'about:read': aboutHost,
  'engine:restart': () => null,
};

test('a call gives what its handler gave', async () => {
  expect(await answerHostCall(handlers, 'capture:pick', {})).toEqual({ ok: true, value: ['/a.pcap'] });
  expect(await answerHostCall(handlers, 'export:pick', { suggestedName: 'x.csv' })).toEqual({
    ok: true,
    value: { id: '1', path: '/x.csv' },
  });
});

test('the host says what it is, in the versions that it really has', async () => {
  const about = await answerHostCall(handlers, 'about:read', {});
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
    readonly version: string;
  };
  const versions = [
    { name: 'Natscope', version },
    { name: 'Node.js', version: process.versions.node },
    { name: 'DuckDB', version: duckdbVersion().replace(/^v/, '') },
  ];
  expect(about).toMatchObject({ ok: true, value: { versions } });
});

test('settings are changed to what there is to choose from, and to nothing else', async () => {
  const change = (wanted: object) => answerHostCall(handlers, 'settings:change', { change: wanted });
  for (const fitting of [{}, { theme: 'dark', zone: null }, { zone: 'Asia/Shanghai', zoomPercent: 125 }]) {
    expect(await change(fitting)).toEqual({ ok: true, value: null });
  }
  for (const wrong of [{ theme: 'pink' }, { zone: 'Mars/Olympus' }, { zoomPercent: 1000 }, { path: '/etc/passwd' }]) {
    expect(await change(wrong)).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID' } });
  }
  expect(changes).toHaveLength(3);
});

test('what a window says of its work is looked at', async () => {
  const say = (name: string, request: object) => answerHostCall(handlers, name, request);
  const done = { title: 'Imported a.pcap', tookMs: 40_000, hasFailed: false };
  for (const running of [null, { kind: 'import', part: null }, { kind: 'export', part: 0.5 }]) {
    expect(await say('work:running', { running })).toEqual({ ok: true, value: null });
  }
  expect(await say('work:ended', done)).toEqual({ ok: true, value: null });
  const wrong = [
    await say('work:running', { running: { kind: 'import', part: 1.5 } }),
    await say('work:running', { running: { kind: 'mining', part: 0 } }),
    await say('work:ended', { ...done, title: 'x'.repeat(1001) }),
    await say('work:ended', { ...done, icon: '/etc/passwd' }),
  ];
  for (const outcome of wrong) expect(outcome).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID' } });
});

test('what a handler throws is the outcome', async () => {
  expect(await answerHostCall(handlers, 'capture:sample', {})).toEqual({
    ok: false,
    error: { code: 'CAPTURE_NOT_FOUND', message: 'it is gone', detail: { file: '/sample' } },
  });
});

test.each(['capture:steal', 'toString', '__proto__', '', 7, null, undefined, ['capture:pick']])(
  'there is no call %o',
  async (name) => {
    expect(await answerHostCall(handlers, name, {})).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID' } });
  },
);

test.each([
  { name: 'capture:pick', request: undefined },
  { name: 'capture:pick', request: { folder: '/etc' } },
  { name: 'export:pick', request: {} },
  { name: 'export:pick', request: { suggestedName: '../x.csv' } },
  { name: 'export:pick', request: { suggestedName: 'a\\b.csv' } },
  { name: 'export:pick', request: { suggestedName: 'a\0.csv' } },
  { name: 'export:pick', request: { suggestedName: 'x'.repeat(256) } },
  { name: 'export:save', request: { file: '..', target: '1' } },
  { name: 'export:save', request: { file: 'x.csv', target: 1 } },
  { name: 'export:fetch', request: { file: '../x.csv' } },
  { name: 'export:show', request: {} },
  { name: 'export:show', request: { path: '' } },
  { name: 'packet-program:pick', request: { path: '/bin/sh' } },
  { name: 'packets:open', request: { file: '../x.pcapng', name: 'a.pcapng' } },
  { name: 'packets:open', request: { file: 'x.pcapng', name: '../a.pcapng' } },
  { name: 'packets:open', request: { file: 'x.pcapng', name: '-Xlua_script:a.pcapng' } },
  { name: 'packets:open', request: { file: 'x.pcapng', name: 'a.desktop' } },
  { name: 'packets:open', request: { file: 'x.pcapng', name: 'a.pcapng', program: '/bin/sh' } },
  { name: 'export:save', request: { file: 'x.csv', target: '1', path: '/etc/passwd' } },
])('$name refuses $request', async ({ name, request }) => {
  const outcome = await answerHostCall(handlers, name, request);
  expect(outcome).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID' } });
});
