import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readComplaints } from '../../../../src-main/engine/attribution/complaints';
import { PROPERTY_RUNS } from '../../../support/property-runs';

/* Texts are made of incidents that are known, in shapes that are understood: no others may be asked for. */

interface Incident {
  readonly address: string;
  readonly port: number;
  /** Of the target. */
  readonly targetPort: number;
  readonly atSec: number;
}

const OURS = ['203.0.113.1', '203.0.113.2', '198.18.0.200'];
const reader = { isOurs: (address: string) => OURS.includes(address), skewSec: 0, year: 2025, zone: 'Asia/Tokyo' };
const DAY_SEC = 86_400;

const incident = fc.record({
  address: fc.constantFrom(...OURS),
  port: fc.integer({ min: 1024, max: 65_535 }),
  targetPort: fc.constantFrom(22, 80, 443, 3389, 18_954),
  atSec: fc.integer({ min: 1_700_000_000, max: 1_700_000_000 + 400 * DAY_SEC }),
});

const isoOf = (sec: number): string => new Date(sec * 1000).toISOString().slice(0, 19);
const blankOf = (sec: number): string => isoOf(sec).replace('T', ' ');
const TIMES: readonly ((sec: number) => string)[] = [
  (sec) => `${isoOf(sec)}Z`,
  (sec) => `${blankOf(sec)} UTC`,
  (sec) => `${blankOf(sec + 8 * 3600)} +0800`,
  (sec) => `${blankOf(sec + 8 * 3600)} (UTC+8)`,
  (sec) => new Date(sec * 1000).toUTCString(),
  (sec) => `${blankOf(sec - 5 * 3600)} EST`,
];

type Shape = (incident: Incident, at: string) => string;
const NAMED: readonly Shape[] = [
  ({ address, port }, at) => `IP: ${address}\nPort: ${port}\nTime: ${at}`,
  ({ address, port, targetPort }, at) =>
    `Time: ${at}\nTarget port: ${targetPort}\nSource: ${address}\nSource port: ${port}`,
  ({ address, port, targetPort }, at) =>
    `- Source IP = ${address}\n- Destination IP = 192.0.2.7\n- Destination port = ${targetPort}\n- Src port = ${port}\n- Date = ${at}`,
  ({ address, port }, at) => `> IP address . . : ${address}:${port}\n> Timestamp  . . : ${at}`,
];
const LINES: readonly Shape[] = [
  ({ address, port, targetPort }, at) => `${at} ${address}:${port} -> 192.0.2.7:${targetPort} TCP`,
  ({ address, port, targetPort }, at) => `${at} sshd: attack on port ${targetPort} from ${address} port ${port}`,
  ({ address, port, targetPort }, at) =>
    `SRC=${address} DST=192.0.2.7 PROTO=TCP SPT=${port} DPT=${targetPort} at ${at}`,
  ({ address, port }, at) => `${address},${port},${at}`,
  ({ address, port }, at) => `${at}\t${address}\t${port}`,
  ({ address, port }, at) => `${address} (${port}) at ${at}`,
  ({ address, port, targetPort }, at) =>
    JSON.stringify({ time: at, dst_port: targetPort, source: { ip: address, port } }),
  ({ address, port }, at) =>
    `<Source><TimeStamp>${at}</TimeStamp><IP_Address>${address}</IP_Address><Port>${port}</Port></Source>`,
];

const asked = (text: string): string[] =>
  [...readComplaints(text, reader)].flatMap((complaint) => {
    if (complaint?.question == null) return [];
    const { address, port, at } = complaint.question;
    return [`${address}:${port} ${secOf(at)}`];
  });
const secOf = (at: string): number => Date.parse(at) / 1000;
const expected = ({ address, port, atSec }: Incident): string => `${address}:${port} ${atSec}`;

const incidents = fc.array(incident, { minLength: 1, maxLength: 5 });
const time = fc.constantFrom(...TIMES);
const property = (arbitrary: readonly Shape[], join: string, unique = true): void => {
  fc.assert(
    fc.property(incidents, fc.constantFrom(...arbitrary), time, (all, shape, timeText) => {
      const text = all.map((each) => shape(each, timeText(each.atSec))).join(join);
      const found = asked(text);
      const wanted = all.map(expected);
      expect(unique ? new Set(found) : found).toEqual(unique ? new Set(wanted) : wanted);
    }),
    { numRuns: PROPERTY_RUNS * 4 },
  );
};

test('reports of names and values, with a blank line between them, are asked for as they are', () => {
  property(NAMED, '\n\n', false);
});

test('reports of names and values, one behind the other, are asked for as they are', () => {
  property(NAMED, '\n');
});

test('lines are asked for as they are', () => {
  property(LINES, '\n', false);
});

test('whatever lines of reports are missing and whatever their order, no port is asked for that is none of its incident', () => {
  const pieces = fc.tuple(incident, fc.constantFrom(...NAMED, ...LINES), time, fc.nat({ max: 31 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 6 }), (all) => {
      const reports = all.map(([each, shape, timeText, missing, isTurned]) => {
        const lines = shape(each, timeText(each.atSec)).split('\n');
        const left = lines.filter((_, place) => ((missing >> place) & 1) === 0);
        return (isTurned ? left.toReversed() : left).join('\n');
      });
      const known = new Set(all.map(([each]) => expected(each)));
      expect(asked(reports.join('\n\n')).filter((each) => !known.has(each))).toEqual([]);
    }),
    { numRuns: PROPERTY_RUNS * 10 },
  );
});
