import { expect, test } from 'vitest';
import { ExportState } from '../../../src-renderer/features/logstore/export-state.svelte';
import type { HostBridge } from '../../../src-renderer/services/host-bridge';
import { FakeEngine, settled } from './fake-engine';

const query = {
  ...{ text: '*', project: 'local', logstore: 'session-log', from: null, to: null, zone: 'UTC' },
  ...{ limit: null, offset: 0, reverse: true, snapshot: null },
};

test('the second half of a double click does not cancel the export that the first one began', async () => {
  let nowMs = 10_000;
  const engine = new FakeEngine();
  const nothing = (): void => undefined;
  const listeners = { onDone: nothing, onFailed: nothing, fetchFile: nothing };
  const bridge = { kind: 'browser' } as HostBridge;
  const exporting = new ExportState(engine, bridge, listeners, () => nowMs);
  void exporting.run(query);
  await settled();
  nowMs += 499;
  exporting.cancel();
  expect(engine.last('export:run').isCancelled).toBe(false);
  nowMs += 1;
  exporting.cancel();
  expect(engine.last('export:run').isCancelled).toBe(true);
});
