import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClient } from '../../../src-main/contract/engine-client';
import type { EngineMessage } from '../../../src-main/engine/engine-message';
import type { EngineParent } from '../../../src-main/engine/engine-parent';
import { importInThread } from '../../../src-main/engine/importer';
import { openSocket } from '../../../src-main/engine/protocol/open-socket';
import { SocketTransport } from '../../../src-main/engine/protocol/socket-transport';
import { serveEngine } from '../../../src-main/engine/serve-engine';
import { tempFolder } from '../../support/temp';

/** A parent that hears its engine, and can go. */
class Parent implements EngineParent {
  readonly told: EngineMessage[] = [];
  #heard: (message: EngineMessage) => void = () => undefined;
  readonly first = new Promise<EngineMessage>((resolve) => (this.#heard = resolve));
  #gone = false;
  #listeners: (() => void)[] = [];

  tell(message: EngineMessage): Promise<void> {
    this.told.push(message);
    this.#heard(message);
    return Promise.resolve();
  }

  onGone(listener: () => void): void {
    if (this.#gone) listener();
    else this.#listeners.push(listener);
  }

  go(): void {
    this.#gone = true;
    for (const listener of this.#listeners.splice(0)) listener();
  }
}

const serve = (dir: string, parent: Parent, signal = new AbortController().signal): Promise<number> =>
  serveEngine(dir, parent, { importer: importInThread, signal });

test('the engine tells where it listens, and ends with its parent, leaving the workspace to the next', async () => {
  const dir = tempFolder();
  for (let round = 0; round < 2; round++) {
    const parent = new Parent();
    const over = serve(dir, parent);
    const message = await parent.first;
    expect(message).toMatchObject({ kind: 'listening', workspace: dir, pid: process.pid, isOwner: true });
    expect(existsSync(join(dir, 'owner.json'))).toBe(true);
    parent.go();
    expect(await over).toBe(0);
    expect(parent.told).toHaveLength(1);
    expect(existsSync(join(dir, 'owner.json'))).toBe(false);
  }
});

test('its clients are told that it is gone when it is asked to end', async () => {
  const dir = tempFolder();
  const parent = new Parent();
  const abort = new AbortController();
  const over = serve(dir, parent, abort.signal);
  const message = await parent.first;
  const socket = await openSocket(message.kind === 'listening' ? message.socketPath : '');
  const client = createClient(new SocketTransport(socket!));
  expect(await client.call('workspace:read', {}).outcome).toMatchObject({ ok: true, value: { workspace: dir } });
  abort.abort();
  expect(await over).toBe(0);
  expect(await client.call('workspace:read', {}).outcome).toMatchObject({ ok: false, error: { code: 'ENGINE_GONE' } });
});

test('a second engine tells of the first, and ends', async () => {
  const dir = tempFolder();
  const [first, second] = [new Parent(), new Parent()];
  const over = serve(dir, first);
  const message = await first.first;
  expect(await serve(dir, second)).toBe(0);
  expect(second.told).toEqual([{ ...message, isOwner: false }]);
  first.go();
  expect(await over).toBe(0);
});

test('a parent that goes while the workspace is opened leaves no engine behind', async () => {
  const dir = tempFolder();
  const parent = new Parent();
  const over = serve(dir, parent);
  parent.go();
  expect(await over).toBe(0);
  expect(existsSync(join(dir, 'owner.json'))).toBe(false);
});

test('a workspace that cannot be opened is told with its code', async () => {
  const file = join(tempFolder(), 'file');
  writeFileSync(file, '');
  const parent = new Parent();
  expect(await serve(file, parent)).toBe(1);
  expect(parent.told).toMatchObject([
    { kind: 'failed', error: { code: 'WORKSPACE_UNUSABLE', detail: { path: file } } },
  ]);
});
