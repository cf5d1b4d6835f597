import { InvalidArgumentError } from 'commander';
import { AppError } from '../contract/errors';
import { checkLogstoreName, checkProjectName } from '../logstore/names';
import { zoneOffset } from '../query/zone';
import { parseNetwork, parsePublicAddress } from '../nat/address-text';

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
function listOf(check: (text: string) => unknown): (text: string, before: readonly string[] | undefined) => string[] {
  const checkItem = checked(check);
  return (text, before = []) => [...before, ...text.split(',').map((item) => checkItem(item.trim()))];
}

export const projectName = checked(checkProjectName);
export const logstoreName = checked(checkLogstoreName);
export const timeZone = checked(zoneOffset);
export const networks = listOf(parseNetwork);
export const publicAddresses = listOf(parsePublicAddress);

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
