import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PREVIEW_PACKETS, type GatewayChoice, type ImportPreview } from '../../../src-main/contract/import-preview';
import { previewImport, readRemedies } from '../../../src-main/engine/import-preview';
import { bundledSample, needingCaptures, sharedCapture } from '../../support/captures';
import { tcpPacket, udpPacket, type Endpoint } from '../../support/frames';
import { tempFolder } from '../../support/temp';
import { SECOND } from '../../support/time';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { entriesAt, importInto, writeCapture } from './imported-database';

const SEC = 1_773_133_200;
const DEFAULT: GatewayChoice = { inside: [], eips: [], seed: 0 };
const { signal } = new AbortController();

function preview(captures: readonly string[], choice: GatewayChoice = DEFAULT): Promise<ImportPreview> {
  return previewImport({ captures, layer: 'auto', ...choice }, { signal });
}

/** A question and its answer, each second of one. */
function questions(from: Endpoint, to: Endpoint, count: number): string {
  const payload = new Uint8Array(8);
  const records = Array.from({ length: count }, (_, index) => ({
    atNs: BigInt(SEC + index) * SECOND,
    bytes: udpPacket(index % 2 === 0 ? { from, to, payload } : { from: to, to: from, payload }),
  }));
  return writeCapture(tempFolder(), 'a.pcap', records);
}

test('a preview of a whole capture is what its import counts, and it names who was translated', async () => {
  const { ledger } = await importInto(await temporaryDatabase(), [bundledSample]);
  const whole = await preview([bundledSample]);
  expect(whole).toMatchObject({
    packets: Math.min(PREVIEW_PACKETS, ledger.packets.read),
    isWhole: true,
    translated: { packets: ledger.packets.inEntries, ipBytes: ledger.ipBytes.inEntries },
    notTranslated: ledger.packets.notInEntries,
    gateway: {
      instance: 'ngw-default',
      profile: 'alibaba',
      portPolicy: 'random',
      windowSec: 600,
      windowPhase: 'epoch',
    },
    remedies: [],
    skipped: [],
    unreadable: [],
  });
  expect(whole.sources.map(({ network }) => network)).toEqual([
    ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'],
  ]);
  expect(whole.sources.reduce((sum, { packets }) => sum + packets, 0)).toBe(ledger.packets.inEntries);
});

test('of a long capture the first packets alone are read, and another gateway makes of them something else', async () => {
  const times = Array.from({ length: PREVIEW_PACKETS + 5000 }, (_, index) => SEC + Math.floor(index / 100));
  const path = writeCapture(tempFolder(), 'long.pcap', entriesAt(times));
  const head = await preview([path]);
  expect(head).toMatchObject({ packets: PREVIEW_PACKETS, isWhole: false, translated: { packets: PREVIEW_PACKETS } });
  expect(head.sources[0]).toMatchObject({ id: 'snat-1', eips: ['203.0.113.1'], packets: PREVIEW_PACKETS });
  const gateway = { profile: 'linux', snatEntries: [{ sourceCidr: '192.168.0.0/16' }], eips: ['198.51.100.99'] };
  const other = await preview([path], { ...DEFAULT, gateway });
  expect(other).toMatchObject({ gateway: { profile: 'linux' }, translated: { packets: 0, ipBytes: 0 } });
  expect(other.notTranslated).toEqual({ no_snat_entry: PREVIEW_PACKETS });
});

test('a configuration that is wrong is refused as the command refuses it', async () => {
  const path = questions('10.0.0.1:4000', '198.51.100.1:53', 2);
  await expect(preview([path], { ...DEFAULT, gateway: { profile: 'alibabba' } })).rejects.toMatchObject({
    code: 'GATEWAY_INVALID',
    message: expect.stringContaining('profile') as string,
  });
});

test('captures that cannot be read are named beside those that can, and alone they are an error', async () => {
  const folder = tempFolder();
  const notes = join(folder, 'notes.txt');
  writeFileSync(notes, 'no capture at all, just a few words');
  const path = questions('10.0.0.1:4000', '198.51.100.1:53', 2);
  expect(await preview([notes, path])).toMatchObject({
    packets: 2,
    skipped: [{ path: notes, code: 'CAPTURE_NOT_A_CAPTURE' }],
  });
  await expect(preview([notes])).rejects.toMatchObject({ code: 'CAPTURE_NOT_A_CAPTURE' });
});

test('what of a capture cannot be read is told before it is imported', async () => {
  const path = writeCapture(tempFolder(), 'cut.pcap', entriesAt([SEC, SEC + 1, SEC + 2]));
  const whole = readFileSync(path);
  writeFileSync(path, whole.subarray(0, whole.length - 5));
  const { packets, unreadable } = await preview([path]);
  expect(packets).toBe(2);
  expect(unreadable).toMatchObject([{ file: path }]);
  expect((unreadable[0]?.offset ?? 0) + (unreadable[0]?.bytes ?? 0)).toBe(whole.length - 5);
});

