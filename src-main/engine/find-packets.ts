import { CaptureMerge, type MergeSource } from '../capture/capture-merge';
import { EntryPackets, type FoundPacket, type SoughtEntry } from '../capture/entry-packets';
import { FragmentResolver } from '../capture/fragment-resolver';
import type { PacketCounts, TunnelLayer } from '../contract/ipc';
import type { GatewaySides } from '../nat/address-classes';
import { newLayerDecoder } from './decoder-module';

export interface FindOptions {
  readonly entry: SoughtEntry;
  /** What the import was made with. */
  readonly layer: TunnelLayer;
  readonly gateway: GatewaySides;
  /** Is given the packets in the order in which the gateway saw them. */
  readonly onPacket: (packet: FoundPacket) => void;
  /** Called again and again, as often as a batch is read; nothing more is read until its promise is fulfilled. */
  readonly onStep?: (foundPackets: number, searchedBytes: () => number) => Promise<void> | undefined;
}

/**
 * Reads captures as their import did, as far as the last packet of a log entry, and picks out the packets of the entry.
 *
 * @param sources of all captures that may hold some of them, in the order of the import
 * @throws what reading a capture, `onPacket` and `onStep` throw
 */
export async function findPackets(sources: readonly MergeSource[], options: FindOptions): Promise<PacketCounts> {
  const { entry, layer, gateway, onPacket, onStep } = options;
  const decoder = newLayerDecoder(layer, gateway);
  const packets = new EntryPackets(entry, decoder, onPacket);
  const fragments = new FragmentResolver((batch) => packets.push(batch));
  const merge = new CaptureMerge(sources, decoder, (batch) => fragments.push(batch), { repairsTimes: true });
  try {
    while (!packets.isOver) {
      const stepping = merge.step();
      if (!(typeof stepping === 'boolean' ? stepping : await stepping)) break;
      const pause = onStep?.(packets.packets, () => merge.storedBytes);
      if (pause !== undefined) await pause;
    }
  } finally {
    merge.close();
  }
  fragments.flush();
  return { packets: packets.packets, ipBytes: packets.ipBytes };
}
