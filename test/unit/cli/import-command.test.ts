import { describe, expect, test } from 'vitest';
import type { Io } from '../../../src-main/cli/io';
import { AppError } from '../../../src-main/contract/errors';
import type { ImportReport, ImportRequest } from '../../../src-main/contract/imports';
import type { ReplayControl } from '../../../src-main/contract/replay';
import { parseNetwork, parsePublicAddress } from '../../../src-main/nat/address-text';
import { defaultGateway } from '../../../src-main/nat/gateway';
import { CLEAN_LEDGER, importReport, runCli, type CliOptions } from './run-cli';

/** Runs an import that answers with `report`. @returns the request too */
async function importing(argv: readonly string[], report: ImportReport = importReport(), options: CliOptions = {}) {
  const requests: ImportRequest[] = [];
  const workspaces: (string | null)[] = [];
  const result = await runCli(['import', ...argv], {
    ...options,
    engine: {
      import: (request) => {
        requests.push(request);
        return report;
      },
    },
    onOpen: (workspaceDir) => workspaces.push(workspaceDir),
  });
  return { ...result, request: requests[0], workspace: workspaces[0] };
}

const DEFAULTS: ImportRequest = {
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
  maxExpansion: 200,
};

test.each([
  { name: 'nothing but a capture', argv: ['a.pcap'], request: {} },
  {
    name: 'several captures, absolute or not',
    argv: ['a.pcap', '/x/b.pcap', '../c.pcap'],
    request: { captures: ['/captures/a.pcap', '/x/b.pcap', '/c.pcap'] },
  },
  {
    name: 'standard input, and a file of that name',
    argv: ['-', './-'],
    request: { captures: ['-', '/captures/-'] },
  },
  {
    name: 'another limit for compressed captures',
    argv: ['a.gz', '--max-expansion=5000'],
    request: { captures: ['/captures/a.gz'], maxExpansion: 5000 },
  },
  {
    name: 'networks with commas',
    argv: ['a.pcap', '--inside', '10.0.0.0/8,172.16.0.0/12'],
    request: { inside: ['10.0.0.0/8', '172.16.0.0/12'] },
  },
  {
    name: 'networks in two options',
    argv: ['a.pcap', '--inside=10.0.0.0/8', '--inside=172.16.0.0/12'],
    request: { inside: ['10.0.0.0/8', '172.16.0.0/12'] },
  },
  {
    name: 'public addresses',
    argv: ['--eip', '198.51.100.7, 198.51.100.8', 'a.pcap'],
    request: { eips: ['198.51.100.7', '198.51.100.8'] },
  },
  { name: 'a seed', argv: ['a.pcap', '--seed', '42'], request: { seed: 42 } },
  {
    name: 'every switch',
    argv: ['a.pcap', '--no-index', '--again', '--keep-going'],
    request: { createIndex: false, again: true, keepGoing: true },
  },
  {
    name: 'a place',
    argv: ['a.pcap', '--project', 'lab', '--logstore', 'edge_1'],
    request: { project: 'lab', logstore: 'edge_1' },
  },
])('import takes $name', async ({ argv, request }) => {
  const result = await importing(argv);
  // Who says nothing of a gateway, a seed or a place means those of the console, if there are any.
  const isSaid = ['inside', 'eips', 'seed', 'project'].some((key) => key in request);
  const sessionLogs = isSaid ? {} : { sessionLogs: 'enabled' };
  expect(result.request).toEqual({ ...DEFAULTS, ...sessionLogs, ...request });
  expect(result).toMatchObject({ exitCode: 0, stderr: '', workspace: null });
});

test.each([
  { name: 'some of the console', argv: ['--gateway-id', 'ngw-a,ngw-b'], request: { sessionLogs: ['ngw-a', 'ngw-b'] } },
  { name: 'the default one, whatever the console has', argv: ['--no-session-logs'], request: {} },
])('import goes through gateways: $name', async ({ argv, request }) => {
  expect((await importing(['a.pcap', ...argv])).request).toEqual({ ...DEFAULTS, ...request });
});

test.each(['--project=lab', '--logstore=nat', '--no-session-logs', '--eip=198.51.100.7'])(
  'import through gateways of the console refuses %s, which says otherwise',
  async (option) => {
    const { exitCode, stderr, request } = await importing(['a.pcap', '--gateway-id=ngw-a', option]);
    expect({ exitCode, request }).toEqual({ exitCode: 2, request: undefined });
    expect(stderr).toContain(`${option.replace(/=.*/u, '')} cannot be given with --gateway-id`);
  },
);

test('standard input is read only once, and not from a terminal', async () => {
  const twice = await importing(['-', '-']);
  expect(twice).toMatchObject({ exitCode: 2, request: undefined });
  expect(twice.stderr).toContain('standard input can be read only once');
  for (const command of ['import', 'conversations']) {
    const { exitCode, stderr } = await runCli([command, '-'], { io: { isStdinTty: true } });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('standard input is a terminal');
  }
});

