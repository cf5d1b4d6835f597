import { AppError, type ErrorCode, type ErrorDetail } from '../contract/errors';
import type { SearchFix, Span } from './search-ast';

/** What the vendor's product says of searches that it cannot run. @see sls-logstore.md §1.3, §1.5 and §1.9 */
export const VENDOR_TEXT = {
  syntax: (span: Span, near: string) =>
    'ErrorType:QueryParseError.ErrorMessage:syntax error error position is from ' +
    `column:${span.start} to column:${span.end},error near < ${near} >`,
  unclosedQuote: 'unclosed string quote',
  bareSql: 'sql query must follow search query,please read syntax doc',
  notIndexed: (key: string) =>
    `key (${key}) is not config as key value config,if symbol : is in your log,please wrap : with quotation mark "`,
  wildcard: 'only support * or ? in the middle or end of the query',
  conditions: (count: number, most: number) => `condition number ${count} is more than ${most}`,
  noIndex: 'logstore without index config',
} as const;

/** A longer change says no more than the sentence does, and an error does not repeat a query that is long. */
const LONGEST_FIX = 256;

/** Place and change of an error, as what shows it reads them: positions in UTF-16 units of the whole query. */
export function placeDetail(span: Span, fix?: SearchFix): ErrorDetail {
  const place = { position: span.start, length: span.end - span.start };
  if (fix === undefined || fix.text.length > LONGEST_FIX) return place;
  return { ...place, fix: fix.text, fixPosition: fix.span.start, fixLength: fix.span.end - fix.span.start };
}

/** The vendor's words first, so that whoever knows them finds them; then what is meant by them, and the way out. */
export function searchError(
  code: Extract<ErrorCode, `QUERY_${string}`>,
  { vendorText, message, span, fix }: { vendorText?: string; message: string; span: Span; fix?: SearchFix | undefined },
  detail: ErrorDetail = {},
): AppError {
  const whole = vendorText === undefined ? message : `${vendorText}: ${message}`;
  return new AppError(code, whole, { ...detail, ...placeDetail(span, fix) });
}
