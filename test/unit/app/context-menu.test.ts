import { expect, test } from 'vitest';
import { contextMenuTemplate } from '../../../src-main/app/context-menu';

const none = { canCut: false, canCopy: false, canPaste: false, canSelectAll: true };
const copyable = { ...none, canCopy: true };

const roles = (clicked: Parameters<typeof contextMenuTemplate>[0]): readonly string[] =>
  contextMenuTemplate(clicked).map(
    ({ role, type, enabled }) => `${role ?? type ?? '?'}${enabled === false ? ' off' : ''}`,
  );

test.each([
  { name: 'nothing has no menu', isEditable: false, selectionText: '', editFlags: none, shown: [] },
  { name: 'selected spaces have no menu', isEditable: false, selectionText: ' \n', editFlags: copyable, shown: [] },
  { name: 'a selection is copied', isEditable: false, selectionText: '10.0.0.1', editFlags: copyable, shown: ['copy'] },
  {
    name: 'an empty field is pasted into',
    ...{ isEditable: true, selectionText: '', editFlags: { ...none, canPaste: true } },
    shown: ['cut off', 'copy off', 'paste', 'separator', 'selectAll'],
  },
  {
    name: 'a selection in a field is cut, too',
    ...{ isEditable: true, selectionText: 'x', editFlags: { ...copyable, canCut: true } },
    shown: ['cut', 'copy', 'paste off', 'separator', 'selectAll'],
  },
])('$name', ({ shown, ...clicked }) => {
  expect(roles(clicked)).toEqual(shown);
});

test('all that is shown has words of the app', () => {
  const template = contextMenuTemplate({ isEditable: true, selectionText: 'x', editFlags: copyable });
  expect(template.filter(({ type }) => type !== 'separator').map(({ label }) => label)).toEqual([
    ...['Cu&t', '&Copy', '&Paste', 'Select &All'],
  ]);
});
