import { AppError } from '../contract/errors';
import { REASONS } from '../contract/ledger';
import { ENTRY_BATCH_ROWS, type LogEntryBatch } from '../contract/log-entry';
import { BATCH_ROWS, type PacketBatch } from '../capture/packet-batch';
import { addressClasses } from './address-classes';
import type { Gateway, SessionTimeouts } from './gateway';

/** A number that a module of WebAssembly exports: most are addresses in its memory. */
interface ExportedNumber {
  readonly value: number;
}

type ExportedAddress =
  | 'classesByUpperHalf'
  | 'timeouts'
  | 'packetsByReason'
  | 'bytesByReason'
  | `batch${'Sec' | 'Nsec' | 'PacketNo' | 'Reason' | 'Protocol' | 'Flags' | 'IpBytes' | 'SrcIp' | 'DstIp' | 'Ports' | 'L4Kind'}`
  | `out${'Protocol' | 'PriIp' | 'PriPort' | 'PubIp' | 'PubPort' | 'NatIp' | 'NatPort' | 'EndReason' | 'Flags'}`
  | `out${'Bytes' | 'Pkts'}${'FromPub' | 'FromVpc'}`
  | `out${'Ordinal' | 'SessionId'}`
  | `out${'First' | 'Last'}${'Sec' | 'Nsec' | 'Packet'}`;

/** What the module in `src-main/emulator` exports; its sources say what each does. */
export interface EmulatorExports extends Readonly<Record<ExportedAddress, ExportedNumber>> {
  readonly memory: { readonly buffer: ArrayBuffer };
  init(): void;
  setPorts(min: number, max: number, maxPerDestination: number, seed: number): void;
  allocateEntries(count: number): number;
  allocatePools(count: number): number;
  allocatePoolAddresses(count: number): number;
  allocateNatAddresses(count: number): number;
  classOf(address: number): number;
  translate(from: number, to: number, windowStartSec: number): void;
  endIdle(sec: number): void;
  endAll(): void;
  isSweepDue(): number;
  sweep(sec: number): void;
  closeWindow(addressCount: number): number;
  emit(from: number, count: number, entriesBefore: number, windowFlags: number): void;
  clearRows(): void;
  createdSessions(): number;
  lateCount(): number;
}

/** Order of the states in the emulator's table of time-outs. */
const TIMEOUTS_BY_STATE: readonly (keyof SessionTimeouts)[] = [
  'udp',
  'icmp',
  'tcpOpening',
  'tcpSynReceived',
  'tcpEstablished',
  'tcpFinFromVpc',
  'tcpFinFromPub',
  'tcpClosing',
  'tcpReset',
];

/** The emulator's memory as columns of the packets that it reads. */
class PacketColumns {
  readonly #tsSec: Float64Array;
  readonly #tsNsec: Uint32Array;
  readonly #packetNo: Float64Array;
  readonly #reason: Uint8Array;
  readonly #protocol: Uint8Array;
  readonly #flags: Uint8Array;
  readonly #ipBytes: Uint32Array;
  readonly #srcIp: Uint32Array;
  readonly #dstIp: Uint32Array;
  readonly #ports: Uint32Array;
  readonly #l4Kind: Uint8Array;

  constructor(module: EmulatorExports) {
    const { buffer } = module.memory;
    this.#tsSec = new Float64Array(buffer, module.batchSec.value, BATCH_ROWS);
    this.#tsNsec = new Uint32Array(buffer, module.batchNsec.value, BATCH_ROWS);
    this.#packetNo = new Float64Array(buffer, module.batchPacketNo.value, BATCH_ROWS);
    this.#reason = new Uint8Array(buffer, module.batchReason.value, BATCH_ROWS);
    this.#protocol = new Uint8Array(buffer, module.batchProtocol.value, BATCH_ROWS);
    this.#flags = new Uint8Array(buffer, module.batchFlags.value, BATCH_ROWS);
    this.#ipBytes = new Uint32Array(buffer, module.batchIpBytes.value, BATCH_ROWS);
    this.#srcIp = new Uint32Array(buffer, module.batchSrcIp.value, BATCH_ROWS);
    this.#dstIp = new Uint32Array(buffer, module.batchDstIp.value, BATCH_ROWS);
    this.#ports = new Uint32Array(buffer, module.batchPorts.value, BATCH_ROWS);
    this.#l4Kind = new Uint8Array(buffer, module.batchL4Kind.value, BATCH_ROWS);
  }

