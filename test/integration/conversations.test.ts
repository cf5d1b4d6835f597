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
  'zeek-ipv4-linktype.pcap.gz': 'gzip',
  'zeek-nflog.pcap': 'link type NFLOG',
  'zeek-ppp-quic.pcap': 'link type PPP',
  'zeek-pppoe.pcap': 'PPPoE',
  'zeek-radiotap.pcap': 'link type 802.11 radiotap',
  'zeek-rlogin.pcapng.gz': 'gzip',
};

const folder = capturesFolder === undefined ? undefined : join(capturesFolder, 'dev');
const captures =
  folder === undefined ? [] : readdirSync(folder).filter((name) => existsSync(join(folder, `${name}.oracle.json`)));

function byKey(rows: readonly ConversationRow[]): Record<string, ConversationRow> {
  return Object.fromEntries(
    rows.map((row) => [`${row.ver} ${row.proto} ${row.a_ip} ${row.a_port} ${row.b_ip} ${row.b_port}`, row]),
  );
}

function compare(name: string): { readonly actual: unknown; readonly expected: unknown } {
  const path = join(folder ?? '', name);
  const truth = JSON.parse(readFileSync(`${path}.oracle.json`, 'utf8')) as GroundTruth;
  const { conversations } = readConversations([path], 'outer');
  // The ground truth has more per conversation (fragments, ICMP types) than is compared.
  const fields = conversations[0] === undefined ? [] : (Object.keys(conversations[0]) as (keyof ConversationRow)[]);
  const expected = truth.outer.map((row) => Object.fromEntries(fields.map((field) => [field, row[field]])));
  return { actual: byKey(conversations), expected: byKey(expected as unknown as ConversationRow[]) };
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

  test.each(captures.filter((name) => !(name in NOT_COVERED)))('%s', (name) => {
    const { actual, expected } = compare(name);
    expect(actual).toEqual(expected);
  });

  test.each(captures.filter((name) => name in NOT_COVERED))('%s is still not covered', (name) => {
    try {
      const { actual, expected } = compare(name);
      expect(actual).not.toEqual(expected);
    } catch (cause) {
      if (!isAppError(cause, 'CAPTURE_UNSUPPORTED')) throw cause;
    }
  });
});
