import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MAX_COMPLAINTS } from '../contract/attribution';
import { AppError } from '../contract/errors';
import { STANDARD_INPUT } from '../contract/imports';
import type { Io } from './io';

/**
 * The text of a file of complaints, or of standard input: UTF-8, or UTF-16 that begins with its mark. Octets that are no
 * UTF-8, as mails in Latin-1 have them, become replacement characters: no address, port or time has such.
 *
 * @throws AppError COMPLAINTS_UNREADABLE for a file that cannot be read, and for what is no text
 */
export async function readComplaintText(io: Pick<Io, 'cwd' | 'readInput'>, path: string): Promise<string> {
  if (path === STANDARD_INPUT) return textOf(await io.readInput(), 'standard input');
  const file = resolve(io.cwd, path);
  return textOf(await readOctets(file), file);
}

async function readOctets(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw unreadable(file, code, `(${code}): name a text file with at most ${MAX_COMPLAINTS} complaints`, cause);
  }
}

function textOf(octets: Uint8Array, file: string): string {
  const text = new TextDecoder(encodingOf(octets)).decode(octets);
  if (text.includes('\0')) {
    throw unreadable(file, 'no_text', 'as complaints: it is no text, or UTF-16 without its mark; convert it to UTF-8');
  }
  return text;
}

/** By the byte order mark. */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

function unreadable(file: string, code: string, why: string, cause?: unknown): AppError {
  return new AppError('COMPLAINTS_UNREADABLE', `${file} cannot be read ${why}`, { file, code }, { cause });
}
