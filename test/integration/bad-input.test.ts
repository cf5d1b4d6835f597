import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { concat } from '../support/bytes';
import { natscope, run } from '../support/command';
import { natscopeHere } from '../support/command-here';
import { framed, tcpSession } from '../support/conversations';
import { ethernet } from '../support/frames';
import { canMount, natscopeOnTmpfs, needingMounts } from '../support/mounts';
import { pcapFile, type CaptureRecord } from '../support/pcap-writer';
import { networkInterface, packet as pcapngPacket, pcapngFile, section } from '../support/pcapng-writer';
import { tempFolder } from '../support/temp';
import { SECOND, timeNs } from '../support/time';

const startNs = timeNs('2026-03-10T09:00:00Z');

function sessions(count: number): CaptureRecord[] {
  const packets = Array.from({ length: count }, (_, index) =>
    tcpSession({
      client: `10.0.${index >> 8}.${(index & 255) + 1}:40000`,
      server: '198.51.100.7:443',
      startNs: startNs + BigInt(index) * SECOND,
      exchanges: [{ up: 300, down: 3000 }],
    }),
  );
  return framed(packets.flat(), (packet) => ethernet(packet));
}

interface Failure {
  readonly error: { readonly code: string; readonly message: string };
}

let folder = '';
let workspace = '';
beforeEach(() => {
  folder = tempFolder();
  workspace = join(folder, 'workspace');
});

const file = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const importJson = (...args: string[]) => natscopeHere(['import', ...args, '--workspace', workspace, '--json']);
const codeOf = (stdout: string): string => (JSON.parse(stdout) as Failure).error.code;
const count = async (): Promise<number> => {
  const { stdout } = await natscopeHere(['query', '* | SELECT count(*) AS n', '--workspace', workspace, '--json']);
  return (JSON.parse(stdout) as [{ n: number }])[0].n;
};

describe('captures that are none', () => {
  test.each([
    { name: 'a text file', make: () => file('notes.txt', 'no capture\n'.repeat(50)), code: 'CAPTURE_NOT_A_CAPTURE' },
    { name: 'an empty file', make: () => file('empty.pcap', ''), code: 'CAPTURE_EMPTY' },
    { name: 'a missing file', make: () => join(folder, 'missing.pcap'), code: 'CAPTURE_NOT_FOUND' },
    {
      name: 'a folder',
      make: () => {
        mkdirSync(join(folder, 'captures'));
        return join(folder, 'captures');
      },
      code: 'CAPTURE_IS_DIRECTORY',
    },
    {
      name: 'a path through a file',
      make: () => join(file('a.pcap', pcapFile(sessions(1))), 'b.pcap'),
      code: 'CAPTURE_NOT_FOUND',
    },
    {
      name: 'a link to itself',
      make: () => {
        symlinkSync(join(folder, 'loop.pcap'), join(folder, 'loop.pcap'));
        return join(folder, 'loop.pcap');
      },
      code: 'CAPTURE_UNREADABLE',
    },
    { name: 'a name that no system has', make: () => join(folder, 'x'.repeat(300)), code: 'CAPTURE_UNREADABLE' },
  ])('$name is $code, by name and with a remedy', async ({ make, code }) => {
    const path = make();
    const json = await importJson(path);
    expect(json.code).toBe(1);
    expect(codeOf(json.stdout)).toBe(code);
    const text = await natscope(['import', path, '--workspace', workspace]);
    expect(text.code).toBe(1);
    expect(text.stdout).toBe('');
    expect(text.stderr).toContain(path);
    expect(text.stderr).toContain(code);
  });

  test('one of several fails the whole, and with --keep-going only itself', async () => {
    const good = file('good.pcap', pcapFile(sessions(3)));
    const bad = file('bad.pcap', 'nothing');
    expect((await importJson(good, bad)).code).toBe(1);
    const kept = await importJson(good, bad, '--keep-going');
    expect(kept.code).toBe(3);
    expect(JSON.parse(kept.stdout)).toMatchObject({ log_entries: 3, balanced: true, skipped: [{ path: bad }] });
  });

  test('none that can be read fails even with --keep-going, and leaves nothing behind', async () => {
    const bad = file('bad.pcap', 'nothing');
    const missing = join(folder, 'missing.pcap');
    for (let attempt = 0; attempt < 2; attempt++) {
      const result = await importJson(bad, missing, '--keep-going');
      expect(result.code).toBe(1);
      expect(codeOf(result.stdout)).toBe('CAPTURE_NOT_A_CAPTURE');
      for (const path of [bad, missing]) expect((JSON.parse(result.stdout) as Failure).error.message).toContain(path);
    }
  });

  test('a time beyond all calendars ends in the ledger, not in an endless loop', async () => {
    const packet = sessions(1)[0];
    if (packet === undefined) throw new RangeError('no packet');
    const blocks = [section(), networkInterface({ offsetSec: 2 ** 53 }), pcapngPacket(packet)];
    const result = await importJson(file('future.pcapng', pcapngFile(blocks)));
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({ log_entries: 1, balanced: true });
  });

  test('a capture without packets is imported, with no entry', async () => {
    const result = await importJson(file('silent.pcap', pcapFile([])));
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({
      log_entries: 0,
      windows: 0,
      packets: { read: 0 },
      balanced: true,
    });
  });

  test('no capture at all is wrong usage', async () => {
    expect((await natscope(['import', '--workspace', workspace])).code).toBe(2);
    expect((await importJson(file('a.pcap', pcapFile([])), '--inside', '10.0.0.1/8')).code).toBe(2);
  });
});

