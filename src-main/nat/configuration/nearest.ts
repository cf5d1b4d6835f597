/** Letters that may differ in a word that was meant. */
const MOST_EDITS = 3;

/**
 * The known word that somebody meant who wrote another: the same but for case and separators, else the nearest.
 *
 * @returns null when none is near
 */
export function nearestWord(word: string, known: readonly string[]): string | null {
  const bare = bareWord(word);
  let nearest: string | null = null;
  let least = Math.min(MOST_EDITS, Math.floor(bare.length / 2)) + 1;
  for (const candidate of known) {
    const edits = editDistance(bare, bareWord(candidate));
    if (edits >= least) continue;
    least = edits;
    nearest = candidate;
  }
  return nearest;
}

function bareWord(word: string): string {
  // What nobody means is not worth comparing.
  return word
    .slice(0, 64)
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}

/** Letters that are put in, left out or exchanged. @see Levenshtein 1966 */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let at = 1; at <= from.length; at++) {
    const next = [at];
    for (let column = 1; column <= to.length; column++) {
      const exchanged = row[column - 1]! + (from[at - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min(exchanged, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
