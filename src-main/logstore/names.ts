import { AppError } from '../contract/errors';

interface NameRule {
  readonly kind: 'project' | 'Logstore';
  readonly code: 'OPTION_INVALID' | 'LOGSTORE_NAME_INVALID';
  readonly minLength: number;
  readonly maxLength: number;
  readonly foreign: RegExp;
  readonly characters: string;
}

const PROJECT: NameRule = {
  kind: 'project',
  code: 'OPTION_INVALID',
  minLength: 3,
  maxLength: 63,
  foreign: /[^a-z0-9-]/u,
  characters: 'lowercase letters, digits and hyphens',
};

const LOGSTORE: NameRule = {
  kind: 'Logstore',
  code: 'LOGSTORE_NAME_INVALID',
  minLength: 2,
  maxLength: 63,
  foreign: /[^a-z0-9_-]/u,
  characters: 'lowercase letters, digits, hyphens and underscores',
};

function faultOf(name: string, rule: NameRule): string | null {
  const foreign = rule.foreign.exec(name);
  if (foreign) return `"${foreign[0]}" is not allowed: use ${rule.characters}`;
  if (name.length < rule.minLength || name.length > rule.maxLength) {
    return `it has ${name.length} character${name.length === 1 ? '' : 's'} instead of ${rule.minLength} to ${rule.maxLength}`;
  }
  if (!/^[a-z0-9]/u.test(name)) return 'it must start with a letter or a digit';
  if (!/[a-z0-9]$/u.test(name)) return 'it must end with a letter or a digit';
  return null;
}

function checkName(name: string, rule: NameRule): void {
  const fault = faultOf(name, rule);
  if (fault !== null) {
    throw new AppError(rule.code, `"${name}" is no ${rule.kind} name: ${fault}`, { name, fault });
  }
}

/** @returns what is wrong with the name of a project, or null */
export function projectNameFault(name: string): string | null {
  return faultOf(name, PROJECT);
}

/** @returns what is wrong with the name of a Logstore, or null */
export function logstoreNameFault(name: string): string | null {
  return faultOf(name, LOGSTORE);
}

/**
 * 3 to 63 lowercase letters, digits and hyphens, with a letter or digit at both ends.
 * @throws AppError OPTION_INVALID naming what is wrong
 * @see sls-logstore.md §5.5
 */
export function checkProjectName(name: string): void {
  checkName(name, PROJECT);
}

/**
 * 2 to 63 lowercase letters, digits, hyphens and underscores, with a letter or digit at both ends. The vendor's older
 * text allows two characters, the newer three; the wider one is taken so that no existing name is refused.
 * @throws AppError LOGSTORE_NAME_INVALID naming what is wrong
 * @see sls-logstore.md §5.5
 */
export function checkLogstoreName(name: string): void {
  checkName(name, LOGSTORE);
}

const LONGEST_DESCRIPTION = 64;

/**
 * At most 64 characters, none of them `<>'"\\`.
 * @throws AppError OPTION_INVALID
 * @see sls-logstore.md §5.5
 */
export function checkDescription(description: string): void {
  const foreign = /[<>'"\\]/u.exec(description);
  if (foreign === null && description.length <= LONGEST_DESCRIPTION) return;
  const fault =
    foreign === null
      ? `it has ${description.length} characters instead of at most ${LONGEST_DESCRIPTION}`
      : `${foreign[0]} is not allowed`;
  throw new AppError('OPTION_INVALID', `this is no description of a project: ${fault}`, { fault });
}

/**
 * The id of a region, such as `cn-hangzhou`; `local` is this computer.
 * @throws AppError OPTION_INVALID
 */
export function checkRegion(region: string): void {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/u.test(region)) return;
  const message = `"${region}" is no region: write its id in lowercase letters, digits and hyphens, such as cn-hangzhou`;
  throw new AppError('OPTION_INVALID', message, { region });
}
