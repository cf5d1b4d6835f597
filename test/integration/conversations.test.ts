import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isAppError } from '../support/app-error';
import { capturesFolder, needingCaptures } from '../support/captures';
import { readConversations, type ConversationRow, type IcmpErrorRow } from '../../src-main/engine/conversations';

/** What `ORACLE.md` describes, as far as it is compared here. */
interface GroundTruth {
  readonly packets: number;
  readonly outer: readonly ConversationRow[];
  readonly inner: 'same as outer' | readonly ConversationRow[];
  readonly icmp_errors: readonly IcmpErrorRow[];
  readonly non_ip_packets: number;
  readonly undecoded_ip: number;
}

/**
 * Captures whose container this version does not read yet. The test fails when one of them comes out right, so that the
 * list cannot outlive its reasons.
 */
const NOT_COVERED: Readonly<Record<string, string>> = {
  'zeek-ipv4-linktype.pcap.gz': 'gzip',
  'zeek-rlogin.pcapng.gz': 'gzip',
};

const LAYERS = ['outer', 'inner'] as const;
type Layer = (typeof LAYERS)[number];

const folder = capturesFolder === undefined ? undefined : join(capturesFolder, 'dev');
const captures =
  folder === undefined ? [] : readdirSync(folder).filter((name) => existsSync(join(folder, `${name}.oracle.json`)));

/** Rows in order of their first packet, here as in the ground truth. */
function compare(name: string, layer: Layer): { readonly actual: unknown; readonly expected: unknown } {
  const path = join(folder ?? '', name);
  const truth = JSON.parse(readFileSync(`${path}.oracle.json`, 'utf8')) as GroundTruth;
  const { conversations } = readConversations([path], layer);
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

  test.each(covered)('%s', (name) => {
    const { actual, expected } = compare(name, 'outer');
    expect(actual).toEqual(expected);
  });

  test.each(covered)('%s, the inner layer', (name) => {
    const { actual, expected } = compare(name, 'inner');
    expect(actual).toEqual(expected);
  });

  test.each(covered)('%s, ICMP errors and what is in no conversation', (name) => {
    const path = join(folder ?? '', name);
    const truth = JSON.parse(readFileSync(`${path}.oracle.json`, 'utf8')) as GroundTruth;
    const { icmpErrors, notCounted } = readConversations([path], 'inner');
    expect(icmpErrors).toEqual(truth.icmp_errors);
    const { non_ip = 0, unknown_link_type = 0, malformed = 0, l4_truncated = 0 } = notCounted;
    expect({ nonIp: non_ip + unknown_link_type, undecoded: malformed + l4_truncated }).toEqual({
      nonIp: truth.non_ip_packets,
      undecoded: truth.undecoded_ip,
    });
  });

  const uncovered = captures.filter((name) => name in NOT_COVERED);
  test.each(uncovered.flatMap((name) => LAYERS.map((layer) => ({ name, layer }))))(
    '$name is still not covered, $layer layer',
    ({ name, layer }) => {
      try {
        const { actual, expected } = compare(name, layer);
        expect(actual).not.toEqual(expected);
      } catch (cause) {
        if (!isAppError(cause, 'CAPTURE_UNSUPPORTED')) throw cause;
      }
    },
  );
});
