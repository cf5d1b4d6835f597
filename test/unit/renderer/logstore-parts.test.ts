import { render } from 'svelte/server';
import { expect, test } from 'vitest';
import OtherLogs from '../../../src-renderer/features/logstore/OtherLogs.svelte';
import ValueSpread from '../../../src-renderer/features/logstore/ValueSpread.svelte';
import { grouped } from '../../../src-renderer/services/number-format';

const log = (project: string, name: string, entries: number) => ({ project, name, entries, extent: null, fields: [] });
const place = { project: 'local', logstore: 'session-log' };
const others = (...logstores: readonly ReturnType<typeof log>[]): string =>
  render(OtherLogs, { props: { logstores, place, onchoose: () => undefined } }).body;

test('a Logstore leads to the others, which are named with their projects where these differ', () => {
  expect(others(log('local', 'session-log', 3))).not.toContain('option');
  const two = others(log('local', 'session-log', 3), log('local', 'dns', 1));
  expect(two).toContain('dns (1 entry)');
  expect(two).not.toContain('session-log');
  expect(others(log('lab', 'session-log', 2_000))).toContain('lab/session-log (2,000 entries)');
});

test('the numbers of a field are bars of equal ranges, said in a sentence', () => {
  const bucket = (from: number, entries: number) => ({ from, to: from + 10, entries });
  const draw = (buckets: readonly ReturnType<typeof bucket>[]): string =>
    render(ValueSpread, { props: { buckets, shown: grouped } }).body;
  const drawn = draw([bucket(0, 1), bucket(10, 0), bucket(20, 4)]);
  expect(drawn).toContain('Distribution over 3 equal ranges, the most in 20 – 30: 4 entries');
  expect([...drawn.matchAll(/block-size: ?([\d.]+)%/gu)].map(([, part]) => part)).toEqual(['25', '100']);
  expect(draw([bucket(0, 1)])).not.toContain('role="img"');
  expect(draw([])).not.toContain('role="img"');
});