test('--workspace is relative to where the user stands', async () => {
  expect(await importing(['a.pcap', '--workspace', 'ws'])).toMatchObject({ exitCode: 0, workspace: '/captures/ws' });
});

const repeated = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join(',');

test('the most public addresses and networks are taken, and the help names how many', async () => {
  const eips = repeated(256, (n) => `198.51.${n >> 8}.${n & 255}`);
  const inside = repeated(1000, (n) => `10.0.${n >> 8}.${n & 255}`);
  const { exitCode, request } = await importing(['a.pcap', '--eip', eips, '--inside', inside]);
  expect(exitCode).toBe(0);
  expect([request?.eips.length, request?.inside.length]).toEqual([256, 1000]);
  const { stdout } = await runCli(['import', '--help']);
  expect(stdout).toMatch(/at most\s+256/);
  expect(stdout).toMatch(/at most\s+1000/);
});

test.each([
  {
    name: 'one named twice',
    argv: ['--eip', '198.51.100.7', '--eip', '198.51.100.7'],
    says: '198.51.100.7 is named twice',
  },
  {
    name: 'one inside',
    argv: ['--eip', '10.0.0.1', '--inside', '10.0.0.0/24'],
    says: '10.0.0.1 is inside 10.0.0.0/24',
  },
])('what the engine says of public addresses is wrong usage: $name', async ({ argv, says }) => {
  const { exitCode, stderr } = await runCli(['import', 'a.pcap', ...argv], {
    engine: {
      import: ({ inside, eips, seed }) => {
        defaultGateway({ inside: inside.map(parseNetwork), eips: eips.map(parsePublicAddress), seed });
        return importReport();
      },
    },
  });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(says);
  expect(stderr).toContain('(OPTION_INVALID)');
});

test.each([
  { argv: [], says: "missing required argument 'capture'" },
  { argv: ['a.pcap', '--frobnicate'], says: "unknown option '--frobnicate'" },
  { argv: ['a.pcap', '--seed', 'x'], says: 'whole number from 0 to 4294967295' },
  { argv: ['a.pcap', '--seed', '-1'], says: 'whole number' },
  { argv: ['a.pcap', '--seed', '4294967296'], says: 'whole number' },
  { argv: ['a.pcap', '--eip', 'foo'], says: '"foo" is no IPv4 address' },
  { argv: ['a.pcap', '--eip', '1.2.3.4,'], says: '"" is no IPv4 address' },
  { argv: ['a.pcap', '--eip', '0.0.0.1'], says: '0.0.0.1 is an address of "this network"' },
  { argv: ['a.pcap', '--eip', '198.51.100.7,127.0.0.1'], says: '127.0.0.1 is a loopback address' },
  {
    argv: ['a.pcap', '--eip', repeated(257, (n) => `198.51.${n >> 8}.${n & 255}`)],
    says: 'At most 256 public addresses',
  },
  { argv: ['a.pcap', '--inside', repeated(1001, (n) => `10.0.${n >> 8}.${n & 255}`)], says: 'At most 1000 networks' },
  { argv: [''], says: 'It must be the path of a file' },
  { argv: ['a.pcap', ''], says: 'It must be the path of a file' },
  { argv: ['a.pcap', '--inside', '10.0.0.1/8'], says: 'did you mean 10.0.0.0/8?' },
  { argv: ['a.pcap', '--logstore', 'A'], says: 'is no Logstore name' },
  { argv: ['a.pcap', '--project', 'no_underscore'], says: 'is no project name' },
  { argv: ['a.pcap', '--progress', 'sometimes'], says: 'Allowed choices are auto, always, never' },
  { argv: ['a.pcap', '--workspace'], says: 'argument missing' },
  { argv: ['a.pcap', '--workspace', ''], says: '--workspace needs the path of a folder' },
])('import $argv is wrong usage', async ({ argv, says }) => {
  const result = await importing(argv);
  expect(result).toMatchObject({ exitCode: 2, stdout: '', request: undefined });
  expect(result.stderr).toMatch(/^natscope: /);
  expect(result.stderr).toContain(says);
});

test('wrong usage with --json is an error object too', async () => {
  const { exitCode, stdout } = await importing(['a.pcap', '--json', '--seed', 'x']);
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'OPTION_INVALID', detail: {} } });
});