test('what comes before a cut is imported, and the ledger shows the loss', async () => {
  const whole = pcapFile(sessions(50));
  const cutAt = Math.floor(whole.length / 2) + 3;
  const path = file('cut.pcap', whole.subarray(0, cutAt));
  const result = await importJson(path);
  expect(result.code).toBe(3);
  const report = JSON.parse(result.stdout) as {
    file_bytes: { read: number; unreadable: [{ file: string; offset: number; bytes: number }] };
    log_entries: number;
    balanced: boolean;
  };
  const [loss] = report.file_bytes.unreadable;
  expect(loss).toMatchObject({ file: path, cause: 'the file ends inside a packet record' });
  expect(loss.offset + loss.bytes).toBe(cutAt);
  expect(report).toMatchObject({ balanced: true, file_bytes: { read: cutAt } });
  expect(await count()).toBe(report.log_entries);
  expect(report.log_entries).toBeGreaterThan(20);
});

test('what is behind damage is imported as well, and so is another capture that was joined to it', async () => {
  const whole = pcapFile(sessions(50));
  const damaged = whole.slice();
  damaged.fill(0xff, 2000, 2400);
  const path = file('joined.pcap', concat(damaged, whole));
  const result = await importJson(path);
  expect(result.code).toBe(3);
  const report = JSON.parse(result.stdout) as { packets: { read: number }; file_bytes: { unreadable: unknown[] } };
  expect(report).toMatchObject({ balanced: true, file_bytes: { read: whole.length * 2 } });
  expect(report.file_bytes.unreadable).toMatchObject([{ file: path }, { offset: whole.length, bytes: 24 }]);
  expect(report.packets.read).toBeGreaterThan(sessions(50).length * 2 - 5);
});

test('a link type that cannot be decoded is counted and named', async () => {
  const result = await importJson(file('bluetooth.pcap', pcapFile(sessions(1), { linkType: 187 })));
  expect(result.code).toBe(0);
  const packets = sessions(1).length;
  expect(JSON.parse(result.stdout)).toMatchObject({
    packets: { read: packets, not_in_entries: { unknown_link_type: packets } },
    notices: expect.arrayContaining([
      {
        kind: 'info',
        text: `Packets of link types that cannot be decoded: Bluetooth HCI UART (187): ${packets} packets.`,
      },
    ]) as unknown,
  });
});

test('the same capture again is refused unless --again', async () => {
  const path = file('a.pcap', pcapFile(sessions(3)));
  expect((await importJson(path)).code).toBe(0);
  const again = await importJson(path);
  expect(again.code).toBe(1);
  expect(codeOf(again.stdout)).toBe('CAPTURE_ALREADY_IMPORTED');
  expect((await importJson(path, '--again')).code).toBe(0);
  expect(await count()).toBe(6);
});

