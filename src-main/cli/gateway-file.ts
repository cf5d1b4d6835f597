import { resolve } from 'node:path';
import { AppError } from '../contract/errors';
import { readGateway, type ConfiguredGateway } from '../nat/configuration';
import type { Context } from './context';
import { readJsonFile } from './json-file';

const GATEWAY_FILE = {
  what: 'gateway configuration',
  unreadable: 'GATEWAY_UNREADABLE',
  invalid: 'GATEWAY_INVALID',
} as const;

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
  const given = readJsonFile(file, GATEWAY_FILE);
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

/**
 * The object of a file, for a gateway whose VPC the file may leave out, so that only the engine can check all of it.
 * @throws AppError GATEWAY_UNREADABLE; GATEWAY_INVALID for what is no object
 */
export function readGatewayObject({ io }: Context, path: string): Readonly<Record<string, unknown>> {
  const file = resolve(io.cwd, path);
  const given = readJsonFile(file, GATEWAY_FILE);
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return { ...given };
  throw new AppError('GATEWAY_INVALID', `${file} is no gateway configuration: it must be a JSON object`, { file });
}

function withSeed(given: unknown, seed: number | undefined): unknown {
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  return seed === undefined || !isObject ? given : { ...given, seed };
}
