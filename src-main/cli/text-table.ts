export interface TableColumn {
  readonly header: string;
  readonly align: 'left' | 'right';
}

/** East Asian wide and full-width characters and emoji take two cells. @see Unicode UAX #11 */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const COMBINING = /\p{Mn}|\p{Me}|\p{Cf}/u;
const PLAIN = /^[\x20-\x7e]*$/;

/** Cells that the text takes on a terminal. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += COMBINING.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

/** The text with control characters spelled out, so that data can neither break a line nor drive the terminal. */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(/\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
    return short ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

/** One line; a cell that is wider than its column moves what follows and is never cut. */
export function tableLine(
  cells: readonly string[],
  columns: readonly TableColumn[],
  widths: readonly number[],
): string {
  const padded = cells.map((cell, index) => {
    const gap = ' '.repeat(Math.max(0, (widths[index] ?? 0) - displayWidth(cell)));
    return columns[index]?.align === 'right' ? gap + cell : cell + gap;
  });
  return padded.join('  ').trimEnd();
}

export function columnWidths(rows: readonly (readonly string[])[], columns: readonly TableColumn[]): number[] {
  return columns.map(({ header }, index) =>
    rows.reduce((width, row) => Math.max(width, displayWidth(row[index] ?? '')), displayWidth(header)),
  );
}

/** The header and the rule under it. */
export function tableHead(columns: readonly TableColumn[], widths: readonly number[]): string[] {
  const headers = columns.map(({ header }) => header);
  return [tableLine(headers, columns, widths), widths.map((width) => '─'.repeat(width)).join('  ')];
}

/** A whole table, each line with its end. Control characters of its cells are spelled out. */
export function tableText(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(printable));
  const widths = columnWidths(cells, columns);
  return [...tableHead(columns, widths), ...cells.map((row) => tableLine(row, columns, widths))]
    .map((line) => `${line}\n`)
    .join('');
}

/** Words laid out in lines of at most `width` cells, each after `indent`. */
export function wrapText(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + displayWidth(longer) > width) {
      lines.push(indent + line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, indent + line];
}
