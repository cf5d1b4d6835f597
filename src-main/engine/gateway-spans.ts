import type { NatTableRun } from '../contract/nat-table';
import type { EntrySpan, GatewaySnapshot, SpanChange } from '../duckdb/nat-table';
import { networkBase } from '../nat/address-text';
import { OTHER_TIMEOUTS_SEC, inOrder, translatedAddresses } from '../nat/configure-emulator';
import type { Gateway, SnatEntry } from '../nat/gateway';

const NANOS_PER_SEC = 1_000_000_000n;

/**
 * One gateway while one capture epoch of its run was read: it begins without sessions, and ends with all of them. Times are
 * nanoseconds since 1970.
 */
export interface GatewaySpan {
  readonly run: number;
  readonly epoch: number;
  readonly gateway: Gateway;
  /** No session begins before. */
  readonly fromNs: bigint;
  /** No session is alive any more. */
  readonly untilNs: bigint;
}

/** @returns a span for each of the entries' whose sessions are known */
export function gatewaySpans(
  entrySpans: readonly EntrySpan[],
  snapshots: ReadonlyMap<number, GatewaySnapshot>,
): readonly GatewaySpan[] {
  const lastEpochs = new Map(entrySpans.map(({ run, epoch }) => [run, epoch]));
  return entrySpans.flatMap(({ run, epoch, firstSec, lastWindow, unknown }) => {
    const snapshot = snapshots.get(run);
    if (snapshot === undefined || unknown > 0) return [];
    // As `beginRun` wrote it.
    const gateway = JSON.parse(snapshot.gateway) as Gateway;
    // The latest packet may be of an epoch before the last.
    const lastPacketSec = epoch === 0 ? snapshot.latestSec : snapshot.lastSec;
    // The sessions of a last window end with it. Packets that have no entry may come after that one.
    const isLast = lastEpochs.get(run) === epoch;
    const untilSec = Math.max(lastWindow + gateway.windowSec, isLast ? (lastPacketSec ?? -Infinity) + 1 : -Infinity);
    return [
      { run, epoch, gateway, fromNs: BigInt(firstSec) * NANOS_PER_SEC, untilNs: BigInt(untilSec) * NANOS_PER_SEC },
    ];
  });
}

/** How long a session can be alive behind its last packet, at most, whatever its state. */
export function longestTimeoutSec(spans: readonly GatewaySpan[]): number {
  return spans.reduce((longest, { gateway: { timeouts, otherProtocols } }) => {
    const others = otherProtocols === 'translate' ? OTHER_TIMEOUTS_SEC : [];
    return Math.max(longest, ...Object.values<number>({ ...timeouts }), ...others);
  }, 0);
}

/** How long a port can be held back after its session has ended, at most. */
export function longestHoldSec(spans: readonly GatewaySpan[]): number {
  return spans.reduce(
    (longest, { gateway }) => Math.max(longest, ...Object.values<number>({ ...gateway.portHold })),
    0,
  );
}

/**
 * The changes of gateways that were made in a span until an instant. Each is made once, in the first epoch whose time reaches it.
 *
 * @param all spans of the runs
 */
export function changesUntil(spans: readonly GatewaySpan[], all: readonly GatewaySpan[], atNs: bigint): SpanChange[] {
  return spans.flatMap((span) => {
    const { run, epoch, gateway } = span;
    const before = all.filter((other) => other.run === run && other.epoch < epoch);
    return inOrder(gateway.changes).flatMap(({ atSec, snatEntries }): SpanChange[] => {
      const changeNs = BigInt(Math.ceil(atSec)) * NANOS_PER_SEC;
      if (changeNs > atNs || before.some(({ untilNs }) => changeNs < untilNs)) return [];
      return [{ run, epoch, atNs: changeNs, entries: entriesInOrder(snatEntries) }];
    });
  });
}

/** The longest prefix comes first, as for the gateway. */
function entriesInOrder(snatEntries: readonly SnatEntry[]): SpanChange['entries'] {
  return snatEntries
    .toSorted((one, other) => other.network.prefixBits - one.network.prefixBits)
    .map(({ network: { base, prefixBits }, eips }) => ({ base, mask: networkBase(0xffff_ffff, prefixBits), eips }));
}

/** Ports that one public address can have in use towards one destination. */
export function portLimit({ maxPerEipPerDestination, portMin, portMax }: Gateway): number {
  return Math.min(maxPerEipPerDestination, portMax - portMin + 1);
}

/** Each run once. */
export function runsOf(spans: readonly GatewaySpan[]): NatTableRun[] {
  const byRun = new Map(spans.map(({ run, gateway }) => [run, gateway]));
  return [...byRun].map(([run, gateway]) => ({
    run,
    instance: gateway.instance,
    eips: translatedAddresses(gateway).length,
    portsPerDestination: portLimit(gateway),
  }));
}