test('a capture that is there is refused also beside others, and one that was left out then goes in without it', async () => {
  const [a, b] = [file('a.pcap', pcapFile(sessions(3))), file('b.pcap', 'not yet a capture')];
  expect((await importJson(a, b, '--keep-going')).code).toBe(3);
  writeFileSync(b, pcapFile(sessions(5)));
  const again = await importJson(a, b);
  expect(again.code).toBe(1);
  expect(codeOf(again.stdout)).toBe('CAPTURE_ALREADY_IMPORTED');
  expect((JSON.parse(again.stdout) as Failure).error.message).toContain(`${a} is in Logstore`);
  expect((await importJson(b)).code).toBe(0);
  expect(await count()).toBe(8);
  // Through another gateway it is another import.
  expect((await importJson(a, '--inside', '10.0.0.0/9')).code).toBe(0);
});

test('the same packets twice in one import are refused, whatever the files are called', async () => {
  const path = file('a.pcap', pcapFile(sessions(3)));
  const copy = file('copy.pcap', pcapFile(sessions(3)));
  const result = await importJson(path, copy);
  expect(result.code).toBe(2);
  expect((JSON.parse(result.stdout) as Failure).error.message).toContain(`${copy} has the same content as ${path}`);
  expect((await importJson(path, copy, '--again')).code).toBe(0);
  // There may be many without packets.
  const silent = ['x.pcap', 'y.pcap'].map((name) => file(name, pcapFile([])));
  expect((await importJson(...silent)).code).toBe(0);
  const link = join(folder, 'link.pcap');
  linkSync(path, link);
  for (const twice of [path, link]) {
    expect((await natscopeHere(['conversations', path, twice, '--json'])).code).toBe(2);
  }
});

test('without an index nothing can be queried, and the error says so', async () => {
  await importJson(file('a.pcap', pcapFile(sessions(3))), '--no-index');
  const query = () => natscopeHere(['query', '*', '--workspace', workspace, '--json']);
  const result = await query();
  expect(result.code).toBe(1);
  expect(codeOf(result.stdout)).toBe('INDEX_MISSING');
  // The remedy that it names: importing without --no-index, refused as the capture is there, creates the index.
  const again = await importJson(join(folder, 'a.pcap'));
  expect(codeOf(again.stdout)).toBe('CAPTURE_ALREADY_IMPORTED');
  expect(JSON.parse((await query()).stdout)).toHaveLength(3);
});

describe.skipIf(!canMount)(needingMounts('disks'), () => {
  test('a full disk: WORKSPACE_FULL, and what was imported before is still there', async () => {
    const small = file('small.pcap', pcapFile(sessions(3)));
    const large = file('large.pcap', pcapFile(scan(400_000)));
    mkdirSync(workspace);
    const both = join(folder, 'both.sh');
    const bin = `"${process.execPath}" "${join(import.meta.dirname, '../../src-main/launch/natscope.mjs')}"`;
    writeFileSync(
      both,
      [
        `${bin} import "${small}" --workspace "${workspace}" --json >/dev/null || exit 9`,
        `${bin} import "${large}" --workspace "${workspace}" --json`,
        'echo "code $?"',
        `${bin} query '* | SELECT count(*) AS n' --workspace "${workspace}" --json`,
      ].join('\n'),
    );
    const script = `mount -t tmpfs -o size=12m tmpfs "${workspace}" && bash "${both}"`;
    const result = await run('unshare', ['--mount', 'bash', '-c', script]);
    expect(result.stdout).toContain('"WORKSPACE_FULL"');
    expect(result.stdout).toContain('code 1');
    expect(JSON.parse(result.stdout.slice(result.stdout.lastIndexOf('code 1') + 6))).toEqual([{ n: 3 }]);
  });

  test('a read-only workspace: WORKSPACE_READ_ONLY, by name', async () => {
    mkdirSync(workspace);
    const path = file('a.pcap', pcapFile(sessions(3)));
    const result = await natscopeOnTmpfs(workspace, 'ro', ['import', path, '--workspace', workspace, '--json']);
    expect(result.code).toBe(1);
    const { error } = JSON.parse(result.stdout) as Failure;
    expect(error.code).toBe('WORKSPACE_READ_ONLY');
    expect(error.message).toContain(workspace);
  });
});

/** A scan: each packet is a session of its own, so that entries are many and the file is small. */
function scan(count: number): CaptureRecord[] {
  const [syn] = sessions(1);
  if (syn === undefined) throw new RangeError('no packet');
  return Array.from({ length: count }, (_, index) => {
    const bytes = syn.bytes.slice();
    new DataView(bytes.buffer).setUint32(14 + 16, 0x2000_0000 + index);
    return { atNs: startNs + BigInt(index) * 1_000_000n, bytes };
  });
}
