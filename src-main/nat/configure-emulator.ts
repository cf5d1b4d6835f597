import { PORT_POLICIES } from '../contract/gateway-words';
import { addressClasses } from './address-classes';
import { networkBase } from './address-text';
import type { EmulatorExports } from './emulator';
import {
  DEFAULT_EIP,
  type Gateway,
  type GatewayChange,
  type Network,
  type SessionLimits,
  type SessionTimeouts,
  type SnatEntry,
} from './gateway';

/** Order of the states in the emulator's table of time-outs. */
const TIMEOUTS_BY_STATE: readonly (keyof SessionTimeouts)[] = [
  'udp',
  'udpReplied',
  'icmp',
  'tcpOpening',
  'tcpSynReceived',
  'tcpEstablished',
  'tcpFinFromVpc',
  'tcpFinFromPub',
  'tcpClosing',
  'tcpReset',
];

/**
 * Idle seconds of the states that come then: GRE in one direction and in both; SCTP after an INIT, its answer, the cookie, when it is
 * established, after a SHUTDOWN, its answer, when it was closed, was cut off, and after a HEARTBEAT; and all other protocols.
 *
 * @see Linux, Documentation/networking/nf_conntrack-sysctl.rst; nat-gateway reference §2.1
 */
export const OTHER_TIMEOUTS_SEC = [30, 180, 10, 3, 3, 210, 3, 3, 10, 10, 30, 600] as const;

/** Bits of the emulator's options, in their order. */
const OPTIONS: readonly ((gateway: Gateway) => boolean)[] = [
  (gateway) => gateway.mapping === 'eim',
  (gateway) => gateway.bindMode === 'NAT',
  (gateway) => gateway.midstream === 'drop',
  (gateway) => gateway.onIdleExpiry !== 'repick',
  (gateway) => !gateway.udpInboundRefresh,
  (gateway) => gateway.icmpReply,
  (gateway) => gateway.vlanAware,
  (gateway) => gateway.latePolicy === 'drop',
  (gateway) => gateway.filtering === 'adf',
  (gateway) => gateway.filtering === 'eif',
  (gateway) => gateway.timeModel === 'aliflow',
  (gateway) => gateway.latePolicy === 'revise',
  (gateway) => gateway.onIdleExpiry === 'rst',
  (gateway) => gateway.windowPhase === 'session',
  (gateway) => gateway.otherProtocols === 'translate',
];

const AFFINITY = 1;
const SOFT_AFFINITY = 2;
const NO_LIMIT = 0xffff_ffff;

/** An address that sessions are translated to, and the public one behind it, which differs in bind mode NAT. */
interface TranslatedAddress {
  readonly natIp: number;
  readonly eip: number;
}

/** Writes what a gateway is into a new instance of the emulator. */
export function configureEmulator(module: EmulatorExports, gateway: Gateway): void {
  const addresses = translatedAddresses(gateway);
  module.setPorts(gateway.portMin, gateway.portMax, gateway.maxPerEipPerDestination, gateway.seed);
  const { tcp, udp, icmp } = gateway.portHold;
  new Float64Array(module.memory.buffer, module.portHolds.value, 3).set([tcp, udp, icmp]);
  module.setPortPolicy(PORT_POLICIES.indexOf(gateway.portPolicy), gateway.portBlockSize, gateway.maxBlocksPerHost);
  module.setOptions(OPTIONS.reduce((bits, isOn, place) => bits | (isOn(gateway) ? 1 << place : 0), 0));
  configureLimits(module, gateway.limits);
  const stateTimeouts = [...TIMEOUTS_BY_STATE.map((state) => gateway.timeouts[state]), ...OTHER_TIMEOUTS_SEC];
  const timeouts = new Float64Array(module.memory.buffer, module.timeouts.value, stateTimeouts.length);
  timeouts.set(stateTimeouts);
  const addressesAt = module.allocateNatAddresses(addresses.length);
  const words = addresses.flatMap(({ natIp, eip }) => [natIp, eip]);
  new Uint32Array(module.memory.buffer, addressesAt, words.length).set(words);
  const { noNatNetworks, otherNetworks = [] } = gateway;
  writeNetworks(module, module.allocateNoNat(noNatNetworks.length), noNatNetworks);
  writeNetworks(module, module.allocateOthers(otherNetworks.length), otherNetworks);
  configurePools(module, gateway);
  configureEntries(module, gateway, gateway.snatEntries, 0);
}

