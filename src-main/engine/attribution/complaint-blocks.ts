import { labelOf, plain, type TextLine } from './complaint-lines';
import { tableHead, type TableHead } from './complaint-table';
import { StructureReader } from './complaint-structures';

/** @returns the lines of a text as they stand, without what ends them */
export function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/u, '').split(/\r\n|\r|\n/u);
}

/** Lines that may be about one thing: one line, or neighbours that are all values with their names. */
export interface LinesBlock {
  readonly kind: 'lines';
  readonly lines: readonly TextLine[];
}

/** A table by its columns; places of its rows, from 0, the end exclusive. */
export interface TableBlock {
  readonly kind: 'table';
  readonly head: TableHead;
  readonly start: number;
  readonly end: number;
}

export function* blocksOf(lines: readonly string[]): Generator<LinesBlock | TableBlock> {
  const structures = new StructureReader(lines);
  let named: TextLine[] = [];
  for (let index = 0; index < lines.length;) {
    const whole = tableAt(lines, index) ?? structures.readAt(index);
    const own = whole === null ? textLine(lines[index] ?? '', index + 1) : null;
    if (own?.label == null && named.length > 0) {
      yield { kind: 'lines', lines: named };
      named = [];
    }
    if (whole !== null) yield 'fields' in whole ? { kind: 'lines', lines: whole.fields } : whole;
    else if (own !== null && own.label !== null) named.push(own);
    else if (own !== null && own.written.trim() !== '') {
      const next = timeBehind(own, lines[index + 1], index + 2);
      if (next !== null) index++;
      for (const line of piecesOf(next === null ? own : joined(own, next))) yield { kind: 'lines', lines: [line] };
    }
    index = whole?.end ?? index + 1;
  }
  if (named.length > 0) yield { kind: 'lines', lines: named };
}

const ADDRESS = /\d\.\d{1,3}\.\d/u;
/** Not the end of an address with its port. */
const TIME_OF_DAY = /(?<![\d.:])\d{1,2}:\d{2}(?!\d)/u;
const ENDS_BEFORE_TIME = /\b(?:at|on|um|am)\s*$/iu;
const BEGINS_WITH_TIME = /^(?:at|on|um|am)\s/iu;

/**
 * Mails are wrapped, and so are their sentences: `203.0.113.1 port 5 was seen at` has its time in the line below. Without such a
 * word between, which of the lines around a time it is of would be a guess.
 *
 * @param text of the next line
 * @returns that line, when it has the time of this one, and nothing that could have one itself
 */
function timeBehind({ written }: TextLine, text: string | undefined, line: number): TextLine | null {
  if (text === undefined || !ADDRESS.test(written) || TIME_OF_DAY.test(written)) return null;
  const next = textLine(text, line);
  if (next.label !== null || ADDRESS.test(next.written) || !TIME_OF_DAY.test(next.written)) return null;
  return ENDS_BEFORE_TIME.test(written) || BEGINS_WITH_TIME.test(next.written) ? next : null;
}

function joined(line: TextLine, next: TextLine): TextLine {
  return { ...line, text: `${line.text}\n${next.text}`, written: `${line.written} ${next.written}` };
}

/** No one reports at such a length, and a line is read at once. */
const MOST_LINE = 1 << 16;

function* piecesOf(line: TextLine): Generator<TextLine> {
  let { written } = line;
  while (written.length > MOST_LINE) {
    const blank = written.lastIndexOf(' ', MOST_LINE);
    const end = blank <= 0 ? MOST_LINE : blank;
    yield { ...line, written: written.slice(0, end) };
    written = written.slice(end);
  }
  yield { ...line, written };
}

/**
 * A table that begins at a line. One with which the text begins goes on to its end, whatever is in its lines, and another
 * while there are lines with its delimiter.
 */
function tableAt(lines: readonly string[], index: number): TableBlock | null {
  const line = lines[index] ?? '';
  const head = /\d\.\d/u.test(line) ? null : tableHead(line.replace(QUOTED, ''));
  if (head === null) return null;
  const start = index + 1;
  if (lines.slice(0, Math.min(index, MOST_BLANK)).every((each) => each.trim() === '') && index <= MOST_BLANK) {
    return { kind: 'table', head, start, end: lines.length };
  }
  let end = start;
  while (end < lines.length && (lines[end] ?? '').includes(head.delimiter)) end++;
  return end === start ? null : { kind: 'table', head, start, end };
}

/** So many blank lines may be before the head of a file. */
const MOST_BLANK = 100;
const QUOTED = /^(?:\s*>)+\s?/u;

function textLine(text: string, line: number): TextLine {
  const bare = plain(text).replace(AROUND, '');
  const { name, value } = NAMED.exec(bare)?.groups ?? {};
  if (name === undefined || value === undefined || isProse(name, value))
    return { line, text, written: bare, label: null };
  return { line, text, written: `${name}: ${value}`, label: labelOf(name) };
}

/** What is before a line that was answered to, of a list, or of a table: `> `, `- `, `| `. */
const AROUND = /^(?:\s*>)*\s*(?:[-*•|]\s+)?/u;
const NAMED =
  /^["']?(?<name>[A-Za-z][A-Za-z0-9 _/()'’-]{0,48}?(?:\.[A-Za-z][A-Za-z0-9_]{0,24}){0,4})["']?(?:(?:\s?\.){0,40}\s{0,40}:(?!\/\/)|\s{0,8}=)\s*(?<value>\S.*)$/u;

/** A time has colons, and a line of a firewall is of many values. */
function isProse(name: string, value: string): boolean {
  return (
    /\d\s*$/u.test(name) ||
    /^(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+\d/iu.test(name) ||
    /\b[\w.-]{1,24}=\S/u.test(value)
  );
}
