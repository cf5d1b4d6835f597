import { columnWidths, printable, tableHead, tableLine, wrapText, type TableColumn } from './text-table';

/** Sentences stay readable on a wide terminal. */
export const WIDEST_TEXT = 100;
const LABEL_WIDTH = 20;

/** A label and what it stands for, which goes on under itself. */
export function fact(label: string, text: string | null, width = Infinity): string[] {
  if (text === null) return [];
  const indent = ' '.repeat(LABEL_WIDTH + 2);
  const [first = '', ...others] = wrapText(printable(text), width, indent);
  // A long label pushes its text, and never touches it.
  const gap = label.length < LABEL_WIDTH ? '' : '  ';
  return [`  ${label.padEnd(LABEL_WIDTH)}${gap}${first.slice(indent.length)}`, ...others];
}

/** A table as a section of a text has it. */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string[] {
  const widths = columnWidths(rows, columns);
  const lines = [...tableHead(columns, widths), ...rows.map((row) => tableLine(row, columns, widths))];
  return lines.map((line) => `  ${line}`);
}
