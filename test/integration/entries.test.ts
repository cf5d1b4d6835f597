import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { capturesFolder, needingCaptures } from '../support/captures';
import { run } from '../support/command';
import { SessionLives, objectionTo } from '../support/justified-reason';
import { isPrivate, notePackets, sideOf, type NotedPacket, type Side } from '../support/noted-packets';
import { gatewayWith, sessionLog, type SessionLog } from '../support/session-log';
import { hasTool, needing } from '../support/tools';
import { DEFAULT_MAX_EXPANSION } from '../../src-main/contract/imports';
import type { ConversationRow, IcmpErrorRow } from '../../src-main/engine/conversations';
import { openFileSource } from '../../src-main/engine/file-source';
import { UnpackedSource } from '../../src-main/engine/unpack/unpacked-source';
import type { Gateway } from '../../src-main/nat/gateway';

/*
 * Entries against tshark's conversations of the same captures. Both count packets and IP bytes by five-tuple and
 * ten-minute window. To the conversation come the ICMP errors that quote it, which tshark counts between the two ends of
 * the error, and of it go the packets that are in no entry: each is listed by its number, and its reason has to be one
 * that the specification gives it.
 */

const folder = capturesFolder === undefined ? undefined : join(capturesFolder, 'dev');
const captures =
  folder === undefined ? [] : readdirSync(folder).filter((name) => existsSync(join(folder, `${name}.oracle.json`)));

interface GroundTruth {
  readonly outer: readonly ConversationRow[];
  readonly inner: 'same as outer' | readonly ConversationRow[];
  readonly icmp_errors: readonly IcmpErrorRow[];
}

function truthOf(name: string): GroundTruth {
  return JSON.parse(readFileSync(join(folder ?? '', `${name}.oracle.json`), 'utf8')) as GroundTruth;
}

const WINDOW_SEC = 600;

/** Packets and bytes by window, five-tuple and direction. */
class Counts {
  readonly #counts = new Map<string, { packets: number; bytes: number; readonly why: string[] }>();

  /** @param why named in what is shown of a difference */
  add(window: number, { tuple, isOut }: Side, packets: number, bytes: number, why?: string): void {
    const key = `${window} ${tuple} ${isOut ? 'out' : 'in'}`;
    const sums = this.#counts.get(key) ?? { packets: 0, bytes: 0, why: [] };
    sums.packets += packets;
    sums.bytes += bytes;
    if (why !== undefined) sums.why.push(why);
    this.#counts.set(key, sums);
  }

