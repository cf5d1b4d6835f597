import { describe, expect, test } from 'vitest';
import { MAX_EIPS, MAX_INSIDE_NETWORKS } from '../../../src-main/nat/gateway';
import { parseRequest } from '../../../src-main/engine/request-parsers';

const importRequest = {
  captures: ['/captures/a.pcap'],
  project: 'local',
  logstore: 'session-log',
  inside: [],
  eips: [],
  seed: 0,
  layer: 'auto',
  createIndex: true,
  again: false,
  keepGoing: false,
};
const queryRequest = {
  text: '*',
  project: 'local',
  logstore: 'session-log',
  from: null,
  to: null,
  zone: 'UTC',
  limit: null,
  offset: 0,
  reverse: false,
  snapshot: null,
};

const natTableRequest = {
  project: 'local',
  logstore: 'session-log',
  at: '1700000000.5',
  zone: 'UTC',
  run: null,
  host: null,
  nat: null,
};

const natEventsRequest = {
  ...{ project: 'local', logstore: 'session-log', from: null, to: '-1m', zone: 'UTC', run: 3, host: '10.0.0.7' },
};

const contextRequest = {
  ...{ project: 'local', logstore: 'session-log', snapshot: null },
  ...{ entry: { run: 1, entryNo: 42 }, same: 'host', back: 0, forward: 10 },
};

const SNAPSHOT = { maxRun: 7, startedMs: 5, hidden: [3, 5], runs: 5 };

test('requests as the contract has them pass unchanged', () => {
  expect(parseRequest('import:run', importRequest)).toEqual(importRequest);
  const configured = { ...importRequest, gateway: { profile: 'linux', anything: [1] } };
  expect(parseRequest('import:run', configured)).toEqual(configured);
  const played = { ...importRequest, live: true, speed: 60, playFrom: { base: 'start', sec: 600 } };
  expect(parseRequest('import:run', played)).toEqual(played);
  expect(() => parseRequest('import:run', { ...played, live: undefined })).toThrow(/speed is of a live import/);
  expect(() => parseRequest('import:run', { ...played, speed: undefined })).toThrow(/playFrom of one with a speed/);
  expect(parseRequest('query:run', queryRequest)).toEqual(queryRequest);
  const { text, project, logstore, from, to, zone, snapshot } = queryRequest;
  const histogramRequest = { text, project, logstore, from, to, zone, snapshot };
  const later = { ...queryRequest, snapshot: SNAPSHOT };
  expect(parseRequest('query:run', later)).toEqual(later);
  expect(parseRequest('histogram:run', histogramRequest)).toEqual(histogramRequest);
  const exportRequest = { query: queryRequest, format: 'csv' };
  expect(parseRequest('export:run', exportRequest)).toEqual(exportRequest);
  for (const packets of [{ run: 1, entryNo: 42 }, { query: histogramRequest }]) {
    expect(parseRequest('packets:write', packets)).toEqual(packets);
    const outside = { ...packets, side: 'public' };
    expect(parseRequest('packets:write', outside)).toEqual(outside);
    expect(() => parseRequest('packets:write', { ...packets, side: 'inside' })).toThrow(/side/);
  }
  expect(() => parseRequest('packets:write', { query: { ...histogramRequest, limit: 5 } })).toThrow(/limit/);
  for (const of of ['read', 'in_entries', 'no_session']) {
    expect(parseRequest('packets:write', { run: 1, of })).toEqual({ run: 1, of });
  }
  expect(() => parseRequest('packets:write', { run: 1, of: 'lost' })).toThrow(/of/);
  const fieldRequest = { ...histogramRequest, field: 'pub_port' };
  expect(parseRequest('field:read', fieldRequest)).toEqual(fieldRequest);
  expect(parseRequest('context:read', contextRequest)).toEqual(contextRequest);
  expect(parseRequest('nat-table:read', natTableRequest)).toEqual(natTableRequest);
  const ofOne = { ...natTableRequest, run: 3, host: '10.0.0.7', nat: { address: '203.0.113.1', port: 0 } };
  expect(parseRequest('nat-table:read', ofOne)).toEqual(ofOne);
  expect(parseRequest('nat-events:read', natEventsRequest)).toEqual(natEventsRequest);
  const windowsRequest = { project: 'local', logstore: 'session-log', run: 3 };
  expect(parseRequest('windows:read', windowsRequest)).toEqual(windowsRequest);
  expect(parseRequest('workspace:read', {})).toEqual({});
  expect(parseRequest('dialect:read', {})).toEqual({});
  expect(parseRequest('import:read', { run: 7 })).toEqual({ run: 7 });
});

