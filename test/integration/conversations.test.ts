import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isAppError } from '../support/app-error';
import { capturesFolder, needingCaptures } from '../support/captures';
import { readConversations, type ConversationRow } from '../../src-main/engine/conversations';

/** What `ORACLE.md` describes, as far as it is compared here. */
interface GroundTruth {
  readonly packets: number;
  readonly outer: readonly ConversationRow[];
  readonly inner: 'same as outer' | readonly ConversationRow[];
}

/**
 * Captures whose container, link layer or fragments this version does not read yet, and why. The test fails when one
 * of them comes out right, so that the list cannot outlive its reasons.
 */
const NOT_COVERED: Readonly<Record<string, string>> = {
  'd-loop-stun.pcap': 'link type LOOP',
  'fpcap-many-interfaces.pcapng': 'link type NULL',
  'gopacket-le-test201.pcapng': 'link type NULL',
  'mercury-ip-encap.pcap': 'PPPoE',
  'packetnet-sll2.pcap': 'link type Linux cooked v2',
  'sv-ipv6-linktype-frag.pcap': 'link type IPV6',
  'sv-null-loopback.pcap': 'link type NULL',
  'zeek-ipv4-linktype.pcap.gz': 'link type IPV4',
  'zeek-nflog.pcap': 'link type NFLOG',
  'zeek-ppp-quic.pcap': 'link type PPP',
  'zeek-pppoe.pcap': 'PPPoE',
  'zeek-radiotap.pcap': 'link type 802.11 radiotap',
};

/** Captures with tunnels, which this version does not open. They are refused for the inner layer. */
const TUNNELLED: readonly string[] = [
  'mercury-emix.pcap',
  'pp-wireshark-samples.pcapng',
  'sv-teredo.pcap',
  'sv-vxlan.pcap',
  'zeek-gre-teb.pcap',
  'zeek-gtp-teredo.pcap',
];

const LAYERS = ['outer', 'inner'] as const;
type Layer = (typeof LAYERS)[number];

const folder = capturesFolder === undefined ? undefined : join(capturesFolder, 'dev');
const captures =
  folder === undefined ? [] : readdirSync(folder).filter((name) => existsSync(join(folder, `${name}.oracle.json`)));

/** Rows in order of their first packet, here as in the ground truth. */
async function compare(name: string, layer: Layer): Promise<{ readonly actual: unknown; readonly expected: unknown }> {
  const path = join(folder ?? '', name);
  const truth = JSON.parse(readFileSync(`${path}.oracle.json`, 'utf8')) as GroundTruth;
  const { conversations } = await readConversations([path], layer);
  // The ground truth has more per conversation (fragments, ICMP types) than is compared.
  const fields = conversations[0] === undefined ? [] : (Object.keys(conversations[0]) as (keyof ConversationRow)[]);
  const rows = layer === 'outer' || truth.inner === 'same as outer' ? truth.outer : truth.inner;
  const expected = rows.map((row) => Object.fromEntries(fields.map((field) => [field, row[field]])));
  return { actual: conversations, expected };
}

describe.skipIf(folder === undefined)(needingCaptures('conversations equal what tshark counts'), () => {
  test('there are captures to compare', () => {
    expect(captures.length).toBeGreaterThan(30);
    console.log(
      `not covered yet: ${Object.entries(NOT_COVERED)
        .map(([name, why]) => `${name} (${why})`)
        .join(', ')}`,
    );
  });

  const covered = captures.filter((name) => !(name in NOT_COVERED));

  test.each(covered)('%s', async (name) => {
    const { actual, expected } = await compare(name, 'outer');
    expect(actual).toEqual(expected);
  });

  test.each(covered.filter((name) => !TUNNELLED.includes(name)))('%s, the inner layer', async (name) => {
    const { actual, expected } = await compare(name, 'inner');
    expect(actual).toEqual(expected);
  });

  test.each(TUNNELLED)('%s has tunnels, so its inner layer is refused', async (name) => {
    await expect(compare(name, 'inner')).rejects.toThrow(
      expect.objectContaining({ code: 'CAPTURE_UNSUPPORTED' }) as Error,
    );
  });

  const uncovered = captures.filter((name) => name in NOT_COVERED);
  test.each(uncovered.flatMap((name) => LAYERS.map((layer) => ({ name, layer }))))(
    '$name is still not covered, $layer layer',
    async ({ name, layer }) => {
      try {
        const { actual, expected } = await compare(name, layer);
        expect(actual).not.toEqual(expected);
      } catch (cause) {
        if (!isAppError(cause, 'CAPTURE_UNSUPPORTED')) throw cause;
      }
    },
  );
});
