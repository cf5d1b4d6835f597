import type { SettingsReport } from '../../../src-main/contract/settings';
import type { Announcer } from '../../services/announcer';
import type { HostBridge } from '../../services/host-bridge';
import { faultText } from './fault-text';

/**
 * Tells that settings cannot be kept any more, wherever they are changed: by the theme of the rail, a command or a menu. Once, until
 * they can be again.
 *
 * @param isShown whether the page of settings is shown, which has it in a note
 * @returns a function that stops listening
 */
export function tellFaults(
  bridge: Pick<HostBridge, 'on'>,
  announcer: Pick<Announcer, 'say' | 'tell'>,
  isShown: () => boolean,
): () => void {
  let last: NonNullable<SettingsReport['fault']>['kind'] | null = null;
  return bridge.on('settings:changed', (report) => {
    const kind = report.fault?.kind ?? null;
    const text = faultText(report);
    if (kind === 'unwritable' && last !== kind && text !== null) {
      if (isShown()) announcer.say(text.title);
      else announcer.tell('warn', text.title, text.facts);
    }
    last = kind;
  });
}
