import { REASON_UNKNOWN_LINK_TYPE } from './codes';
import { reasonOf, setLinkType } from './rows';

/* Link types that could not be decoded, of formats in which every packet may have its own. */

/** Rows of the last stretch whose reason is that their link type is unknown. */
export let unknownLinkRows: u32 = 0;

export function forgetUnknownLinks(): void {
  unknownLinkRows = 0;
}

/** To be called when the frame has been decoded. */
export function noteLinkType(row: u32, linkType: u32): void {
  setLinkType(row, linkType);
  if (reasonOf(row) == REASON_UNKNOWN_LINK_TYPE) unknownLinkRows++;
}