  copyFrom(batch: PacketBatch): void {
    this.#tsSec.set(batch.tsSec);
    this.#tsNsec.set(batch.tsNsec);
    this.#packetNo.set(batch.packetNo);
    this.#reason.set(batch.reason);
    this.#protocol.set(batch.protocol);
    this.#flags.set(batch.flags);
    this.#ipBytes.set(batch.ipBytes);
    this.#srcIp.set(batch.srcIp);
    this.#dstIp.set(batch.dstIp);
    this.#ports.set(batch.ports);
    this.#l4Kind.set(batch.l4Kind);
  }
}

/** The emulator's memory as columns of the entries that it leaves there. */
class EntryColumns {
  readonly #protocol: Uint8Array;
  readonly #priIp: Uint32Array;
  readonly #priPort: Uint16Array;
  readonly #pubIp: Uint32Array;
  readonly #pubPort: Uint16Array;
  readonly #natIp: Uint32Array;
  readonly #natPort: Uint16Array;
  readonly #bytesFromPub: Float64Array;
  readonly #pktsFromPub: Float64Array;
  readonly #bytesFromVpc: Float64Array;
  readonly #pktsFromVpc: Float64Array;
  readonly #entryNo: Float64Array;
  readonly #sessionId: Float64Array;
  readonly #firstSec: Float64Array;
  readonly #firstNsec: Uint32Array;
  readonly #lastSec: Float64Array;
  readonly #lastNsec: Uint32Array;
  readonly #endReason: Uint8Array;
  readonly #flags: Uint16Array;
  readonly #firstPacket: Float64Array;
  readonly #lastPacket: Float64Array;

  constructor(module: EmulatorExports) {
    const { buffer } = module.memory;
    this.#protocol = new Uint8Array(buffer, module.outProtocol.value, ENTRY_BATCH_ROWS);
    this.#priIp = new Uint32Array(buffer, module.outPriIp.value, ENTRY_BATCH_ROWS);
    this.#priPort = new Uint16Array(buffer, module.outPriPort.value, ENTRY_BATCH_ROWS);
    this.#pubIp = new Uint32Array(buffer, module.outPubIp.value, ENTRY_BATCH_ROWS);
    this.#pubPort = new Uint16Array(buffer, module.outPubPort.value, ENTRY_BATCH_ROWS);
    this.#natIp = new Uint32Array(buffer, module.outNatIp.value, ENTRY_BATCH_ROWS);
    this.#natPort = new Uint16Array(buffer, module.outNatPort.value, ENTRY_BATCH_ROWS);
    this.#bytesFromPub = new Float64Array(buffer, module.outBytesFromPub.value, ENTRY_BATCH_ROWS);
    this.#pktsFromPub = new Float64Array(buffer, module.outPktsFromPub.value, ENTRY_BATCH_ROWS);
    this.#bytesFromVpc = new Float64Array(buffer, module.outBytesFromVpc.value, ENTRY_BATCH_ROWS);
    this.#pktsFromVpc = new Float64Array(buffer, module.outPktsFromVpc.value, ENTRY_BATCH_ROWS);
    this.#entryNo = new Float64Array(buffer, module.outOrdinal.value, ENTRY_BATCH_ROWS);
    this.#sessionId = new Float64Array(buffer, module.outSessionId.value, ENTRY_BATCH_ROWS);
    this.#firstSec = new Float64Array(buffer, module.outFirstSec.value, ENTRY_BATCH_ROWS);
    this.#firstNsec = new Uint32Array(buffer, module.outFirstNsec.value, ENTRY_BATCH_ROWS);
    this.#lastSec = new Float64Array(buffer, module.outLastSec.value, ENTRY_BATCH_ROWS);
    this.#lastNsec = new Uint32Array(buffer, module.outLastNsec.value, ENTRY_BATCH_ROWS);
    this.#endReason = new Uint8Array(buffer, module.outEndReason.value, ENTRY_BATCH_ROWS);
    this.#flags = new Uint16Array(buffer, module.outFlags.value, ENTRY_BATCH_ROWS);
    this.#firstPacket = new Float64Array(buffer, module.outFirstPacket.value, ENTRY_BATCH_ROWS);
    this.#lastPacket = new Float64Array(buffer, module.outLastPacket.value, ENTRY_BATCH_ROWS);
  }

