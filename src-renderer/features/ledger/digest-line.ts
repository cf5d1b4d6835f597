import type { FactAction, FactLine } from '../../lib/fact-line';
import { wholeText } from '../../services/error-text';
import { t } from '../../services/messages/catalogue';
import { share } from '../../services/number-format';
import type { DigestStatus } from './digest-state.svelte';

export interface DigestActs {
  readonly copy: (text: string) => void;
  readonly compute: () => void;
  readonly stop: () => void;
}

const { capture: words } = t;

/** The digest of a capture, or what there is to say instead, and to do. @param file names it */
export function digestLine(status: DigestStatus, file: string, acts: DigestActs): FactLine {
  const { value, action } = textAndAction(status, file, acts);
  return { label: words.sha256, value, action, isUnknown: status.kind !== 'known' };
}

function textAndAction(
  status: DigestStatus,
  file: string,
  { copy, compute, stop }: DigestActs,
): { readonly value: string; readonly action: FactAction } {
  const computing = { label: words.compute, name: words.computeOf(file), run: compute };
  const stopping = { label: words.stop, name: words.stopOf(file), run: stop };
  switch (status.kind) {
    case 'known': {
      const { sha256 } = status;
      return { value: sha256, action: { label: t.value.copy, name: words.copyOf(file), run: () => copy(sha256) } };
    }
    case 'none':
      return { value: words.digestNone, action: computing };
    case 'waiting':
      return { value: words.digestWaits, action: stopping };
    case 'computing':
      return { value: words.digestRuns(status.part === null ? null : share(status.part, 1, 0)), action: stopping };
    case 'failed':
      return {
        value: words.digestFailed(wholeText(status.error)),
        action: { label: words.computeAgain, name: words.computeAgainOf(file), run: compute },
      };
  }
}
