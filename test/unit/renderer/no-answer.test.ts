import { render } from 'svelte/server';
import { expect, test } from 'vitest';
import { LogstoreState } from '../../../src-renderer/features/logstore/logstore-state.svelte';
import NoAnswer from '../../../src-renderer/features/logstore/NoAnswer.svelte';
import { QueryHistory } from '../../../src-renderer/features/logstore/query-history';
import { FakeEngine } from './fake-engine';

/** What the page says of a Logstore that the engine does not have. */
function said(logstore: string): string {
  const place = { project: 'local', logstore };
  const logs = new LogstoreState(new FakeEngine(), place, () => 'UTC', new QueryHistory(null));
  const message = `Project local has no Logstore ${logstore}`;
  logs.error = { code: 'LOGSTORE_NOT_FOUND', message, detail: { project: 'local', logstore } };
  const act = (): void => undefined;
  const props = { logs, isImporting: false, refusal: null, onopen: act, oncaptures: act, onindex: act };
  return render(NoAnswer, { props }).body;
}

test('the Logstore of the first import is empty before it, and one that was deleted is not there', () => {
  expect(said('session-log')).toContain('This Logstore is empty');
  expect(said('deleted')).toContain('There is no such Logstore');
  expect(said('deleted')).not.toContain('is empty');
});
