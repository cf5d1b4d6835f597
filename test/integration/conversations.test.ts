import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
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

type Layer = 'outer' | 'inner';

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
    expect(captures.length).toBe(40);
  });

  test.each(captures)('%s', async (name) => {
    const { actual, expected } = await compare(name, 'outer');
    expect(actual).toEqual(expected);
  });

  test.each(captures)('%s, the inner layer', async (name) => {
    const { actual, expected } = await compare(name, 'inner');
    expect(actual).toEqual(expected);
  });

  test.each(captures)('%s, ICMP errors and what is in no conversation', async (name) => {
    const path = join(folder ?? '', name);
    const truth = JSON.parse(readFileSync(`${path}.oracle.json`, 'utf8')) as GroundTruth;
    const { icmpErrors, notCounted } = await readConversations([path], 'inner');
    expect(icmpErrors).toEqual(truth.icmp_errors);
    const { non_ip = 0, unknown_link_type = 0, malformed = 0, l4_truncated = 0 } = notCounted;
    expect({ nonIp: non_ip + unknown_link_type, undecoded: malformed + l4_truncated }).toEqual({
      nonIp: truth.non_ip_packets,
      undecoded: truth.undecoded_ip,
    });
  });
});