test('as many networks and public addresses pass as a gateway takes', () => {
  const most = {
    ...importRequest,
    inside: Array<string>(MAX_INSIDE_NETWORKS).fill('10.0.0.0/8'),
    eips: Array<string>(MAX_EIPS).fill('203.0.113.1'),
  };
  expect(parseRequest('import:run', most)).toEqual(most);
});

describe('what does not fit is refused, with the field and the rule', () => {
  test.each([
    { name: 'a relative path', change: { captures: ['a.pcap'] }, says: /absolute path[\s\S]*captures\[0\]/ },
    { name: 'no capture', change: { captures: [] }, says: /captures/ },
    { name: 'a seed beyond 32 bits', change: { seed: 2 ** 32 }, says: /4294967295[\s\S]*seed/ },
    { name: 'a text where a flag belongs', change: { again: 'yes' }, says: /boolean[\s\S]*again/ },
    { name: 'too many public addresses', change: { eips: Array<string>(MAX_EIPS + 1).fill('') }, says: /eips/ },
    { name: 'too many networks', change: { inside: Array<string>(MAX_INSIDE_NETWORKS + 1).fill('') }, says: /inside/ },
    { name: 'a field that nobody knows', change: { sql: 'DROP' }, says: /sql/ },
    { name: 'a gateway that is no object', change: { gateway: ['x'] }, says: /gateway/ },
    {
      name: 'networks beside a gateway',
      change: { gateway: {}, inside: ['10.0.0.0/8'] },
      says: /gateway has inside, eips and seed of its own/,
    },
    { name: 'a seed beside a gateway', change: { gateway: {}, seed: 1 }, says: /seed of its own/ },
  ])('$name', ({ change, says }) => {
    expect(() => parseRequest('import:run', { ...importRequest, ...change })).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID', message: expect.stringMatching(says) as string }) as Error,
    );
  });

  test.each([
    { name: 'a limit below zero', request: { ...queryRequest, limit: -1 } },
    { name: 'an offset below zero', request: { ...queryRequest, offset: -1 } },
    { name: 'an offset between entries', request: { ...queryRequest, offset: 0.5 } },
    { name: 'a missing field', request: { text: '*' } },
    { name: 'a snapshot without its hidden runs', request: { ...queryRequest, snapshot: { maxRun: 7, runs: 5 } } },
    { name: 'a snapshot of less than no run', request: { ...queryRequest, snapshot: { ...SNAPSHOT, runs: -1 } } },
    { name: 'no object', request: 'select 1' },
    { name: 'nothing', request: undefined },
  ])('$name', ({ request }) => {
    expect(() => parseRequest('query:run', request)).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID' }) as Error,
    );
  });

  test.each([
    { name: 'an export in another format', call: 'export:run', request: { query: queryRequest, format: 'pdf' } },
    { name: 'an export of half a query', call: 'export:run', request: { query: { text: '*' }, format: 'csv' } },
    { name: 'a histogram with a limit', call: 'histogram:run', request: queryRequest },
    { name: 'events of no Logstore', call: 'nat-events:read', request: { ...natEventsRequest, logstore: '' } },
    { name: 'statistics of no field', call: 'field:read', request: { ...queryRequest, field: '' } },
    { name: 'a context of what is none', call: 'context:read', request: { ...contextRequest, same: 'port' } },
    { name: 'less than no entries', call: 'context:read', request: { ...contextRequest, back: -1 } },
    { name: 'a table of no time', call: 'nat-table:read', request: { ...natTableRequest, at: null } },
    {
      name: 'a time of a thousand letters',
      call: 'nat-table:read',
      request: { ...natTableRequest, at: '1'.repeat(1000) },
    },
    {
      name: 'a port beyond 16 bits',
      call: 'nat-table:read',
      request: { ...natTableRequest, nat: { address: '203.0.113.1', port: 65_536 } },
    },
    { name: 'a workspace by its path', call: 'workspace:read', request: { workspace: '/w' } },
    { name: 'a run below zero', call: 'import:read', request: { run: -1 } },
    { name: 'a run beyond 32 bits', call: 'import:read', request: { run: 2 ** 32 } },
  ] as const)('$name', ({ call, request }) => {
    expect(() => parseRequest(call, request)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }) as Error);
  });
});
