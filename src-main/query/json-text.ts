import { parse } from 'lossless-json';

/** What a text of JSON holds, or why it is none, with line and column if that is at one place. */
export type JsonText =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly why: string;
      /** From 1 on. */
      readonly place: { readonly line: number; readonly column: number } | null;
    };

/** Unlike `JSON.parse`, it says where a text is wrong, and refuses a key that is there twice with two values. */
export function readJsonText(text: string): JsonText {
  try {
    return { ok: true, value: parse(text, undefined, Number) };
  } catch (cause) {
    if (cause instanceof RangeError) return { ok: false, why: 'it is nested too deeply', place: null };
    const { message } = cause as SyntaxError;
    const at = Number(/ at position (\d+)$/.exec(message)?.[1] ?? 0);
    const before = text.slice(0, at).split('\n');
    return {
      ok: false,
      why: message.replace(/ (encountered )?at position \d+$/, ''),
      place: { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
    };
  }
}

/** The fault in one line, with its place. */
export function jsonFaultText({ why, place }: Extract<JsonText, { readonly ok: false }>): string {
  return place === null ? why : `line ${place.line}, column ${place.column}: ${why}`;
}
