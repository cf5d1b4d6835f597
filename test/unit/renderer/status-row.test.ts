import { render } from 'svelte/server';
import { expect, test } from 'vitest';
import { LogstoreState, type Answer } from '../../../src-renderer/features/logstore/logstore-state.svelte';
import { QueryHistory } from '../../../src-renderer/features/logstore/query-history';
import { StatementRows } from '../../../src-renderer/features/logstore/statement-rows';
import StatusRow from '../../../src-renderer/features/logstore/StatusRow.svelte';
import { FakeEngine, histogram, numbers, report } from './fake-engine';

const request = {
  ...{ text: '* | select 1', project: 'local', logstore: 'session-log', from: null, to: null, zone: 'UTC' },
  ...{ limit: null, offset: 0, reverse: true, snapshot: null },
};

/** What the row says, with the tips of its parts. */
function row(change: (logs: LogstoreState) => void, isCut = false): string {
  const place = { project: 'local', logstore: 'session-log' };
  const logs = new LogstoreState(new FakeEngine(), place, () => 'UTC', new QueryHistory(null));
  const rows = new StatementRows([numbers('n', [1, 2])], [], 2);
  const answer: Answer = {
    ...{ kind: 'statement', request, pinned: request, histogram: histogram(9), report: report(2), rows, isCut },
    elapsedMs: 1,
  };
  logs.text = request.text;
  logs.answer = answer;
  change(logs);
  return render(StatusRow, { props: { logs, onledger: () => undefined } }).body;
}

test('an answer that is cut says so in words, and where all rows are', () => {
  expect(row(() => undefined, true)).toContain('The first 2 rows are shown; an export has all rows.');
  expect(row(() => undefined)).not.toContain('an export has all rows');
});

test('an edited query is marked as one that is not run', () => {
  const text = row((logs) => {
    logs.text = '* | select 2';
  });
  expect(text).toContain('Not run yet');
  expect(text).toContain('The answer before is still shown:');
  expect(row(() => undefined)).not.toContain('Not run yet');
});

test('the tip of Undo zoom says where its key works', () => {
  const text = row((logs) => {
    logs.zooms = [{ from: null, to: null }];
  });
  expect(text).toMatch(/title="Ctrl\+Z, or Z in the histogram"/u);
});

test('windows that the captures cover in part are told calmly, once, and are no loss', () => {
  const windows = { partial: 2, all: 13, startsSec: [1_741_596_600, 1_741_603_800], otherStarts: 0 };
  const notice = { kind: 'partial' as const, text: 'of the engine', windows };
  const text = row((logs) => {
    if (logs.answer === null) return;
    const { histogram: bins, report: of } = logs.answer;
    logs.answer = {
      ...logs.answer,
      histogram: { ...bins, notices: [notice] },
      report: { ...of, notices: [notice] },
    };
  });
  expect(text.match(/2 of 13 windows in part/gu)).toHaveLength(1);
  expect(text).toContain(
    '2 of 13 windows are covered in part by the captures, and what is counted there is of that part: 2025-03-10 08:50:00 UTC, 2025-03-10 10:50:00 UTC',
  );
  expect(text).not.toContain('Losses behind it');
  expect(text).not.toContain('of the engine');
});

test('what is noted of two places of a query alike is said once', () => {
  const notice = { kind: 'info' as const, text: 'A leading wildcard reads the whole index.' };
  const text = row((logs) => {
    if (logs.answer === null) return;
    logs.answer = { ...logs.answer, report: { ...logs.answer.report, notices: [notice, notice] } };
  });
  expect(text.split(`>${notice.text}<`)).toHaveLength(2);
});
