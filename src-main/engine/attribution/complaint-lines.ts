/** One line of a complaint. */
export interface TextLine {
  /** From 1. */
  readonly line: number;
  /** As it stands in the text. */
  readonly text: string;
  /** Without what mails put around it: of a value that has a name, `Name: value`. */
  readonly written: string;
  /** The name in lower case without anything but letters; null for a line that is no value with its name. */
  readonly label: string | null;
}

/** @returns a name, however it is written */
export function labelOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]+/gu, '');
}

/** What mails make of addresses so that nobody follows them, `203.0.113[.]1` say, and of blanks and minus signs. */
export function plain(text: string): string {
  return text
    .replaceAll(/[[({]\s?(?:\.|dot)\s?[\])}]/giu, '.')
    .replaceAll(/[[({]:[\])}]/gu, ':')
    .replaceAll(/[\u00a0\u2007\u202f]/gu, ' ')
    .replaceAll(/[\u2010-\u2012\u2212]/gu, '-');
}