  /** @returns what differs, with all that was named; keys without packets are none */
  differencesFrom(other: Counts): string[] {
    const keys = new Set([...this.#counts.keys(), ...other.#counts.keys()]);
    return [...keys].flatMap((key) => {
      const [own, others] = [this.#counts.get(key), other.#counts.get(key)];
      const [here, there] = [own, others].map((sums) => `${sums?.packets ?? 0} packets of ${sums?.bytes ?? 0} bytes`);
      return here === there ? [] : [`${key}: ${here}, not ${there}; ${others?.why.join(', ') ?? ''}`];
    });
  }
}

function countsOf({ entries }: SessionLog): Counts {
  const counts = new Counts();
  for (const { windowStart, protocol, pri, pub, vpc, inbound } of entries) {
    const tuple = `${protocol} ${pri} ${pub}`;
    const [[outBytes = 0, outPackets = 0], [inBytes = 0, inPackets = 0]] = [vpc, inbound].map((text) =>
      text.split('/').map(Number),
    ) as [number[], number[]];
    counts.add(windowStart, { tuple, isOut: true }, outPackets, outBytes);
    counts.add(windowStart, { tuple, isOut: false }, inPackets, inBytes);
  }
  return counts;
}

/** What the entries have to add up to. */
function expectedOf(rows: readonly ConversationRow[], errors: readonly IcmpErrorRow[], noted: NotedPacket[]): Counts {
  const counts = new Counts();
  for (const row of rows) {
    if (row.ver !== 4) continue;
    const side = sideOf(row.proto, row.a_ip, row.b_ip, [row.a_port, row.b_port]);
    if (side === null) continue;
    for (const [window, [pktsAb, bytesAb, pktsBa, bytesBa]] of Object.entries(row.windows)) {
      counts.add(Number(window), side, pktsAb, bytesAb);
      counts.add(Number(window), { ...side, isOut: !side.isOut }, pktsBa, bytesBa);
    }
  }
  const byNumber = new Map(noted.map((packet) => [packet.packetNo, packet]));
  for (const error of errors) addQuoting(counts, error, byNumber);
  for (const packet of noted) takeAway(counts, packet);
  return counts;
}

/** An error counts in the conversation that it quotes, by its own length and time. */
function addQuoting(counts: Counts, error: IcmpErrorRow, byNumber: ReadonlyMap<number, NotedPacket>): void {
  const { frame, ts, src, dst, type, quoted } = error;
  if (quoted?.ver !== 4) return;
  const packet = byNumber.get(frame);
  expect(packet, `error ${frame}`).toMatchObject({ src, dst, l4Kind: type, isIcmpError: true });
  const about = sideOf(quoted.proto, quoted.src, quoted.dst, [quoted.sport, quoted.dport]);
  if (about === null || packet === undefined) return;
  const window = Math.floor(Number(ts?.split('.')[0]) / WINDOW_SEC) * WINDOW_SEC;
  counts.add(window, { ...about, isOut: !about.isOut }, 1, packet.ipBytes, `error ${frame}`);
}

/**
 * A listed packet counts nowhere. An error counts not between its own ends, where tshark has its length, too; and one that
 * is listed not in what it quotes either.
 */
function takeAway(counts: Counts, { packetNo, tsSec, reason, own, quoted, ipBytes, isIcmpError }: NotedPacket): void {
  const window = Math.floor(tsSec / WINDOW_SEC) * WINDOW_SEC;
  const why = `packet ${packetNo} ${reason ?? 'counts in what it quotes'}`;
  if (own !== null) counts.add(window, own, -1, -ipBytes, why);
  if (isIcmpError && reason !== null && quoted !== null) counts.add(window, quoted, -1, -ipBytes, why);
}

/** Opens few ports and no session that was under way, so that many packets are refused. */
const narrow = gatewayWith({ portMin: 2000, portMax: 2003, midstream: 'drop', maxPerEipPerDestination: 2 });

const KINDS: readonly { readonly layer: 'outer' | 'inner'; readonly gateway: Gateway; readonly kind: string }[] = [
  { kind: 'the outer layer', layer: 'outer', gateway: gatewayWith() },
  { kind: 'the inner layer', layer: 'inner', gateway: gatewayWith() },
  { kind: 'the inner layer, few ports', layer: 'inner', gateway: narrow },
];

describe.skipIf(folder === undefined)(needingCaptures('entries add up to what tshark counts'), () => {
  let compared = 0;
  const reasons = new Set<string>();

  const cases = captures.flatMap((name) => KINDS.map((kind) => ({ name, ...kind })));
  test.each(cases)('$name, $kind', async ({ name, layer, gateway }) => {
    const path = join(folder ?? '', name);
    const truth = truthOf(name);
    const source = new UnpackedSource(openFileSource(path), DEFAULT_MAX_EXPANSION);
    const noted: NotedPacket[] = [];
    const log = await sessionLog([source], gateway, layer, (batch, verdicts) => notePackets(noted, batch, verdicts));
    // A packet that came too late for its window would count in the next one.
    expect(log.latePackets).toBe(0);
    const rows = layer === 'outer' || truth.inner === 'same as outer' ? truth.outer : truth.inner;
    expect(countsOf(log).differencesFrom(expectedOf(rows, truth.icmp_errors, noted))).toEqual([]);

    const lives = new SessionLives(log.entries);
    const listed = noted.filter(({ reason }) => reason !== null);
    const objections = listed.flatMap((packet) => {
      const objection = objectionTo(packet, lives, gateway);
      return objection === null ? [] : [`packet ${packet.packetNo}: ${objection}`];
    });
    expect(objections).toEqual([]);
    compared += log.entries.length;
    for (const { reason } of listed) reasons.add(reason ?? '');
  });

  test('there was something to compare', () => {
    expect(compared).toBeGreaterThan(5000);
    const some = ['not_routable', 'intra', 'no_snat_entry', 'no_session', 'no_port', 'icmp_no_session'];
    expect([...reasons]).toEqual(expect.arrayContaining(some));
  });

  const withErrors = captures.filter((name) => truthOf(name).icmp_errors.some(({ quoted }) => quoted?.ver === 4));
  test.skipIf(!hasTool('tshark')).each(withErrors)(
    needing('tshark', 'exactly the errors are refused whose checksums tshark finds wrong: %s'),
    async (name) => {
      const path = join(folder ?? '', name);
      const noted: NotedPacket[] = [];
      await sessionLog([openFileSource(path)], gatewayWith(), 'outer', (batch, verdicts) =>
        notePackets(noted, batch, verdicts),
      );
      const wrong = await wrongSums(path);
      const refused = noted.flatMap(({ packetNo, reason }) => (reason === 'icmp_bad_checksum' ? [packetNo] : []));
      const isTranslated = ({ src, dst }: NotedPacket): boolean => isPrivate(src) !== isPrivate(dst);
      const errors = noted.filter((packet) => packet.isIcmpError && isTranslated(packet));
      expect(refused).toEqual(errors.map(({ packetNo }) => packetNo).filter((packetNo) => wrong.has(packetNo)));
    },
  );
});

/** @returns frames with ICMP of which a checksum, of the message or of a quoted IP header, is wrong */
async function wrongSums(path: string): Promise<ReadonlySet<number>> {
  const fields = ['frame.number', 'icmp.checksum.status', 'ip.checksum.status'].flatMap((field) => ['-e', field]);
  const check = ['-o', 'ip.check_checksum:TRUE'];
  const { code, stdout } = await run('tshark', ['-n', '-r', path, ...check, '-Y', 'icmp', '-T', 'fields', ...fields]);
  expect(code).toBe(0);
  const lines = stdout.split('\n').filter((line) => line !== '');
  expect(lines.length).toBeGreaterThan(0);
  const [bad, ofMessage, ofHeaders] = ['0', 1, 2] as const;
  return new Set(
    lines
      .map((line) => line.split('\t'))
      .filter((line) => line[ofMessage]?.split(',')[0] === bad || line[ofHeaders]?.split(',').slice(1).includes(bad))
      .map(([frame]) => Number(frame)),
  );
}
