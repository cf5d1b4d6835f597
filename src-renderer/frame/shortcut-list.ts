import { ACT_IDS, ACT_KEYS, BROWSERS_KEEP } from '../../src-main/contract/acts';
import { keysText } from '../services/act-keys';
import { t } from '../services/messages/catalogue';

export interface ShortcutSection {
  readonly title: string;
  readonly rows: readonly { readonly act: string; readonly keys: string }[];
}

/** The keys of the whole window, and of the parts of it that have keys of their own. */
export function shortcutSections(isBrowser: boolean): readonly ShortcutSection[] {
  const { sections, or } = t.shortcuts;
  const everywhere = ACT_IDS.filter((id) => ACT_KEYS[id].length > 0 && !(isBrowser && BROWSERS_KEEP.has(id))).map(
    (id) => ({
      act: t.acts[id],
      keys: or(ACT_KEYS[id].map((accelerator) => keysText(accelerator))),
    }),
  );
  return [
    { title: sections.everywhere, rows: everywhere },
    { title: sections.query, rows: rowsOf(t.shortcuts.query, t.shortcuts.queryKeys) },
    { title: sections.table, rows: rowsOf(t.shortcuts.table, t.shortcuts.tableKeys) },
    { title: sections.histogram, rows: rowsOf(t.shortcuts.histogram, t.shortcuts.histogramKeys) },
  ];
}

function rowsOf<Id extends string>(acts: Readonly<Record<Id, string>>, keys: Readonly<Record<Id, string>>) {
  return (Object.keys(acts) as Id[]).map((id) => ({ act: acts[id], keys: keysText(keys[id]) }));
}
