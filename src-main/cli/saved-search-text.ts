import type { SavedSearchReport } from '../contract/saved-search';
import { variablesOf } from '../query/query-variables';
import { tableText, type TableColumn } from './text-table';

const left = (header: string): TableColumn => ({ header, align: 'left' });

const rangeOf = ({ range }: SavedSearchReport): string =>
  range === null ? 'any' : `${range.from ?? 'start'} to ${range.to ?? 'end'}`;
const oneLine = (text: string): string => text.replace(/\s+/gu, ' ');

export function savedSearchesText(saved: readonly SavedSearchReport[]): string {
  if (saved.length === 0)
    return 'There are no saved searches of this Logstore yet: natscope saved-search save keeps one.\n';
  return tableText(
    [left('name'), left('range'), left('variables'), left('query')],
    saved.map((each) => [each.name, rangeOf(each), variablesOf(each.query).join(' '), oneLine(each.query)]),
  );
}

export function savedSearchText(saved: SavedSearchReport): string {
  const names = new Set([...variablesOf(saved.query), ...Object.keys(saved.variables)]);
  const facts = [
    ['name', saved.name],
    ['range', rangeOf(saved)],
    ...[...names].map((name) => [`$\{${name}}`, saved.variables[name] ?? 'no default value']),
    ['changed', `${new Date(saved.updatedMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`],
  ];
  const lines = facts.map(([name = '', value = '']) => `${name.padEnd(10)} ${oneLine(value)}\n`);
  return `${lines.join('')}\n${saved.query}\n`;
}