test('--json prints the promised object and nothing else', async () => {
  const { stdout, stderr } = await importing(['a.pcap', '--json']);
  expect(stderr).toBe('');
  expect(stdout.split('\n')).toHaveLength(2);
  const shape = JSON.parse(stdout);
  expect(Object.keys(shape).slice(0, 9)).toEqual([
    ...['run', 'captures', 'file_bytes', 'packets', 'ip_bytes', 'log_entries', 'windows', 'seconds', 'balanced'],
  ]);
  expect(shape).toEqual({
    run: 3,
    captures: [
      {
        path: '/captures/office.pcap',
        format: 'pcap',
        bytes: 16_204_100,
        packets: 102_331,
        first_time: '1773133200.123456789',
        last_time: '1773134399.999999999',
      },
    ],
    file_bytes: { read: 16_204_100, container: 1_637_320, captured: 14_566_780, unreadable: [] },
    packets: { read: 102_331, in_entries: 99_990, not_in_entries: { non_ip: 12, intra: 2_329 } },
    ip_bytes: { read: 13_130_210, in_entries: 12_930_005, not_in_entries: { intra: 200_205 } },
    log_entries: 1_204,
    windows: 2,
    seconds: 1.234,
    balanced: true,
    workspace: '/data/default',
    project: 'local',
    logstore: 'session-log',
    skipped: [],
    created_index: false,
    delivery: null,
    notices: [],
  });
});

test('balanced is what the ledger says', async () => {
  const ledger = { ...CLEAN_LEDGER, packets: { ...CLEAN_LEDGER.packets, read: 5 } };
  const { stdout } = await importing(['a.pcap', '--json'], importReport({ ledger }));
  expect(JSON.parse(stdout).balanced).toBe(false);
});

const UNREADABLE = { file: '/captures/a.pcap', offset: 100, bytes: 7, cause: 'the file ends inside a record' };
test.each([
  { name: 'unreadable bytes', changes: { ledger: withUnreadable() }, exitCode: 3 },
  { name: 'malformed packets', changes: { ledger: withReason('malformed') }, exitCode: 3 },
  { name: 'packets in too many tunnels', changes: { ledger: withReason('encap_depth') }, exitCode: 3 },
  { name: 'fragments given up', changes: { ledger: withReason('frag_limit') }, exitCode: 3 },
  { name: 'packets without a port', changes: { ledger: withReason('no_port') }, exitCode: 3 },
  { name: 'IPv6', changes: { ledger: withReason('ipv6_not_translated') }, exitCode: 0 },
  { name: 'ARP', changes: { ledger: withReason('non_ip') }, exitCode: 0 },
  {
    name: 'a file left out',
    changes: { skipped: [{ path: '/captures/b.txt', code: 'CAPTURE_NOT_A_CAPTURE' as const, message: 'no capture' }] },
    exitCode: 3,
  },
])('an import with $name ends with $exitCode', async ({ changes, exitCode }) => {
  expect(await importing(['a.pcap'], importReport(changes))).toMatchObject({ exitCode });
});

function withUnreadable() {
  return { ...CLEAN_LEDGER, fileBytes: { ...CLEAN_LEDGER.fileBytes, unreadable: [UNREADABLE] } };
}

function withReason(reason: string) {
  return { ...CLEAN_LEDGER, packets: { ...CLEAN_LEDGER.packets, notInEntries: { [reason]: 1 } } };
}

test.each([
  { code: 'CAPTURE_NOT_FOUND', exitCode: 1 },
  { code: 'CAPTURE_ALREADY_IMPORTED', exitCode: 1 },
  { code: 'OPTION_INVALID', exitCode: 2 },
  { code: 'LOGSTORE_NAME_INVALID', exitCode: 2 },
  { code: 'TIME_INVALID', exitCode: 2 },
] as const)('an import that fails with $code ends with $exitCode', async ({ code, exitCode }) => {
  const engine = {
    import: () => {
      throw new AppError(code, 'it went wrong', { file: 'x' });
    },
  };
  const plain = await runCli(['import', 'a.pcap'], { engine });
  expect(plain).toMatchObject({ exitCode, stdout: '' });
  expect(plain.stderr).toContain(`natscope: it went wrong (${code})\n`);
  const json = await runCli(['import', 'a.pcap', '--json'], { engine });
  expect(json.exitCode).toBe(exitCode);
  expect(JSON.parse(json.stdout)).toEqual({ error: { code, message: 'it went wrong', detail: { file: 'x' } } });
});

test('a workspace that cannot be opened is told with its remedy', async () => {
  const result = await runCli(['import', 'a.pcap'], {
    onOpen: () => {
      throw new AppError('WORKSPACE_LOCKED', 'The workspace /data/default is in use by process 4711', { pid: 4711 });
    },
  });
  expect(result).toEqual({
    exitCode: 1,
    stdout: '',
    stderr:
      'natscope: The workspace /data/default is in use by process 4711 (WORKSPACE_LOCKED)\n' +
      'Another workspace is named with --workspace DIR.\n',
  });
});

