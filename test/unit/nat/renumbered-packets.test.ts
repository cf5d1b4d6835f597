import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { icmpEcho, icmpError, PROTOCOL, tcpPacket, udpPacket, type Endpoint } from '../../support/frames';
import { randomTraffic, simulateNat, type NatOptions } from '../../support/nat-simulator';
import { pair } from '../../support/paired-lines';
import { inTimeOrder, type CaptureRecord } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';
import { SECOND } from '../../support/time';

/* Gateways that give IPv4 packets other identifications, as pf with random-id does: what has no sequence numbers is told by
   its payload, and never guessed. */

const T0 = 1_700_000_400n;
const NAT = '203.0.113.1';
const A: Endpoint = '10.0.0.7:5353';
const B: Endpoint = '10.0.0.8:6000';
const DNS: Endpoint = '198.51.100.53:53';

const at = (ms: number, bytes: Uint8Array): CaptureRecord => ({
  atNs: T0 * SECOND + BigInt(Math.round(ms * 1e6)),
  bytes,
});
let nextId = 1;
/** Each with an identification that no other has. */
const udp = (from: Endpoint, to: Endpoint, text: string, ttl: number, identification = nextId++): Uint8Array =>
  udpPacket({ from, to, ttl, identification, payload: Buffer.from(text) });
/** On both sides of the gateway, 1 ms apart, with another identification. */
const out = (ms: number, from: Endpoint, port: number, text: string, to = DNS) => [
  at(ms, udp(from, to, text, 64)),
  at(ms + 1, udp(`${NAT}:${port}`, to, text, 63)),
];
const into = (ms: number, host: Endpoint, port: number, text: string) => [
  at(ms, udp(DNS, `${NAT}:${port}`, text, 60)),
  at(ms + 1, udp(DNS, host, text, 59)),
];
const inOrder = (...records: readonly (readonly CaptureRecord[])[]) => inTimeOrder(...records);
const kinds = (lines: readonly string[]) => lines.map((line) => line.replace(/^\d+ /, ''));

