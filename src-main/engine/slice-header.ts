/* What the header of a section says that `PacketSlice` writes. */
export const SLICE_APPLICATION = 'Natscope';
export const SLICE_COMMENT = 'The packets of ';

/** Whether the header of a section of pcapng, as octets, is of one that `PacketSlice` wrote: of a copy, and no recording. */
export function isSliceHeader(header: Buffer): boolean {
  return header.includes(SLICE_APPLICATION) && header.includes(SLICE_COMMENT);
}