test('an unforeseen error is named a bug', async () => {
  const result = await runCli(['import', 'a.pcap'], {
    onOpen: () => {
      throw new TypeError('x is not a function');
    },
  });
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toBe(
    'natscope: x is not a function (INTERNAL)\nThis is a bug in Natscope: report it with the command that you ran.\n',
  );
});

test('Ctrl-C cancels the import, which keeps nothing', async () => {
  let interrupt = (): void => {};
  const result = await runCli(['import', 'a.pcap'], {
    io: {
      onInterrupt: (listener) => {
        interrupt = listener;
        return () => {};
      },
    },
    engine: {
      import: async (_request, call) => {
        interrupt();
        await call.cancelled;
        throw new AppError('IMPORT_CANCELLED', 'The import was cancelled; nothing of it is kept');
      },
    },
  });
  expect(result).toEqual({
    exitCode: 1,
    stdout: '',
    stderr:
      'Cancelling … Ctrl-C again ends at once.\n' +
      'natscope: The import was cancelled; nothing of it is kept (IMPORT_CANCELLED)\n',
  });
});

test('Ctrl-C while the workspace is being opened cancels too', async () => {
  let interrupt = (): void => {};
  const result = await runCli(['import', 'a.pcap'], {
    io: {
      onInterrupt: (listener) => {
        interrupt = listener;
        return () => {};
      },
    },
    onOpen: () => {
      interrupt();
    },
    engine: {
      import: async (_request, call) => {
        await call.cancelled;
        throw new AppError('IMPORT_CANCELLED', 'The import was cancelled; nothing of it is kept');
      },
    },
  });
  expect(result.exitCode).toBe(1);
});

describe('a replay', () => {
  test('begins where it is told, and is a live import of its speed', async () => {
    const requests: ImportRequest[] = [];
    await runCli(['replay', 'a.pcap', '--speed', '2.5', '--from', '+30m'], {
      engine: {
        import: (request) => {
          requests.push(request);
          return importReport();
        },
      },
    });
    expect(requests).toEqual([
      { ...DEFAULTS, sessionLogs: 'enabled', live: true, speed: 2.5, playFrom: { base: 'start', sec: 1800 } },
    ]);
  });

  test.each(['--speed=0', '--speed=1e3', '--speed=2000000', '--from=yesterday', '--from=+999999999d'])(
    '%s is refused',
    async (option) => {
      expect((await runCli(['replay', 'a.pcap', option])).exitCode).toBe(2);
    },
  );

  /** Presses keys while a replay goes on. @returns what the engine was told */
  async function pressing(keys: Iterable<string>, isStdinTty: boolean) {
    const controls: ReplayControl[] = [];
    let press: (key: string) => void = () => undefined;
    let isListening = false;
    const onKey: Io['onKey'] = (listener) => {
      press = listener;
      isListening = true;
      return () => (isListening = false);
    };
    let facts = { run: 3, speed: 60, isPaused: false, atSec: 1_795_186_662.5 };
    const result = await runCli(['replay', 'a.pcap', '--progress', 'always'], {
      io: { isStdinTty, onKey },
      engine: {
        import: async (_request, call) => {
          for (const pressed of keys) {
            call.progress({ readBytes: 1, totalBytes: 2, packets: 1, windows: 0, elapsedMs: 1, replay: facts });
            for (const key of pressed) press(key);
            await new Promise((resolve) => setTimeout(resolve, 0));
          }
          return importReport();
        },
        replay: (control) => {
          controls.push(control);
          if (control.action === 'speed') facts = { ...facts, speed: control.speed };
          else facts = { ...facts, isPaused: control.action === 'pause' };
          return facts;
        },
      },
    });
    expect(isListening).toBe(false);
    return { controls, ...result };
  }

  test('is controlled by the keys of a terminal', async () => {
    const { controls, stderr } = await pressing('  +-x', true);
    expect(controls).toEqual([
      { run: 3, action: 'pause' },
      { run: 3, action: 'resume' },
      { run: 3, action: 'speed', speed: 120 },
      { run: 3, action: 'speed', speed: 60 },
    ]);
    expect(stderr).toContain('Space pauses and goes on, + and - double and halve the speed, Ctrl-C ends.\n');
    expect(stderr).toContain('2026-11-20 14:57:42 UTC at 60x · 50.0 %');
  });

  test('hears a key that is pressed before the one before it was answered', async () => {
    const { controls } = await pressing(['  ', '++-', ' '], true);
    expect(controls.map((each) => (each.action === 'speed' ? each.speed : each.action))).toEqual([
      ...['pause', 'resume', 120, 240, 120, 'pause'],
    ]);
  });

  test('leaves what comes from no terminal alone', async () => {
    const { controls, stderr } = await pressing('  ', false);
    expect(controls).toEqual([]);
    expect(stderr).not.toContain('Space pauses');
  });
});