function writeNetworks({ memory }: EmulatorExports, at: number, networks: readonly Network[]): void {
  const words = networks.flatMap(({ base, prefixBits }) => [base, networkBase(0xffff_ffff, prefixBits)]);
  new Uint32Array(memory.buffer, at, words.length).set(words);
}

/** Every SNAT entry that the gateway ever has, in the order of the emulator's indexes: first those that it begins with. */
export function entriesOfAllTimes({ snatEntries, changes }: Gateway): SnatEntry[] {
  return [...snatEntries, ...inOrder(changes).flatMap((change) => change.snatEntries)];
}

/** @returns changes in the order in which they are made */
export function inOrder(changes: readonly GatewayChange[]): GatewayChange[] {
  return changes.toSorted((one, other) => one.atSec - other.atSec);
}

/**
 * Exchanges the SNAT entries of an instance.
 *
 * @param firstEntry index of the first of them among the entries of all times
 */
export function configureEntries(
  module: EmulatorExports,
  gateway: Gateway,
  snatEntries: readonly SnatEntry[],
  firstEntry: number,
): void {
  const { byUpperHalf, entries } = addressClasses({ ...gateway, snatEntries }, firstEntry);
  const at = module.allocateEntries(entries.length);
  new Uint8Array(module.memory.buffer, module.classesByUpperHalf.value, byUpperHalf.length).set(byUpperHalf);
  const table = entries.flatMap((entry) => [entry.base, entry.mask, entry.class]);
  new Uint32Array(module.memory.buffer, at, table.length).set(table);
}

function configurePools(module: EmulatorExports, gateway: Gateway): void {
  const snatEntries = entriesOfAllTimes(gateway);
  const addresses = translatedAddresses(gateway);
  const pools = snatEntries.map(({ eips }) => eips.map((eip) => addresses.findIndex((each) => each.eip === eip)));
  const indexes = pools.flat();
  const poolsAt = module.allocatePools(pools.length);
  const indexesAt = module.allocatePoolAddresses(indexes.length);
  let start = 0;
  const words = snatEntries.flatMap(({ eips, affinity, softAffinity, network }) => {
    const options = (affinity ? AFFINITY : 0) | (softAffinity ? SOFT_AFFINITY : 0);
    const pool = [start, eips.length, options, network.base];
    start += eips.length;
    return pool;
  });
  const { buffer } = module.memory;
  new Uint32Array(buffer, poolsAt, words.length).set(words);
  new Uint32Array(buffer, indexesAt, indexes.length).set(indexes);
}

/** Of all entries that the gateway ever has, each once. */
export function translatedAddresses(gateway: Gateway): TranslatedAddress[] {
  const { addresses, bindMode } = gateway;
  const entries = entriesOfAllTimes(gateway);
  const eips = new Set([...addresses.map(({ address }) => address), ...entries.flatMap((entry) => entry.eips)]);
  const boundTo = new Map(addresses.map(({ address, privateAddress }) => [address, privateAddress]));
  return [...eips].map((eip) => ({ natIp: (bindMode === 'NAT' ? boundTo.get(eip) : null) ?? eip, eip }));
}

/**
 * The addresses by which packets that were captured behind the gateway are known, host order. None for a gateway with
 * nothing but the address that stands for one that nobody named.
 */
export function observableAddresses(gateway: Gateway): number[] {
  const addresses = translatedAddresses(gateway);
  if (gateway.hasNamedDefault !== true && addresses.every(({ eip }) => eip === DEFAULT_EIP)) return [];
  return [...new Set(addresses.flatMap(({ natIp, eip }) => [natIp, eip]))];
}

function configureLimits(module: EmulatorExports, limits: SessionLimits): void {
  module.setLimits(
    limits.maxSessions ?? NO_LIMIT,
    limits.maxNewPerSec ?? NO_LIMIT,
    limits.maxPortsPerHost ?? NO_LIMIT,
    limits.maxNewPerSecPerHost ?? NO_LIMIT,
  );
}
