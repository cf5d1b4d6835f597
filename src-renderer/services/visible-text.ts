/** What turns the direction of the text around it, and is not seen itself. @see UAX #9, explicit directional formatting */
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text as it may stand beside others: what would turn their direction is written out, as `\u202e`. For the eyes alone. */
export function visibleText(text: string): string {
  return text.replaceAll(DIRECTIONS, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
