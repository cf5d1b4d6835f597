/**
 * What is not seen itself: it turns the direction of the text around it, or controls a device. Tabs and the ends of lines are
 * seen. @see UAX #9, explicit directional formatting; ISO 6429, C0 and C1
 */
// eslint-disable-next-line no-control-regex -- they are what it is about
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const LINE_ENDS = /[\n\r\u2028\u2029]/gu;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
]);

const writtenOut = (sign: string): string =>
  ESCAPES.get(sign) ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * A text as it may stand beside others: what would turn their direction, or is not seen, is written out, as `\u202e`. For the
 * eyes alone.
 */
export function visibleText(text: string): string {
  return text.replaceAll(UNSEEN, writtenOut);
}

/** The same where there is room for one line: what lies behind its end would not be seen. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll(LINE_ENDS, writtenOut);
}
