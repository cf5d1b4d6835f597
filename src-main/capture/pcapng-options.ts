import type { ContainerFacts, DescribedInterfaceFacts } from './container-facts';
import { utf8Text } from './utf8-text';

/** Options. @see draft-ietf-opsawg-pcapng §3.5, §4.1, §4.2 */
const END_OF_OPTIONS = 0;
const COMMENT = 1;
const SECTION_HARDWARE = 2;
const SECTION_OS = 3;
const SECTION_APPLICATION = 4;
const INTERFACE_NAME = 2;
const INTERFACE_DESCRIPTION = 3;
const INTERFACE_TSRESOL = 9;
const INTERFACE_TSOFFSET = 14;

/** `if_tsresol` of an interface that has none: microseconds. */
const DEFAULT_RESOLUTION = 6;
const BASE_2 = 0x80;
/** Characters that are kept of a text. */
const MAX_TEXT = 256;

/** @returns false when an option is longer than what is left of its block */
function eachOption(
  view: DataView,
  start: number,
  end: number,
  littleEndian: boolean,
  read: (code: number, at: number, length: number) => void,
): boolean {
  for (let at = start; end - at >= 4;) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    const value = at + 4;
    if (code === END_OF_OPTIONS) return true;
    if (length > end - value) return false;
    read(code, value, length);
    at = value + ((length + 3) & ~3);
  }
  return true;
}

/**
 * Notes what the options of a section header say; the first section that says something counts.
 *
 * @returns false when an option is longer than the block
 */
export function readSectionOptions(
  view: DataView,
  start: number,
  end: number,
  littleEndian: boolean,
  container: ContainerFacts,
): boolean {
  return eachOption(view, start, end, littleEndian, (code, at, length) => {
    const text = (): string => utf8Text(view, at, length, MAX_TEXT);
    if (code === COMMENT) container.comment ??= text();
    else if (code === SECTION_HARDWARE) container.hardware ??= text();
    else if (code === SECTION_OS) container.operatingSystem ??= text();
    else if (code === SECTION_APPLICATION) container.application ??= text();
  });
}

/** What an interface description block says, and `if_tsresol` as it is written. */
export interface ReadInterface {
  readonly facts: DescribedInterfaceFacts;
  readonly resolution: number;
}

/**
 * @param start  where the block's body is, up to `end`; it has at least 8 octets
 * @returns null when an option is longer than the block
 */
export function readInterface(view: DataView, start: number, end: number, littleEndian: boolean): ReadInterface | null {
  let name: string | null = null;
  let description: string | null = null;
  let resolution = DEFAULT_RESOLUTION;
  let offsetSec = 0;
  const isWhole = eachOption(view, start + 8, end, littleEndian, (code, at, length) => {
    if (code === INTERFACE_NAME) name ??= utf8Text(view, at, length, MAX_TEXT);
    else if (code === INTERFACE_DESCRIPTION) description ??= utf8Text(view, at, length, MAX_TEXT);
    else if (code === INTERFACE_TSRESOL && length >= 1) resolution = view.getUint8(at);
    else if (code === INTERFACE_TSOFFSET && length >= 8) offsetSec = Number(view.getBigInt64(at, littleEndian));
  });
  if (!isWhole) return null;
  return {
    facts: {
      name,
      description,
      linkType: view.getUint16(start, littleEndian),
      snapBytes: view.getUint32(start + 4, littleEndian),
      resolution: { base: (resolution & BASE_2) === 0 ? 10 : 2, exponent: resolution & 0x7f },
      offsetSec,
    },
    resolution,
  };
}
