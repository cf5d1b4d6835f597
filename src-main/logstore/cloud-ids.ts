import { AppError } from '../contract/errors';

/** What has an id, with how the vendor's begin. */
export const ID_PREFIXES = { VPC: 'vpc-', vSwitch: 'vsw-', gateway: 'ngw-', 'SNAT entry': 'snat-' } as const;
export type Identified = keyof typeof ID_PREFIXES;

/** Characters behind the prefix, as in `ngw-uf6k3p9x2m7q4w8z1n5tb`. */
export const ID_LENGTH = 21;
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

/** @param random octets, at least `ID_LENGTH` */
export function cloudId(what: Identified, random: Uint8Array): string {
  const characters = Array.from(random.subarray(0, ID_LENGTH), (octet) => ALPHABET[octet % ALPHABET.length] ?? '0');
  return `${ID_PREFIXES[what]}${characters.join('')}`;
}

/**
 * An id of your own: 2 to 64 lowercase letters, digits and hyphens, as the vendor's are.
 * @throws AppError OPTION_INVALID
 */
export function checkCloudId(id: string, what: Identified): void {
  if (/^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/u.test(id)) return;
  const rule = `use 2 to 64 lowercase letters, digits and hyphens, such as ${ID_PREFIXES[what]}edge`;
  throw new AppError('OPTION_INVALID', `"${id}" is no id of a ${what}: ${rule}`, { value: id });
}
