import { beforeAll, expect, test } from 'vitest';
import { readAttribution } from '../../../../src-main/engine/attribution/attribution-service';
import { tcpPacket, type Endpoint } from '../../../support/frames';
import { inTimeOrder, type CaptureRecord } from '../../../support/pcap-writer';
import { tempFolderForFile } from '../../../support/temp';
import { SECOND } from '../../../support/time';
import { sharedDatabase } from '../../duckdb/temporary-workspace';
import { importInto, PLACE, writeCapture } from '../imported-database';

/* A host that scans from one port has one translated endpoint towards all of its destinations, and a session with each. */

/** A window edge; times are nanoseconds since then. */
const T0 = 1_700_000_400n * SECOND;
const EDGE = 600n * SECOND;
const STEP = 1_000_000n;
const DESTINATIONS = 2000;
const HOST: Endpoint = '10.0.0.7:4000';
const GATEWAY = { portMin: 2000, portMax: 2000 };

const shared = sharedDatabase();
let folder = '';
beforeAll(() => {
  folder = tempFolderForFile();
});

const timeText = (ns: bigint): string => `${(T0 + ns) / SECOND}.${String((T0 + ns) % SECOND).padStart(9, '0')}`;
const segment = (ns: bigint, from: Endpoint, to: Endpoint, flags: string): CaptureRecord => ({
  atNs: T0 + ns,
  bytes: tcpPacket({ from, to, flags }),
});
/** When the five-tuple of a session is used anew, of which no entry of it tells. */
const reusedNs = (place: number): bigint => EDGE + 10n * SECOND + BigInt(place) * STEP;

function sessionWith(place: number): CaptureRecord[] {
  const to: Endpoint = `198.51.${100 + Math.floor(place / 250)}.${1 + (place % 250)}:443`;
  const ns = EDGE - 10n * SECOND + BigInt(place) * STEP;
  const records = [segment(ns, HOST, to, 'S'), segment(ns + 1n, to, HOST, 'SA')];
  records.push(segment(ns + 2n, HOST, to, 'FA'), segment(ns + 3n, to, HOST, 'FA'));
  return place % 2 === 0 ? [...records, segment(reusedNs(place), HOST, to, 'S')] : records;
}

test('thousands of sessions with one endpoint each end when their five-tuple is used anew', async () => {
  const records = inTimeOrder(Array.from({ length: DESTINATIONS }, (_, place) => sessionWith(place)).flat());
  const logstore = 'scanned';
  await importInto(shared(), [writeCapture(folder, 'scanned.pcap', records)], { logstore, gateway: GATEWAY });
  const question = { address: '203.0.113.1', port: 2000, protocol: null, skewSec: 0, destination: null };
  const questions = [{ ...question, at: timeText(EDGE + 5n * SECOND) }];
  const { signal } = new AbortController();
  const { answers } = await readAttribution(
    shared(),
    { ...PLACE, logstore, zone: 'UTC', run: null, questions },
    { signal },
  );
  const sessions = answers[0]!.hosts.flatMap((host) => host.sessions);
  expect(sessions).toHaveLength(DESTINATIONS);
  const untils = new Map(sessions.map(({ session, until, endReason }) => [session, [until, endReason]]));
  for (let place = 0; place < DESTINATIONS; place += 2)
    expect(untils.get(place + 1)).toEqual([timeText(reusedNs(place)), 'reused']);
  expect(sessions.filter(({ endReason }) => endReason === 'reused')).toHaveLength(DESTINATIONS / 2);
});
