import { TIME_FIELDS } from '../../logstore/entry-time';

const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
const MEMBER = String.raw`${TEXT}\s*:\s*(?:${TEXT}|[-+\w.]+)`;
const HEAD = new RegExp(String.raw`^\s*\{\s*((?:${MEMBER}\s*,\s*)*)${TEXT}\s*:\s*(?=\[\s*\{)`, 'u');
const TAIL = new RegExp(String.raw`^\s*((?:,\s*${MEMBER}\s*)*)\}\s*$`, 'u');
const TIME = new RegExp(String.raw`"(?:${TIME_FIELDS.join('|')})"\s*:`, 'iu');

/**
 * Finds the list of entries in JSON such as `{"count":2,"logs":[{…},{…}]}`: the only list of an object that is all of a file,
 * beside plain values at most. An entry that has a list of objects has a time beside it, or other entries behind it.
 *
 * @param head the beginning of a file, an octet as a character
 * @returns where the list begins; null where there is none
 */
export function wrappedListIn(head: string): number | null {
  const [begin, before = ''] = HEAD.exec(head) ?? [];
  if (begin === undefined || TIME.test(before)) return null;
  const at = begin.length;
  const first = head.indexOf('{', at);
  const hasTime = TIME.test(head.slice(first, endOf(head, first)));
  const listEnd = endOf(head, at);
  const rest = listEnd === undefined ? null : TAIL.exec(head.slice(listEnd));
  // The object goes on behind what there is of the file.
  if (listEnd === undefined) return hasTime || before === '' ? at : null;
  if (rest === null || TIME.test(rest[0])) return null;
  return hasTime || (before === '' && rest[1] === '') ? at : null;
}

/** @param rest what stands behind such a list. @returns whether it is the end of the object, with plain values at most */
export function isEndOfWrapper(rest: string): boolean {
  return TAIL.test(rest);
}

/** @returns behind the object or list that begins there; undefined where it does not end */
function endOf(text: string, start: number): number | undefined {
  let depth = 0;
  const marks = /"(?:[^"\\]|\\.)*"?|[[\]{}]/gsu;
  marks.lastIndex = start;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (/^[[{]$/u.test(mark[0])) depth++;
    else if (/^[\]}]$/u.test(mark[0]) && --depth === 0) return marks.lastIndex;
  }
  return undefined;
}
