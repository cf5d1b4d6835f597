import type { ActId } from '../../src-main/contract/acts';

/** What the user can do, as the palette lists it. */
export interface Act {
  readonly id: string;
  /** What acts like it are about. */
  readonly group: string;
  readonly label: string;
  /** Another name that it is found by. */
  readonly also?: string | undefined;
  readonly keys?: string | undefined;
  /** Why it can do nothing now; null where it can. */
  readonly refusal: string | null;
  /** Whether it is one of so many that it is listed only when it is searched for. */
  readonly isOneOfMany?: boolean;
  readonly run: () => void;
}

/** One with a name of its own, which the menu and the keys know, too. */
export type NamedAct = Pick<Act, 'refusal' | 'run'>;
export type NamedActs = Readonly<Record<ActId, NamedAct>>;

/** How well a text is found: at the beginning of a label, of its words, or anywhere. */
function rankOf({ label, group, also = '' }: Act, words: readonly string[]): number | null {
  const own = label.toLowerCase();
  const all = `${own} ${group.toLowerCase()} ${also.toLowerCase()}`;
  if (!words.every((word) => all.includes(word))) return null;
  if (own.startsWith(words.join(' '))) return 0;
  const starts = all.split(/[^\p{L}\p{N}]+/u);
  return words.every((word) => starts.some((start) => start.startsWith(word))) ? 1 : 2;
}

/**
 * @param text what is searched for; empty for all but those of which there are many
 * @returns those in which every word of the text occurs, word starts first; of equal ones, those that can do something
 */
export function findActs(acts: readonly Act[], text: string): readonly Act[] {
  const words = text.toLowerCase().split(/\s+/u).filter(Boolean);
  if (words.length === 0) return acts.filter(({ isOneOfMany = false }) => !isOneOfMany);
  return acts
    .flatMap((act) => {
      const rank = rankOf(act, words);
      return rank === null ? [] : [{ act, place: rank * 2 + (act.refusal === null ? 0 : 1) }];
    })
    .sort((one, other) => one.place - other.place)
    .map(({ act }) => act);
}
