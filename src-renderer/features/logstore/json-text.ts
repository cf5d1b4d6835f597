import type { ResultColumn } from '../../../src-main/contract/result-batch';
import { cellText } from './cell-text';

const INDENT = '  ';

/** @returns a value as `natscope query --format json` writes it: whole numbers digit for digit, whatever their size */
export function jsonText(column: ResultColumn, row: number): string {
  const text = cellText(column, row);
  if (text === null) return 'null';
  const isBare = column.type === 'int64' || column.type === 'bool' || column.type === 'json';
  const isNumber = column.type === 'float64' && Number.isFinite(Number(text));
  return isBare || isNumber ? text : JSON.stringify(text);
}

/**
 * Breaks JSON into lines. It is not parsed, since that would round its numbers.
 *
 * @param depth of what it stands in
 */
export function prettyJson(json: string, depth = 0): string {
  const line = (level: number): string => `\n${INDENT.repeat(level)}`;
  let [pretty, level] = ['', depth];
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[{]\s*[\]}]|[[{]|[\]}]|[,:]|[^\s"[\]{},:]+/gu)) {
    if (token === '{' || token === '[') pretty += token + line(++level);
    else if (token === '}' || token === ']') pretty += line(--level) + token;
    else if (token === ',') pretty += token + line(level);
    else if (token === ':') pretty += `${token} `;
    else pretty += /^[[{]/u.test(token) ? token.replaceAll(/\s/gu, '') : token;
  }
  return pretty;
}
