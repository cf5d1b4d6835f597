import type { TimeResolution } from '../contract/capture-details';
import type { CaptureFormat } from '../contract/imports';

/** What a capture says about an interface. */
export interface InterfaceFacts {
  /** The section that describes it, from 1. */
  readonly section: number;
  readonly name: string | null;
  readonly description: string | null;
  /** A LINKTYPE number, or one of `link-type-names.ts` beyond them. */
  readonly linkType: number;
  /** Octets that were captured of a packet at most; 0 when nothing was said. */
  readonly snapBytes: number;
  readonly resolution: TimeResolution;
  /** Whole seconds that were added to the times of its packets. */
  readonly offsetSec: number;
  /** Records of it, as far as they were read. */
  packets: number;
}

/** The same before anything of it was read. */
export type DescribedInterfaceFacts = Omit<InterfaceFacts, 'section' | 'packets'>;

/** Interfaces of which the facts are kept; all are counted. */
export const MAX_INTERFACE_FACTS = 256;

/** What a capture says about itself, beside its packets. Grows while it is read, as sections may begin anywhere. */
export class ContainerFacts {
  readonly format: CaptureFormat;
  /** As '2.4'; null where the format has none. Of the first section. */
  readonly version: string | null;
  readonly byteOrder: 'little' | 'big';
  /** Of pcap: records have the fields that the patches of A. Kuznetzov add. */
  readonly isModified: boolean;
  /** Octets of the checksum that frames end with, where the capture says so. */
  readonly frameCheckBytes: number | null;
  /** Of the first section that has it. */
  comment: string | null = null;
  hardware: string | null = null;
  operatingSystem: string | null = null;
  application: string | null = null;
  /** Sections of pcapng; of other formats file headers, of which there are several where files were joined. */
  sections = 0;
  interfaceCount = 0;
  /** The first of them. */
  readonly interfaces: InterfaceFacts[] = [];

  constructor(
    format: CaptureFormat,
    byteOrder: 'little' | 'big',
    version: string | null,
    { isModified = false, frameCheckBytes = null }: { isModified?: boolean; frameCheckBytes?: number | null } = {},
  ) {
    this.format = format;
    this.byteOrder = byteOrder;
    this.version = version;
    this.isModified = isModified;
    this.frameCheckBytes = frameCheckBytes;
  }

  /** @returns what is kept of it; null when there are too many */
  addInterface(described: DescribedInterfaceFacts): InterfaceFacts | null {
    this.interfaceCount++;
    if (this.interfaces.length >= MAX_INTERFACE_FACTS) return null;
    const kept = { ...described, section: this.sections, packets: 0 };
    this.interfaces.push(kept);
    return kept;
  }
}
