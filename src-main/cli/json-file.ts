import { readFileSync, statSync } from 'node:fs';
import { AppError, type ErrorCode } from '../contract/errors';
import { jsonFaultText, readJsonText } from '../query/json-text';
import { printable } from './text-table';

/** Far more than anybody writes; a capture that is named by mistake is not read whole. */
const MAX_FILE_BYTES = 4 << 20;

/** What a file of JSON is, and the codes of what may be wrong with it. */
export interface JsonFileKind {
  /** As in "check the path of the …". */
  readonly what: string;
  readonly unreadable: ErrorCode;
  readonly invalid: ErrorCode;
}

/**
 * @param file absolute path
 * @throws AppError of the code `unreadable`; `invalid`, with line and column, for what is no JSON
 */
export function readJsonFile(file: string, kind: JsonFileKind): unknown {
  return parseJson(file, readText(file, kind), kind);
}

function readText(file: string, { what, unreadable }: JsonFileKind): string {
  try {
    const { size } = statSync(file);
    if (size > MAX_FILE_BYTES) {
      const article = /^[aeiou]/u.test(what) ? 'an' : 'a';
      throw new AppError(
        unreadable,
        `${file} has ${size} bytes, and ${article} ${what} at most ${MAX_FILE_BYTES}: is it a capture?`,
        { file },
      );
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError(unreadable, `${file} ${whyUnreadable(cause, what)}`, { file }, { cause });
  }
}

function whyUnreadable(cause: unknown, what: string): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return `does not exist: check the path of the ${what}`;
  if (code === 'EISDIR') return 'is a folder: name a file';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is no text in UTF-8, as JSON is';
  return `cannot be read (${code ?? message})`;
}

function parseJson(file: string, text: string, { invalid }: JsonFileKind): unknown {
  const json = readJsonText(text);
  if (json.ok) return json.value;
  if (json.place === null) throw new AppError(invalid, `${file} is nested too deeply`, { file });
  const why = printable(jsonFaultText(json));
  throw new AppError(invalid, `${file} is no JSON: ${why}`, { file, ...json.place });
}
