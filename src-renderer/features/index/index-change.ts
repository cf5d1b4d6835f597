import { t } from '../../services/messages/catalogue';
import { grouped } from '../../services/number-format';
import type { IndexEnd } from './index-settings.svelte';

/** @returns what became of an index, and for which entries it holds */
export function changeText(end: IndexEnd): { readonly title: string; readonly facts: string } {
  const { index } = t;
  if (end.kind === 'deleted') return { title: index.deleted, facts: index.deletedWhy };
  const entries = (count: number): string => index.entries(grouped(count), count);
  if (end.reindexed > 0) return { title: index.saved, facts: index.savedFor(entries(end.reindexed)) };
  return { title: index.saved, facts: end.older > 0 ? index.savedForNew(entries(end.older)) : index.savedForAll };
}