test('a preview that nobody waits for ends, and writes nothing', async () => {
  const database = await temporaryDatabase();
  const before = readdirSync(database.workspaceDir, { recursive: true });
  const abort = new AbortController();
  const times = Array.from({ length: 12_000 }, (_, index) => SEC + index);
  const path = writeCapture(tempFolder(), 'long.pcap', entriesAt(times));
  abort.abort();
  await expect(
    previewImport({ captures: [path], layer: 'auto', ...DEFAULT }, { signal: abort.signal }),
  ).rejects.toMatchObject({ code: expect.stringMatching(/_CANCELLED$/u) as string });
  expect(readdirSync(database.workspaceDir, { recursive: true })).toEqual(before);
});

describe('where nothing is translated, what would help is tried out', () => {
  test.each([
    {
      name: 'hosts with public addresses',
      capture: () => questions('198.51.100.20:40000', '192.0.2.1:53', 10),
      network: '198.51.100.0/24',
      choice: { inside: ['198.51.100.0/24'], eips: [], seed: 0 },
    },
    {
      name: 'hosts in the network of the default EIP, which then is another',
      capture: () => questions('203.0.113.20:40000', '192.0.2.77:53', 10),
      network: '203.0.113.0/24',
      choice: { inside: ['203.0.113.0/24'], eips: ['198.51.100.1'], seed: 0 },
    },
    {
      name: 'hosts that talk to what else would be the EIP, too',
      capture: () => questions('203.0.113.20:40000', '198.51.100.1:53', 10),
      network: '203.0.113.0/24',
      choice: { inside: ['203.0.113.0/24'], eips: ['192.0.2.1'], seed: 0 },
    },
    {
      name: 'both ends in one network, of which one host is chosen',
      capture: () => questions('10.0.0.2:40000', '10.0.0.1:513', 10),
      network: '10.0.0.2/32',
      choice: { inside: ['10.0.0.2/32'], eips: [], seed: 0 },
    },
  ])('$name', async ({ capture, network, choice }) => {
    const path = capture();
    const { remedies, translated } = await preview([path]);
    expect(translated.packets).toBe(0);
    expect(remedies).toEqual([{ network, hosts: 1, packets: 10, choice }]);
    const database = await temporaryDatabase();
    const { run, logEntries } = await importInto(database, [path]);
    expect(logEntries).toBe(0);
    expect(await readRemedies(database, run, { signal })).toEqual({ packets: 10, isWhole: true, remedies });
    const again = await importInto(database, [path], choice);
    expect(again.ledger.packets.inEntries).toBe(10);
  });

  test('a configured gateway keeps all else of its configuration', async () => {
    const path = questions('198.51.100.20:40000', '192.0.2.1:53', 4);
    const gateway = { profile: 'linux', seed: 7, snatEntries: [{ sourceCidr: '10.0.0.0/8' }] };
    const { remedies } = await preview([path], { ...DEFAULT, gateway });
    expect(remedies.map(({ choice }) => choice.gateway)).toEqual([
      { profile: 'linux', seed: 7, snatEntries: [{ sourceCidr: '198.51.100.0/24' }] },
    ]);
    const database = await temporaryDatabase();
    const { run } = await importInto(database, [path], { gateway });
    expect((await readRemedies(database, run, { signal })).remedies).toEqual(remedies);
  });

  test('who sent a SYN is inside, whatever the ports', async () => {
    const records = [
      { atNs: BigInt(SEC) * SECOND, bytes: tcpPacket({ from: '198.51.100.9:20', to: '192.0.2.1:40000', flags: 'S' }) },
    ];
    const path = writeCapture(tempFolder(), 'syn.pcap', records);
    expect((await preview([path])).remedies.map(({ network }) => network)).toEqual(['198.51.100.0/24']);
  });
});

describe.skipIf(sharedCapture('dev') === undefined)(needingCaptures('remedies'), () => {
  test.each([
    { name: 'zeek-ppp-quic.pcap', network: '193.167.0.0/24', packets: 100 },
    { name: 'zeek-nanosec.pcap', network: '136.216.42.0/24', packets: 9 },
    { name: 'zeek-rlogin.pcapng.gz', network: '10.0.0.1/32', packets: PREVIEW_PACKETS },
  ])('of $name', async ({ name, network, packets }) => {
    const { remedies } = await preview([sharedCapture(`dev/${name}`) ?? '']);
    expect(remedies[0]).toMatchObject({ network, packets });
  });
});
