import { parseIpv4, readNetwork, readPublicAddress } from '../address-text';
import type { Network } from '../gateway';
import { nearestWord } from './nearest';
import type { Problems } from './problems';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** One kind of value in a configuration: how it is read, and the same as a JSON Schema. */
export interface Shape<T> {
  /** @returns the value, or undefined when `problems` now says what is wrong with it */
  readonly read: (value: unknown, path: string, problems: Problems) => T | undefined;
  readonly schema: JsonSchema;
}

/** What a shape reads. */
export type Read<S> = S extends Shape<infer T> ? T : never;

/** The same with words for whoever writes a configuration. */
export function described<T>(description: string, shape: Shape<T>): Shape<T> {
  return { ...shape, schema: { ...shape.schema, description } };
}

export function flag(): Shape<boolean> {
  return {
    schema: { type: 'boolean' },
    read: (value, path, problems) => {
      if (typeof value === 'boolean') return value;
      problems.add(path, value, 'must be true or false');
      return undefined;
    },
  };
}

export function wholeNumber(least: number, most: number): Shape<number> {
  return {
    schema: { type: 'integer', minimum: least, maximum: most },
    read: (value, path, problems) => {
      if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
      problems.add(path, value, `must be a whole number from ${least} to ${most}`);
      return undefined;
    },
  };
}

/** The year 2262, where 64 bits of nanoseconds end: no packet is later. */
export const LARGEST_SEC = 9_223_372_036;

/** Of packet time, whole seconds since 1970. */
export function epochSecond(): Shape<number> {
  return wholeNumber(0, LARGEST_SEC);
}

export function oneOf<const T extends string>(words: readonly T[]): Shape<T> {
  return {
    schema: { enum: words },
    read: (value, path, problems) => {
      const word = words.find((each) => each === value);
      if (word !== undefined) return word;
      const meant = typeof value === 'string' ? nearestWord(value, words) : null;
      problems.add(path, value, `must be one of ${words.join(', ')}${didYouMean(meant)}`);
      return undefined;
    },
  };
}

/** The id of a resource: it ends up in every log entry, so it has neither spaces nor what a terminal obeys. */
export function identifier(): Shape<string> {
  const pattern = '^[!-~]{1,128}$';
  const isIdentifier = new RegExp(pattern);
  return {
    schema: { type: 'string', pattern },
    read: (value, path, problems) => {
      if (typeof value === 'string' && isIdentifier.test(value)) return value;
      problems.add(path, value, 'must be a text of 1 to 128 ASCII characters without spaces');
      return undefined;
    },
  };
}

export function text(longest: number): Shape<string> {
  return {
    schema: { type: 'string', maxLength: longest },
    read: (value, path, problems) => {
      if (typeof value === 'string' && value.length <= longest) return value;
      problems.add(path, value, `must be a text of at most ${longest} characters`);
      return undefined;
    },
  };
}

/** What is written as text and read by a function that says what is wrong with it. */
function written<T>(schema: JsonSchema, example: string, readText: (text: string) => T | string): Shape<T> {
  return {
    schema: { type: 'string', ...schema },
    read: (value, path, problems) => {
      const result = typeof value === 'string' ? readText(value) : `must be a text such as "${example}"`;
      if (typeof result !== 'string') return result;
      problems.add(path, value, result);
      return undefined;
    },
  };
}

/** An IPv4 address of any kind, in host order. */
export function address(): Shape<number> {
  const readAddress = (given: string): number | string =>
    parseIpv4(given) ?? 'is no IPv4 address; write it like 10.0.0.7';
  return written<number>({ format: 'ipv4' }, '10.0.0.7', readAddress);
}

/** An IPv4 address that packets can be sent from, in host order. */
export function publicAddress(): Shape<number> {
  return written<number>({ format: 'ipv4' }, '203.0.113.1', readPublicAddress);
}

/** An IPv4 network without bits behind its prefix. */
export function network(): Shape<Network> {
  const pattern = String.raw`^\d{1,3}(\.\d{1,3}){3}(/\d{1,2})?$`;
  return written<Network>({ pattern }, '10.0.0.0/8', readNetwork);
}

export function orNull<T>({ read, schema }: Shape<T>): Shape<T | null> {
  return {
    schema: { anyOf: [schema, { type: 'null' }] },
    read: (value, path, problems) => (value === null ? null : read(value, path, problems)),
  };
}

/** A list; what is wrong in it is undefined, so that the others keep their places. */
export function list<T>(item: Shape<T>, least: number, most: number): Shape<readonly (T | undefined)[]> {
  return {
    schema: { type: 'array', items: item.schema, minItems: least, maxItems: most },
    read: (value, path, problems) => {
      if (!Array.isArray(value)) {
        problems.add(path, value, 'must be a list, in brackets');
        return undefined;
      }
      if (value.length < least) problems.add(path, value, `must have at least ${least}`);
      if (value.length > most) {
        problems.addMissing(path, `has ${value.length} items, and can have at most ${most}`);
        return undefined;
      }
      return value.map((each, index) => item.read(each, `${path}[${index}]`, problems));
    },
  };
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
/** Of an object, whatever of it was given and is right. */
export type ReadFields<F extends Fields> = { readonly [K in keyof F]?: Read<F[K]> | undefined };

/**
 * An object of known keys.
 *
 * @param required keys that it must have
 * @param elsewhere keys that other programs use for the same, in lower case, with the one that is meant
 */
export function object<const F extends Fields>(
  fields: F,
  required: readonly (keyof F & string)[] = [],
  elsewhere: Readonly<Record<string, keyof F & string>> = {},
): Shape<ReadFields<F>> {
  const keys = Object.keys(fields);
  const properties = Object.fromEntries(Object.entries(fields).map(([key, { schema }]) => [key, schema]));
  return {
    schema: { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false },
    read: (value, path, problems) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        problems.add(path, value, 'must be an object, in braces');
        return undefined;
      }
      const given = new Map<string, unknown>(Object.entries(value));
      for (const key of required) if (!given.has(key)) problems.addMissing(below(path, key), 'is missing');
      const result: Record<string, unknown> = {};
      for (const [key, each] of given) {
        const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
        if (field === undefined) {
          const known = key.toLowerCase();
          const meant = Object.hasOwn(elsewhere, known) ? elsewhere[known]! : nearestWord(key, keys);
          problems.add(below(path, key), each, `has no known key${didYouMean(meant)}`);
        } else {
          result[key] = field.read(each, below(path, key), problems);
        }
      }
      return result as ReadFields<F>;
    },
  };
}

function didYouMean(meant: string | null): string {
  return meant === null ? '' : `; did you mean ${meant}?`;
}

function below(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${JSON.stringify(key.slice(0, 60))}]`;
  return path === '' ? key : `${path}.${key}`;
}
