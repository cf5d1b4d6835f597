import { CaptureMerge, type MergeSource } from '../capture/capture-merge';
import { EntryPackets, type FoundPacket, type SoughtEntry } from '../capture/entry-packets';
import { FragmentResolver } from '../capture/fragment-resolver';
import type { TunnelLayer } from '../contract/imports';
import type { PacketCounts } from '../contract/packets';
import { addressClassOf, addressClasses, isInside } from '../nat/address-classes';
import type { Gateway } from '../nat/gateway';
import { newLayerDecoder } from './decoder-module';
import type { FoundEntries } from './found-entries';
import { PacketPath } from './packet-path';
import { PacketTrace, type OnTraced } from './packet-trace';

/** What the import was made with, and what is done while its captures are read again. */
export interface SearchOptions {
  readonly layer: TunnelLayer;
  readonly gateway: Gateway;
  /** Called again and again, as often as a batch is read; nothing more is read until its promise is fulfilled. */
  readonly onStep?: (foundPackets: number, searchedBytes: () => number) => Promise<void> | undefined;
}

/**
 * Reads captures as their import did, as far as the last packet of a log entry, and picks out what has its five-tuple:
 * fast, as nothing before the entry matters, and right if it is as many packets as the entry counts (see `EntryPackets`).
 *
 * @param sources of all captures that may hold some of them, in the order of the import
 * @param onPacket is given the packets in the order in which the gateway saw them
 * @throws what reading a capture, `onPacket` and `onStep` throw
 */
export async function findPackets(
  sources: readonly MergeSource[],
  entry: SoughtEntry,
  options: SearchOptions,
  onPacket: (packet: FoundPacket) => void,
): Promise<PacketCounts> {
  const { layer, gateway } = options;
  const decoder = newLayerDecoder(layer, gateway);
  const classes = addressClasses(gateway);
  const isHost = (address: number): boolean => isInside(addressClassOf(classes, address));
  const packets = new EntryPackets(entry, decoder, isHost, onPacket);
  const fragments = new FragmentResolver((batch) => packets.push(batch));
  const merge = new CaptureMerge(sources, decoder, (batch) => fragments.push(batch), { repairsTimes: true });
  if (await search(merge, () => merge.storedBytes, packets, options)) fragments.flush();
  return { packets: packets.packets, ipBytes: packets.ipBytes };
}

/**
 * Does the import again, until all packets of log entries have come, and picks them out: right whatever the gateway did, for
 * as long as an import takes, however many entries there are. What was found of each is in `entries`.
 *
 * @param sources all captures of the import, in its order and from their beginning
 * @param onPacket is given the packets in the order in which the gateway saw them
 * @returns how many of them come behind later ones all the same: see `PacketTrace`
 * @throws what reading a capture, `onPacket` and `onStep` throw; AppError MEMORY_EXHAUSTED
 */
export async function tracePackets(
  sources: readonly MergeSource[],
  entries: FoundEntries,
  options: SearchOptions,
  onPacket: OnTraced,
): Promise<number> {
  const { layer, gateway } = options;
  const trace = new PacketTrace(entries, onPacket);
  const path = new PacketPath(sources, { layer, gateway }, trace);
  trace.follow(path.decoder);
  await search(path, () => path.merge.storedBytes, trace, options);
  return trace.outOfOrder;
}

/** @returns whether the captures came to their end before the search was over */
async function search(
  reading: Pick<CaptureMerge, 'step' | 'close'>,
  searchedBytes: () => number,
  found: { readonly packets: number; readonly isOver: boolean },
  { onStep }: SearchOptions,
): Promise<boolean> {
  try {
    while (!found.isOver) {
      const stepping = reading.step();
      if (!(typeof stepping === 'boolean' ? stepping : await stepping)) return true;
      const pause = onStep?.(found.packets, searchedBytes);
      if (pause !== undefined) await pause;
    }
    return false;
  } finally {
    reading.close();
  }
}
