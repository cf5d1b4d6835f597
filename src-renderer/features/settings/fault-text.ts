import type { SettingsReport } from '../../../src-main/contract/settings';
import { t } from '../../services/messages/catalogue';

/** @returns what is wrong with where the settings are kept; null for nothing */
export function faultText({ fault, path }: SettingsReport): { readonly title: string; readonly facts: string } | null {
  const words = t.settings;
  if (fault === null) return null;
  if (fault.kind === 'unwritable') {
    return { title: words.unwritable, facts: words.unwritableWhy(path ?? '', fault.why) };
  }
  if (fault.kind === 'unknown') {
    return { title: words.unknown(fault.names), facts: words.unknownWhy(path ?? '') };
  }
  const used = fault.used === 'backup' ? words.usedBackup : words.usedDefaults;
  return { title: words.damaged, facts: fault.keptAs === null ? used : `${used} ${words.keptAs(fault.keptAs)}` };
}
