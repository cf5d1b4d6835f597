import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppState } from '../../../src-renderer/app-state.svelte';
import type { HostBridge } from '../../../src-renderer/services/host-bridge';
import { FakeEngine, ok, settled } from './fake-engine';

beforeEach(() => {
  vi.stubGlobal('document', { documentElement: { dataset: {} } });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
  vi.stubGlobal('location', { hash: '' });
});
afterEach(() => vi.unstubAllGlobals());

function open(): { readonly app: AppState; readonly engine: FakeEngine } {
  const engine = new FakeEngine();
  const bridge = { kind: 'desktop', call: () => Promise.resolve(ok('/samples/office.pcap')) } as unknown as HostBridge;
  const app = new AppState(bridge, null, null, null);
  app.engine.call = (name, request, listeners) => engine.call(name, request, listeners);
  return { app, engine };
}

test('a double click on the sample opens it once', async () => {
  const { app, engine } = open();
  void app.openSample();
  void app.openSample();
  await settled();
  void app.openSample();
  await settled();
  expect(app.queue.jobs).toHaveLength(1);
  await engine.last('import:run').answer({
    ok: false,
    error: { code: 'IMPORT_CANCELLED', message: '', detail: {} },
  });
  void app.openSample();
  await settled();
  expect(app.queue.jobs).toHaveLength(2);
});