  copyTo(batch: LogEntryBatch): void {
    batch.protocol.set(this.#protocol);
    batch.priIp.set(this.#priIp);
    batch.priPort.set(this.#priPort);
    batch.pubIp.set(this.#pubIp);
    batch.pubPort.set(this.#pubPort);
    batch.natIp.set(this.#natIp);
    batch.natPort.set(this.#natPort);
    batch.bytesFromPub.set(this.#bytesFromPub);
    batch.pktsFromPub.set(this.#pktsFromPub);
    batch.bytesFromVpc.set(this.#bytesFromVpc);
    batch.pktsFromVpc.set(this.#pktsFromVpc);
    batch.entryNo.set(this.#entryNo);
    batch.sessionId.set(this.#sessionId);
    batch.firstSec.set(this.#firstSec);
    batch.firstNsec.set(this.#firstNsec);
    batch.lastSec.set(this.#lastSec);
    batch.lastNsec.set(this.#lastNsec);
    batch.endReason.set(this.#endReason);
    batch.flags.set(this.#flags);
    batch.firstPacket.set(this.#firstPacket);
    batch.lastPacket.set(this.#lastPacket);
  }
}

/**
 * The gateway and its windows: translates packets, sums them up by session, and gives the entries of closed windows.
 *
 * What follows a packet is decided by what came before it only, so any split of a capture into batches gives the same
 * sessions. The work is done by a module of WebAssembly, of which this owns one instance.
 */
export class Emulator {
  readonly #module: EmulatorExports;
  readonly #natAddressCount: number;
  /** Memory that the views are of; growing replaces it. */
  #buffer: ArrayBuffer;
  #packets: PacketColumns;
  #entries: EntryColumns;

  /** @param module a new instance, that nobody else uses */
  constructor(module: EmulatorExports, gateway: Gateway) {
    this.#module = module;
    const natAddresses = [...new Set(gateway.snatEntries.flatMap((entry) => entry.eips))];
    this.#natAddressCount = natAddresses.length;
    module.init();
    module.setPorts(gateway.portMin, gateway.portMax, gateway.maxPerEipPerDestination, gateway.seed);
    configureClasses(module, gateway);
    configurePools(module, gateway, natAddresses);
    const timeouts = new Float64Array(module.memory.buffer, module.timeouts.value, TIMEOUTS_BY_STATE.length);
    timeouts.set(TIMEOUTS_BY_STATE.map((state) => gateway.timeouts[state]));
    this.#buffer = module.memory.buffer;
    this.#packets = new PacketColumns(module);
    this.#entries = new EntryColumns(module);
  }

  /** Sessions created so far. */
  get sessions(): number {
    return this.#module.createdSessions() >>> 0;
  }

  /** Packets that came too late for their own window. */
  get latePackets(): number {
    return this.#module.lateCount();
  }

  /** Packets in no session, by `REASON_CODE`. */
  packetsByReason(): Float64Array {
    return this.#counters(this.#module.packetsByReason);
  }

  /** Their IP bytes, by `REASON_CODE`. */
  bytesByReason(): Float64Array {
    return this.#counters(this.#module.bytesByReason);
  }

  /** Takes over a batch, whose rows `translate` then refers to. */
  load(batch: PacketBatch): void {
    this.#mapColumns();
    this.#packets.copyFrom(batch);
  }

  /**
   * Counts rows `[from, to)` of the batch that was loaded, each in its session or by the reason why it has none.
   *
   * @param windowStartSec a packet from before it comes too late for its own window: it counts at this time
   * @throws AppError MEMORY_EXHAUSTED when more sessions are alive at once than there is memory for
   */
  translate(from: number, to: number, windowStartSec: number): void {
    this.#guard(() => {
      this.#module.translate(from, to, windowStartSec);
    });
  }

  /** Ends the sessions whose time is up by `sec`. */
  endIdle(sec: number): void {
    this.#module.endIdle(sec);
  }

  /** The capture has ended: every session ends. */
  endAll(): void {
    this.#module.endAll();
  }

  /** True when so many sessions were created since the last sweep that looking for dead ones is worth it. */
  get isSweepDue(): boolean {
    return this.#module.isSweepDue() !== 0;
  }

  /** Moves sessions that have died by `sec` out of the table of the living. */
  sweep(sec: number): void {
    this.#guard(() => {
      this.#module.sweep(sec);
    });
  }

  /**
   * Closes the window: what sessions did in it is ready for `emit`, ordered by translated address and port.
   *
   * @returns rows of the window
   * @throws AppError MEMORY_EXHAUSTED
   */
  closeWindow(): number {
    let rows = 0;
    this.#guard(() => {
      rows = this.#module.closeWindow(this.#natAddressCount) >>> 0;
    });
    return rows;
  }

  /**
   * Fills `batch`, as long as it says, with rows of the closed window; what a window gives to all of its entries
   * (`windowStart`, `natEip`, `natSource`) is left to the caller.
   *
   * @param from first row
   * @param entriesBefore entries of the windows before this one
   * @param windowFlags bits of `ENTRY_FLAG` that all rows get
   */
  emit(batch: LogEntryBatch, from: number, entriesBefore: number, windowFlags: number): void {
    this.#module.emit(from, batch.length, entriesBefore, windowFlags);
    this.#mapColumns();
    this.#entries.copyTo(batch);
  }

  /** Forgets the rows of the closed window, when they were taken; packets may come again. */
  clearRows(): void {
    this.#module.clearRows();
  }

  #counters({ value }: ExportedNumber): Float64Array {
    return new Float64Array(this.#module.memory.buffer, value, REASONS.length + 1).slice();
  }

  /** The module has no exceptions of its own: it traps where it cannot have more memory, and nowhere else. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (cause) {
      const megabytes = Math.round(this.#module.memory.buffer.byteLength / 1e6);
      const message = `More sessions are alive at once than fit into memory (${megabytes} MB): split the capture, or name fewer networks with --inside`;
      throw new AppError('MEMORY_EXHAUSTED', message, { megabytes }, { cause });
    }
  }

  #mapColumns(): void {
    const { buffer } = this.#module.memory;
    if (buffer === this.#buffer) return;
    this.#buffer = buffer;
    this.#packets = new PacketColumns(this.#module);
    this.#entries = new EntryColumns(this.#module);
  }
}

function configureClasses(module: EmulatorExports, gateway: Gateway): void {
  const { byUpperHalf, entries } = addressClasses(gateway.snatEntries);
  const at = module.allocateEntries(entries.length);
  new Uint8Array(module.memory.buffer, module.classesByUpperHalf.value, byUpperHalf.length).set(byUpperHalf);
  const table = new Uint32Array(module.memory.buffer, at, entries.length * 3);
  entries.forEach((entry, index) => {
    table.set([entry.base, entry.mask, entry.class], index * 3);
  });
}

function configurePools(module: EmulatorExports, gateway: Gateway, natAddresses: readonly number[]): void {
  const pools = gateway.snatEntries.map((entry) => entry.eips.map((eip) => natAddresses.indexOf(eip)));
  const indexes = pools.flat();
  const poolsAt = module.allocatePools(pools.length);
  const indexesAt = module.allocatePoolAddresses(indexes.length);
  const addressesAt = module.allocateNatAddresses(natAddresses.length);
  const { buffer } = module.memory;
  let start = 0;
  const bounds = pools.flatMap(({ length }) => {
    const bound = [start, length];
    start += length;
    return bound;
  });
  new Uint32Array(buffer, poolsAt, bounds.length).set(bounds);
  new Uint32Array(buffer, indexesAt, indexes.length).set(indexes);
  new Uint32Array(buffer, addressesAt, natAddresses.length).set(natAddresses);
}