describe('of a gateway that numbers packets anew', () => {
  test('a query and its answer are found on both sides', () => {
    expect(kinds(pair([...out(0, A, 1111, 'query'), ...into(20, A, 1111, 'answer')]))).toEqual([
      ...[`paired ${NAT}:1111`, 'public_copy'],
      ...['public_copy', `paired ${NAT}:1111`],
    ]);
  });

  test('a ping and an ICMP error are', () => {
    const echo = (from: string, id: number, ttl: number, identification: number) =>
      icmpEcho({ from, to: '198.51.100.9', id, seq: 1, ttl, identification });
    const error = (to: string, of: Endpoint, ttl: number, identification: number) =>
      icmpError({ from: '192.0.2.1', to, type: 11, code: 0, about: udp(of, DNS, 'query', 60, 1), ttl, identification });
    const lines = pair([
      ...[at(0, echo('10.0.0.7', 4, 64, 11)), at(1, echo(NAT, 7777, 63, 12))],
      ...[at(200, error(NAT, `${NAT}:1111`, 200, 13)), at(201, error('10.0.0.7', A, 199, 14))],
    ]);
    expect(kinds(lines)).toEqual([...[`paired ${NAT}:7777`, 'public_copy'], ...['public_copy', `paired ${NAT}:1111`]]);
  });

  test('equal queries of two hosts at once count once each, and show no translation', () => {
    const lines = pair(inOrder(out(0, A, 1111, 'same'), out(0.2, B, 2222, 'same')));
    expect(kinds(lines)).toEqual(['unknown', 'unknown', 'public_copy', 'public_copy']);
  });

  test('equal ones of two hosts whose sessions are known are those of these', () => {
    const known = inOrder(out(0, A, 1111, 'a'), out(300, B, 2222, 'b'));
    const lines = pair([...known, ...inOrder(out(600, A, 1111, ''), out(600.2, B, 2222, ''))]);
    expect(kinds(lines).slice(4)).toEqual([
      ...[`paired ${NAT}:1111`, `paired ${NAT}:2222`],
      ...['public_copy', 'public_copy'],
    ]);
  });

  test('the heartbeat of one host shows no translation, as it may be that of another whose own was missed', () => {
    const [ofA, copyOfA] = out(0, A, 1111, 'beat');
    const [ofB, copyOfB] = out(100, B, 2222, 'beat');
    const lone = out(400, A, 1111, 'beat');
    // Of B the host's side is missing, of A the gateway's.
    const missed = [at(800, udp(A, DNS, 'beat', 64)), at(801, udp(`${NAT}:2222`, DNS, 'beat', 63))];
    const lines = kinds(pair([ofA!, copyOfA!, ofB!, copyOfB!, ...lone, ...missed]));
    expect(lines).toEqual(lines.map((_, index) => (index % 2 === 0 ? 'unknown' : 'public_copy')));
  });

  describe('a packet that is alone with one of a session that may be that of another', () => {
    const together = inOrder(out(0, A, 1111, 'same'), out(0.2, B, 2222, 'same'));

    test('shows no translation where captures miss packets', () => {
      const [query, copy] = out(0, A, 1111, 'query');
      const answer = at(20, udp(DNS, `${NAT}:1111`, 'answer', 60));
      // Of A the answer is missing on the host's side, of B all on the gateway's.
      const ofB = [at(15, udp(B, DNS, 'query', 64)), at(35, udp(DNS, B, 'answer', 59))];
      const lines = kinds(pair([query!, copy!, ofB[0]!, answer, ofB[1]!]));
      expect(lines).toEqual(['unknown', 'public_copy', 'unknown', 'public_copy', 'unknown']);
      expect(kinds(pair([...together, ...out(300, A, 1111, 'own')])).slice(4)).toEqual(['unknown', 'public_copy']);
    });

    test('shows it where they miss none, or half a minute later', () => {
      const others = Array.from({ length: 400 }, (_, index) => out(-1000 + 2 * index, '10.0.0.9:1', 3333, `${index}`));
      const lines = kinds(pair([...others.flat(), ...together, ...out(300, A, 1111, 'own')]));
      expect(lines.slice(-2)).toEqual([`paired ${NAT}:1111`, 'public_copy']);
      expect(kinds(pair([...together, ...out(30_100, A, 1111, 'own')])).at(-2)).toBe(`paired ${NAT}:1111`);
    });
  });

  test('repeated queries of one host are told apart by their times', () => {
    const lines = pair(inOrder(out(0, A, 1111, 'q'), out(10, A, 1111, 'q'), out(11.5, A, 1111, 'q')));
    expect(kinds(lines).filter((line) => line === `paired ${NAT}:1111`)).toHaveLength(3);
    expect(kinds(lines).filter((line) => line === 'public_copy')).toHaveLength(3);
  });

  test('of repeated queries, one that is lost is', () => {
    const lines = pair([...out(0, A, 1111, 'first'), at(200, udp(A, DNS, 'q', 64)), ...out(230, A, 1111, 'q')]);
    expect(kinds(lines).slice(2)).toEqual(['lost_in_nat', `paired ${NAT}:1111`, 'public_copy']);
  });

  test('a session that is given another port is found there', () => {
    const lines = pair([...out(0, A, 1111, 'one'), ...out(90_000, A, 3333, 'two')]);
    expect(kinds(lines)).toEqual([`paired ${NAT}:1111`, 'public_copy', `paired ${NAT}:3333`, 'public_copy']);
  });

  describe('where no packet is missing, and no two are alike', () => {
    /** A minute of other hosts, each with packets of its own. */
    const others = Array.from({ length: 60 }, (_, second) => [
      ...out(second * 1000 + 300, '10.0.0.9:1', 7001, `nine ${second}`),
      ...out(second * 1000 + 600, '10.0.0.10:1', 7002, `ten ${second}`),
    ]).flat();
    const queries = (fromSec: number, host: Endpoint, port: number, seconds = 8): CaptureRecord[] =>
      Array.from({ length: seconds }, (_, second) => {
        const ms = (fromSec + second) * 1000;
        return [...out(ms, host, port, `q ${ms}`), ...into(ms + 20, host, port, `a ${ms}`)];
      }).flat();
    const portsOf = (records: readonly CaptureRecord[]): string[] => {
      const lines = kinds(pair(records)).filter((line) => line !== 'public_copy');
      return lines.filter((line) => !/:700[12]$/.test(line));
    };

    test.each([0, 4, 12, 29])('a session that gets another port %i s later is followed there', (afterSec) => {
      const records = inOrder(others, queries(20, A, 1111), queries(28 + afterSec, A, 3333));
      expect(portsOf(records)).toEqual([
        ...Array<string>(16).fill(`paired ${NAT}:1111`),
        ...Array<string>(16).fill(`paired ${NAT}:3333`),
      ]);
    });

    test.each([2, 15, 27])('a port that another host has %i s later is that one’s', (afterSec) => {
      const records = inOrder(others, queries(20, A, 1111), queries(28 + afterSec, B, 1111));
      expect(portsOf(records)).toEqual(Array<string>(32).fill(`paired ${NAT}:1111`));
    });
  });

  test('the same port soon after says nothing of a host that has another', () => {
    const other = [at(1000, udp(A, DNS, 'two', 64)), at(1001, udp(`${NAT}:3333`, DNS, 'two', 63))];
    expect(kinds(pair([...out(0, A, 1111, 'one'), ...other])).slice(2)).toEqual(['unknown', 'publicOnly']);
  });
});

