import { expect, test } from 'vitest';
import type { ImportFacts } from '../../../src-main/contract/workspace-report';
import { importState } from '../../../src-renderer/features/captures/import-facts';

const capture = {
  path: '/captures/a.pcap',
  format: 'pcap' as const,
  fileBytes: 24,
  packets: 1,
  firstTime: null,
  lastTime: null,
};
const FACTS: ImportFacts = {
  ...{ run: 1, project: 'local', logstore: 'session-log', instance: 'ngw-default', finishedMs: 0 },
  ...{ packets: 1, logEntries: 1, windows: 1, hasLosses: false, isGoingOn: false },
  captures: [{ ...capture, isMissing: false }],
};

test.each([
  { name: 'all of it is there', facts: {}, label: 'Imported' },
  { name: 'it goes on', facts: { isGoingOn: true, hasLosses: true }, label: 'Goes on' },
  { name: 'something is lost', facts: { hasLosses: true }, label: 'With losses' },
  {
    name: 'its file is gone',
    facts: { hasLosses: true, captures: [{ ...capture, isMissing: true }] },
    label: 'File missing',
  },
  { name: 'there are no entries', facts: { logEntries: 0 }, label: 'Nothing translated' },
])('the state of an import is told in a word when $name', ({ facts, label }) => {
  expect(importState({ ...FACTS, ...facts }).label).toBe(label);
});
