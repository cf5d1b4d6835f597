import { createRawSnippet } from 'svelte';
import { render } from 'svelte/server';
import { expect, test } from 'vitest';
import { FieldAnalyses } from '../../../src-renderer/features/logstore/field-analysis.svelte';
import FieldList from '../../../src-renderer/features/logstore/FieldList.svelte';
import ComplaintsTable from '../../../src-renderer/features/who/ComplaintsTable.svelte';
import Badge from '../../../src-renderer/lib/Badge.svelte';
import Button from '../../../src-renderer/lib/Button.svelte';
import Dialog from '../../../src-renderer/lib/Dialog.svelte';
import Empty from '../../../src-renderer/lib/Empty.svelte';
import FactDetails from '../../../src-renderer/lib/FactDetails.svelte';
import FactList from '../../../src-renderer/lib/FactList.svelte';
import Note from '../../../src-renderer/lib/Note.svelte';
import PageHead from '../../../src-renderer/lib/PageHead.svelte';
import Panel from '../../../src-renderer/lib/Panel.svelte';
import ToastRegion from '../../../src-renderer/lib/ToastRegion.svelte';
import { ZoneClock } from '../../../src-renderer/services/time-format';
import { FakeEngine } from './fake-engine';

const NAME = 'a\u202egnp\u0007.exe';
const nothing = createRawSnippet(() => ({ render: () => '<i></i>' }));
const act = (): void => undefined;
const toasts = [{ id: 1, kind: 'ok' as const, title: NAME, facts: NAME }];
const complaints = {
  ...{ place: { project: 'local', logstore: 'session-log' }, zone: 'UTC', text: NAME, skewSec: 0, notices: [] },
  complaints: [
    { line: 1, text: NAME, question: null, missing: ['address' as const], isLocal: false, remarks: [], answer: null },
  ],
};
const fields = [{ name: NAME, type: 'text' as const, meaning: '' }];

test.each([
  ['a badge', () => render(Badge, { props: { kind: 'ok', label: NAME } })],
  ['a button', () => render(Button, { props: { label: NAME } })],
  [
    'a dialog',
    () => render(Dialog, { props: { title: NAME, children: nothing, buttons: nothing, onclose: act, onsubmit: act } }),
  ],
  ['an empty page', () => render(Empty, { props: { title: NAME, facts: NAME } })],
  ['facts', () => render(FactList, { props: { lines: [{ label: NAME, value: NAME }] } })],
  ['facts that can be closed', () => render(FactDetails, { props: { title: NAME, lines: [], isOpen: true } })],
  ['a note', () => render(Note, { props: { kind: 'danger', title: NAME, facts: NAME } })],
  ['the head of a page', () => render(PageHead, { props: { title: NAME, crumb: NAME, note: NAME } })],
  ['a panel', () => render(Panel, { props: { title: NAME, note: NAME, children: nothing } })],
  [
    'a message',
    () =>
      render(ToastRegion, {
        props: { label: '', dismissLabel: () => '', toasts, ondismiss: act, onhold: act, onrelease: act },
      }),
  ],
  [
    'the list of fields',
    () =>
      render(FieldList, {
        props: {
          fields,
          analyses: new FieldAnalyses(new FakeEngine()),
          clock: new ZoneClock('UTC'),
          onfilter: act,
          onquery: act,
        },
      }),
  ],
  [
    'a table of complaints',
    () =>
      render(ComplaintsTable, {
        props: { answered: complaints, clock: new ZoneClock('UTC'), isDimmed: false, onopen: act },
      }),
  ],
] as const)('%s shows nothing that turns the direction of what is beside it', (_, draw) => {
  // Attributes are no text beside others.
  const text = draw().body.replaceAll(/<[^>]*>/gu, '');
  expect(text).toContain(String.raw`a\u202egnp\u0007.exe`);
  expect(text).not.toContain('\u202e');
});
