import type { MergeSource } from '../capture/capture-merge';
import { PROTOCOL, type PacketBatch } from '../capture/packet-batch';
import type { TunnelLayer } from '../contract/imports';
import type { PacketCounts } from '../contract/packets';
import { REASON_CODE, REASONS, type ByReason, type UnreadableRange } from '../contract/ledger';
import { ADDRESS_CLASS, addressClasses, addressClassOf, type AddressClasses } from '../nat/address-classes';
import { networkBase } from '../nat/address-text';
import type { Gateway, Network } from '../nat/gateway';
import type { WindowSink } from '../window/window-aggregator';
import { HostTable } from './host-table';
import { PacketPath } from './packet-path';
import type { SearchTurns } from './search-turns';

const TCP_SYN = 0x02;
const TCP_ACK = 0x10;

/** The first packets of captures behind a gateway, with what became of each. */
export class TrafficHead implements WindowSink {
  packets = 0;
  translated: PacketCounts = { packets: 0, ipBytes: 0 };
  readonly #most: number;
  readonly #classes: AddressClasses;
  readonly #byReason = new Float64Array(REASONS.length + 1);
  /** By the index of the SNAT entry. */
  readonly #sources = new Map<number, HostTable>();
  readonly #clients = new HostTable();
  /** Ends of the same packets, host order. */
  readonly #ends = new Set<number>();

  /** @param most packets; those behind them are left out */
  constructor(gateway: Gateway, most: number) {
    this.#most = most;
    this.#classes = addressClasses(gateway);
  }

  get isFull(): boolean {
    return this.packets >= this.#most;
  }

  get notTranslated(): ByReason {
    const found = REASONS.filter((reason) => this.#byReason[REASON_CODE[reason]]! > 0);
    return Object.fromEntries(found.map((reason) => [reason, this.#byReason[REASON_CODE[reason]]!]));
  }

  /** @returns hosts behind an SNAT entry that packets were translated of, and how many packets */
  ofEntry(index: number): { readonly hosts: number; readonly packets: number } {
    return totalsOf(this.#sources.get(index));
  }

  /**
   * Networks of one length of the hosts that seem to have begun what was not translated for its addresses.
   *
   * @returns the busiest first, at most `count` of them
   */
  clientNetworks(prefixBits: number, count: number): readonly Network[] {
    const packetsOf = new Map<number, number>();
    for (const { address, packets } of this.#clients.busiest(Infinity)) {
      const base = networkBase(address, prefixBits);
      packetsOf.set(base, (packetsOf.get(base) ?? 0) + packets);
    }
    return [...packetsOf]
      .toSorted(([one, packets], [other, otherPackets]) => otherPackets - packets || one - other)
      .slice(0, count)
      .map(([base]) => ({ base, prefixBits }));
  }

  /** @returns whether an address is an end of what was not translated for its addresses */
  hasSeen(address: number): boolean {
    return this.#ends.has(address);
  }

  verdicts(batch: PacketBatch, reasons: Uint8Array): void {
    const rows = Math.min(batch.length, this.#most - this.packets);
    let [packets, ipBytes] = [0, 0];
    for (let row = 0; row < rows; row++) {
      const reason = reasons[row]!;
      this.#byReason[reason]!++;
      if (reason === 0) {
        packets++;
        ipBytes += batch.ipBytes[row]!;
        this.#addTranslated(batch, row);
      } else if (reason === REASON_CODE.no_snat_entry || reason === REASON_CODE.intra) {
        this.#addClient(batch, row);
      }
    }
    this.packets += rows;
    this.translated = { packets: this.translated.packets + packets, ipBytes: this.translated.ipBytes + ipBytes };
  }

  entries(): void {
    // Only what becomes of packets is looked at.
  }

  events(): void {
    // As entries.
  }

  #addTranslated({ srcIp, dstIp, ipBytes }: PacketBatch, row: number): void {
    for (const address of [srcIp[row]!, dstIp[row]!]) {
      const index = addressClassOf(this.#classes, address) - ADDRESS_CLASS.inside;
      if (index < 0 || index >= ADDRESS_CLASS.hostWithDnat - ADDRESS_CLASS.inside) continue;
      const hosts = this.#sources.get(index) ?? new HostTable();
      this.#sources.set(index, hosts);
      hosts.add(address, ipBytes[row]!);
      return;
    }
  }

  /** Who sends a SYN has begun; else the higher port is most often the one that was chosen for a while. */
  #addClient({ protocol, l4Kind, srcIp, dstIp, ports, ipBytes, ipVersion }: PacketBatch, row: number): void {
    if (ipVersion[row] !== 4) return;
    const synFlags = protocol[row] === PROTOCOL.tcp ? l4Kind[row]! & (TCP_SYN | TCP_ACK) : 0;
    const [from, to] = [ports[row]! >>> 16, ports[row]! & 0xffff];
    const isForward = synFlags === TCP_SYN || ((synFlags & TCP_SYN) === 0 && from >= to);
    this.#ends.add(srcIp[row]!).add(dstIp[row]!);
    this.#clients.add((isForward ? srcIp : dstIp)[row]!, ipBytes[row]!);
  }
}

function totalsOf(table: HostTable | undefined): { readonly hosts: number; readonly packets: number } {
  if (table === undefined) return { hosts: 0, packets: 0 };
  return {
    hosts: table.size,
    packets: table.busiest(Infinity).reduce((sum, { packets }) => sum + packets, 0),
  };
}

interface ReadHead {
  readonly head: TrafficHead;
  /** Whether it has all packets. */
  readonly isWhole: boolean;
  /** What could not be read on the way there. */
  readonly unreadable: readonly UnreadableRange[];
}

/**
 * Runs the first packets of captures through a gateway, as their import would, and writes nothing.
 *
 * @param sources as for `PacketPath`; they are closed
 * @throws what reading a capture throws; AppError QUERY_CANCELLED
 */
export async function readTrafficHead(
  sources: readonly MergeSource[],
  options: { readonly gateway: Gateway; readonly layer: TunnelLayer; readonly most: number },
  turns: SearchTurns,
): Promise<ReadHead> {
  const { gateway, layer, most } = options;
  const head = new TrafficHead(gateway, most);
  const path = new PacketPath(sources, { gateway, layer }, head);
  try {
    while (!head.isFull) {
      const stepping = path.step();
      if (!(typeof stepping === 'boolean' ? stepping : await stepping)) break;
      const pause = turns.pass(() => ({ foundPackets: head.packets, searchedBytes: path.merge.storedBytes }));
      if (pause !== undefined) await pause;
    }
    return {
      head,
      isWhole: !head.isFull,
      unreadable: path.merge.reads.flatMap(({ account }) => account.unreadable),
    };
  } finally {
    path.close();
  }
}
