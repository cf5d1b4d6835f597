import { InvalidArgumentError } from 'commander';
import { AppError } from '../contract/errors';
import { LONGEST_COST_WINDOW_SEC } from '../contract/cost';
import type { ScriptTime } from '../contract/delivery';
import { MOST_PARTITION_FIELDS } from '../contract/export';
import { parseEntryId, type EntryId } from '../contract/log-entry';
import { LEAST_REPLAY_SPEED, MOST_REPLAY_SPEED } from '../contract/replay';
import { readScriptTime, TIME_RULE } from '../delivery/script-time';
import { checkDescription, checkLogstoreName, checkProjectName, checkRegion } from '../logstore/names';
import { readTtl } from '../logstore/retention';
import { zoneOffset } from '../query/zone';
import { parseAddress, parseNetwork, parsePublicAddress } from '../nat/address-text';
import { MAX_EIPS, MAX_INSIDE_NETWORKS } from '../nat/gateway';

export const LARGEST_PORT = 65_535;
const MOST_GATEWAYS = 1000;

/**
 * Turns what a check of the product throws into what the parser of the command line reports with the option's name. A
 * code of its own is kept.
 */
function checked(check: (text: string) => unknown): (text: string) => string {
  return (text) => {
    try {
      check(text);
    } catch (cause) {
      if (cause instanceof AppError && cause.code === 'OPTION_INVALID')
        throw new InvalidArgumentError(`${cause.message}.`);
      throw cause;
    }
    return text;
  };
}

/** Lists with commas; an option that is given twice adds to the first. */
function listOf(
  check: (text: string) => unknown,
  most: number,
  what: string,
): (text: string, before: readonly string[] | undefined) => string[] {
  const checkItem = checked(check);
  return (text, before = []) => {
    const list = [...before, ...text.split(',').map((item) => checkItem(item.trim()))];
    if (list.length > most) throw new InvalidArgumentError(`At most ${most} ${what} can be named.`);
    return list;
  };
}

export const projectName = checked(checkProjectName);
export const logstoreName = checked(checkLogstoreName);
export const region = checked(checkRegion);
export const description = checked(checkDescription);
export const timeZone = checked(zoneOffset);
export const networks = listOf(parseNetwork, MAX_INSIDE_NETWORKS, 'networks');
export const publicAddresses = listOf(parsePublicAddress, MAX_EIPS, 'public addresses');

/** Ids of gateways. */
export const gatewayIds = listOf(
  (text) => {
    if (text === '') throw new AppError('OPTION_INVALID', 'A gateway has an id');
  },
  MOST_GATEWAYS,
  'gateways',
);

/** Columns that rows are partitioned by. */
export const fieldNames = listOf(
  (text) => {
    if (text === '') throw new AppError('OPTION_INVALID', 'A field has a name');
  },
  MOST_PARTITION_FIELDS,
  'fields',
);

export const ipv4Address = checked(parseAddress);

/** Days of retention. The parser of the command line takes null for a value that is missing. */
export function ttlDays(text: string): number | 'off' {
  checked(readTtl)(text);
  return readTtl(text) ?? 'off';
}

/** A translated address, and a port of it. */
export interface NatEndpoint {
  readonly address: string;
  readonly port: number | null;
}

export function natEndpoint(text: string): NatEndpoint {
  const [address = '', portText, ...rest] = text.split(':');
  ipv4Address(address);
  const port = portText === undefined ? null : Number(portText);
  if (rest.length > 0 || (portText !== undefined && !/^\d{1,5}$/.test(portText)) || (port ?? 0) > LARGEST_PORT) {
    throw new InvalidArgumentError('It must be an address, or one with a port, such as 203.0.113.1:40000.');
  }
  return { address, port };
}

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17 };

export function protocolNumber(text: string): number {
  const number = PROTOCOLS[text.toLowerCase()] ?? Number(text);
  if (text.trim() !== '' && Number.isInteger(number) && number >= 0 && number <= 255) return number;
  throw new InvalidArgumentError('It must be tcp, udp, icmp or a number from 0 to 255.');
}

/** @returns a parser of seconds without sign, also with a fraction */
export function seconds(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+(?:\.\d+)?$/.test(text) || value > most) {
      throw new InvalidArgumentError(`It must be seconds from 0 to ${most}.`);
    }
    return value;
  };
}

export function entryId(text: string): EntryId {
  const id = parseEntryId(text);
  if (id === null) throw new InvalidArgumentError('It must be a run and a number, such as 1-42.');
  return id;
}

/** An empty path, as an unset variable of a shell gives, would mean the current folder. */
export function filePath(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must be the path of a file.');
  return text;
}

export function filePaths(text: string, before: readonly string[] = []): string[] {
  return [...before, filePath(text)];
}

/** How many times as fast; it may have a fraction. */
export function replaySpeed(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value >= LEAST_REPLAY_SPEED && value <= MOST_REPLAY_SPEED) return value;
  throw new InvalidArgumentError(`It must be a number from ${LEAST_REPLAY_SPEED} to ${MOST_REPLAY_SPEED}.`);
}

/** A time as a script of deliveries has it. */
export function scriptTime(text: string): ScriptTime {
  const time = readScriptTime(/^\d+$/.test(text) ? Number(text) : text);
  if (time === null) throw new InvalidArgumentError(`It ${TIME_RULE}.`);
  return time;
}

/** @returns a parser of whole numbers without sign, within the bounds */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** `NAME=VALUE`; an option that is given again adds to those before, and the last one of a name holds. */
export function variableValue(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, name, value] = /^([A-Za-z_]\w*)=([\s\S]*)$/u.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('It must be the name of a variable and its value, such as host=10.20.0.5.');
  }
  return { ...before, [name]: value };
}

/** Lengths of windows. */
export function wholeNumbers(text: string, before: readonly number[] | undefined): number[] {
  const read = wholeNumber(1, LONGEST_COST_WINDOW_SEC);
  return [...(before ?? []), ...text.split(',').map((item) => read(item.trim()))];
}

/** An amount of money of any currency. */
export function price(text: string): number {
  const amount = Number(text);
  if (text.trim() !== '' && Number.isFinite(amount) && amount >= 0) return amount;
  throw new InvalidArgumentError('It must be a number that is not negative.');
}
