import { REASON_UNKNOWN_LINK_TYPE } from './codes';
import { BATCH_ROWS, rowReason } from './rows';

/* Link types that could not be decoded, of formats in which every packet may have its own. */

/** Link type of each row of ERF; of pcapng, of each whose reason is that it is unknown, and stale for all others. */
export const rowLinkType: usize = memory.data(BATCH_ROWS * 4, 8);
/** Rows of the last stretch that have one there. */
export let unknownLinkRows: u32 = 0;

export function forgetUnknownLinks(): void {
  unknownLinkRows = 0;
}

/** To be called when the frame has been decoded. */
export function noteUnknownLink(row: u32, linkType: u32): void {
  if (<u32>load<u8>(rowReason + row) != REASON_UNKNOWN_LINK_TYPE) return;
  store<u32>(rowLinkType + row * 4, linkType);
  unknownLinkRows++;
}

export function noteLink(row: u32, linkType: u32): void {
  store<u32>(rowLinkType + row * 4, linkType);
}
