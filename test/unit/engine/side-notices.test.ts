import { expect, test } from 'vitest';
import { sideNotices } from '../../../src-main/engine/side-notices';
import { udpPacket, type Endpoint } from '../../support/frames';
import { inTimeOrder, type CaptureRecord } from '../../support/pcap-writer';
import { gatewayWith, sessionLogOf } from '../../support/session-log';
import { MILLISECOND, SECOND } from '../../support/time';

/* What is said of a capture of both sides of a gateway. */

const gateway = gatewayWith({ inside: ['10.0.0.0/16'], eips: ['198.51.100.10'] });

/** A datagram without an identification of a host, and 1 ms later of the gateway. */
function out(ms: number, host: number, payload: string): [CaptureRecord, CaptureRecord] {
  const one = (from: Endpoint, ttl: number, delayMs: number): CaptureRecord => ({
    atNs: 1_700_000_400n * SECOND + BigInt(ms + delayMs) * MILLISECOND,
    bytes: udpPacket({ from, to: '203.0.113.80:53', ttl, identification: 0, payload: Buffer.from(payload) }),
  });
  return [one(`10.0.0.${host}:5000`, 64, 0), one(`198.51.100.10:${48_000 + host}`, 63, 1)];
}

const equal = [...out(0, 7, 'equal'), ...out(0, 8, 'equal')];
const alone = out(500, 9, 'alone');
const [onInside, onOutside] = out(900, 9, 'missing');

test.each([
  { name: 'on neither side', missing: [], isUnsure: false },
  { name: 'outside alone', missing: [onInside], isUnsure: false },
  { name: 'inside alone', missing: [onOutside], isUnsure: false },
  { name: 'on both sides', missing: [onInside, out(1300, 9, 'missing, too')[1]], isUnsure: true },
])('where packets are missing $name, equal ones are said to be unsure: $isUnsure', async ({ missing, isUnsure }) => {
  const log = await sessionLogOf(inTimeOrder(equal, alone, missing), gateway);
  expect(log.legs).toMatchObject({ equal: 2, byMoment: 1 });
  const texts = sideNotices(log).map(({ text }) => text);
  expect(texts).toEqual([expect.stringMatching(/^Of the packets on both sides of the gateway 2 are equal/)]);
  expect(texts[0]?.includes('packets are missing on both sides')).toBe(isUnsure);
});
