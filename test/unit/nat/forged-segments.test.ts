import { describe, expect, test } from 'vitest';
import { HOST, S, at, handshake, run, tcp, udp } from '../../support/nat-scenario';
import type { SessionLog } from '../../support/session-log';

/*
 * Segments that count in a session and are not of its connection, so that they change nothing in it.
 * @see nat-gateway reference §4.2 rules 1 and 2; RFC 5961
 */

const CLIENT = `${HOST}:47176` as const;
const tick = (sec: number) => at(sec, udp('10.0.0.8:6000', '203.0.113.99:53', 60));
const endsOf = ({ entries }: SessionLog) => entries.filter(({ pri }) => pri === CLIENT).map(({ end }) => end);

describe('what is judged by the acknowledgements of a session', () => {
  const reset = at(20, tcp(CLIENT, S, 'R', 40, { seq: 101 }));

  test.each([
    { name: 'a reset outside of the window', flags: 'RA', fields: { seq: 0x40000000, ack: 500_000_000 } },
    { name: 'a segment with flags that exclude each other', flags: 'SFA', fields: { seq: 501, ack: 500_000_000 } },
  ])('is not changed by $name', async ({ flags, fields }) => {
    const connection = [...handshake(CLIENT, S, 1), at(1.1, tcp(S, CLIENT, 'A', 52, { seq: 501, ack: 101 }))];
    const forged = at(10, tcp(S, CLIENT, flags, 40, fields));
    expect(endsOf(await run([...connection, reset, tick(40)]))).toEqual(['rst']);
    expect(endsOf(await run([...connection, forged, reset, tick(40)]))).toEqual(['rst']);
  });
});

describe('a session whose SYN has no answer', () => {
  const opened = at(1, tcp(CLIENT, S, 'S', 60, { seq: 100 }));
  /** When its time is up, in seconds. */
  const diesAt = async (flags: string, fields: { seq: number; ack?: number }): Promise<number> => {
    const log = await run([opened, at(2, tcp(S, CLIENT, flags, 52, fields)), tick(2000)]);
    const { mappingEndNs } = log.entries.find(({ pri }) => pri === CLIENT)!;
    return Number((mappingEndNs - opened.atNs) / 1_000_000_000n) + 1;
  };

  test.each([
    // What a peer says that has an older connection still: the host resets that, and sends its SYN again.
    { name: 'a challenge', flags: 'A', fields: { seq: 7000, ack: 4_000_000_000 }, second: 62 },
    { name: 'one that acknowledges what was before the SYN', flags: 'A', fields: { seq: 7000, ack: 100 }, second: 62 },
    { name: 'a FIN without acknowledgement', flags: 'F', fields: { seq: 7000 }, second: 62 },
    // The SYN-ACK was not captured.
    { name: 'one that acknowledges the SYN', flags: 'A', fields: { seq: 501, ack: 101 }, second: 902 },
    { name: 'and data that came with it', flags: 'PA', fields: { seq: 501, ack: 1501 }, second: 902 },
  ])('waits for it after $name, until second $second', async ({ flags, fields, second }) => {
    expect(await diesAt(flags, fields)).toBe(second);
  });
});
