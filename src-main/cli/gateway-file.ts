import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'lossless-json';
import { AppError } from '../contract/errors';
import { readGateway, type ConfiguredGateway } from '../nat/configuration';
import type { Context } from './context';
import { printable } from './text-table';

/** Far more than a thousand entries take; a capture that is named by mistake is not read whole. */
const MAX_FILE_BYTES = 4 << 20;

/** A gateway's configuration, as it stands in a file and as it was understood. */
export interface GatewayConfiguration extends ConfiguredGateway {
  /** Absolute path. */
  readonly file: string;
  /** The file's object, with the seed of the command line if there is one: what an import request carries. */
  readonly configuration: Readonly<Record<string, unknown>>;
}

/**
 * @param path as the user wrote it
 * @param seed takes the place of the file's
 * @throws AppError GATEWAY_UNREADABLE, and GATEWAY_INVALID that names the file and all that is wrong with it
 */
export function readGatewayFile({ io }: Context, path: string, seed?: number): GatewayConfiguration {
  const file = resolve(io.cwd, path);
  const given = parseJson(file, readText(file));
  try {
    const configured = readGateway(withSeed(given, seed));
    // What could be read is an object.
    const configuration = withSeed(given, seed) as Readonly<Record<string, unknown>>;
    return { ...configured, file, configuration };
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError(cause.code, `${file}: ${cause.message}`, { ...cause.detail, file }, { cause });
  }
}

function withSeed(given: unknown, seed: number | undefined): unknown {
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  return seed === undefined || !isObject ? given : { ...given, seed };
}

function readText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > MAX_FILE_BYTES) {
      throw new AppError(
        'GATEWAY_UNREADABLE',
        `${file} has ${size} bytes, and a gateway configuration at most ${MAX_FILE_BYTES}: is it a capture?`,
        { file },
      );
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('GATEWAY_UNREADABLE', `${file} ${whyUnreadable(cause)}`, { file }, { cause });
  }
}

function whyUnreadable(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist: check the path of the gateway configuration';
  if (code === 'EISDIR') return 'is a folder: name a file';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is no text in UTF-8, as JSON is';
  return `cannot be read (${code ?? message})`;
}

/** Unlike `JSON.parse`, it says where, and refuses a key that is there twice with two values. */
function parseJson(file: string, text: string): unknown {
  try {
    return parse(text, undefined, Number);
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new AppError('GATEWAY_INVALID', `${file} is nested too deeply`, { file }, { cause });
    }
    const { message } = cause as SyntaxError;
    const at = Number(/ at position (\d+)$/.exec(message)?.[1] ?? 0);
    const before = text.slice(0, at).split('\n');
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    const why = printable(message.replace(/ (encountered )?at position \d+$/, ''));
    throw new AppError(
      'GATEWAY_INVALID',
      `${file} is no JSON: line ${line}, column ${column}: ${why}`,
      { file, line, column },
      { cause },
    );
  }
}