test('of a gateway that leaves numbers as they are, a datagram with another one is another', () => {
  const tcp = (from: Endpoint, ttl: number) =>
    tcpPacket({ from, to: DNS, flags: 'S', seq: 5, ttl, identification: 77 });
  const lines = pair([
    ...[at(0, tcp('10.0.0.9:1', 64)), at(1, tcp(`${NAT}:9999`, 63))],
    ...[at(500, udp(A, DNS, 'q', 64, 5)), at(501, udp(`${NAT}:1111`, DNS, 'q', 63, 6))],
  ]);
  expect(kinds(lines).slice(2)).toEqual(['unknown', 'publicOnly']);
});

describe('law', () => {
  const options = fc.record({
    seed: fc.nat(0xffff),
    // Equal datagrams of two hosts, the first of their kind, can be exchanged when the captures miss one side of each.
    lostOf1000: fc.constantFrom(0, 30, 150),
    delayUs: fc.constantFrom([1, 40] as const, [20, 5000] as const, [100, 49_000] as const),
  });

  function bothSides(given: Omit<NatOptions, 'renumbers'>) {
    const crossed = simulateNat(randomTraffic(given.seed, 25), { ...given, renumbers: true });
    return inTimeOrder(
      crossed.flatMap(({ inside, outside, translation }) => [
        ...(inside === null ? [] : [{ ...inside, isInside: true, isPair: outside !== null, nat: translation.nat }]),
        ...(outside === null ? [] : [{ ...outside, isInside: false, isPair: inside !== null, nat: translation.nat }]),
      ]),
    );
  }

  test('no packet is given the translation of another', () => {
    fc.assert(
      fc.property(options, (given) => {
        const records = bothSides(given);
        pair(records).forEach((line, index) => {
          const { isInside, nat } = records[index]!;
          if (line.includes(' paired ')) expect([isInside, line]).toEqual([true, `${index + 1} paired ${nat}`]);
        });
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });

  test('where nothing is lost, every packet counts once', () => {
    fc.assert(
      fc.property(options, (given) => {
        const records = bothSides({ ...given, lostOf1000: 0 });
        const lines = pair(records);
        expect(lines.filter((line) => line.includes('public_copy'))).toHaveLength(records.length / 2);
        // Sequence numbers tell everything; equal datagrams of several are not told apart.
        const isTcp = (_: unknown, index: number) => records[index]!.bytes[9] === PROTOCOL.tcp;
        expect(lines.filter(isTcp).filter((line) => !/ paired | public_copy/.test(line))).toEqual([]);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
});
