import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { SctpStep } from './sctp';
import { hasTool, type ToolName } from './tools';

/*
 * A real NAT: three network namespaces of this machine, of which the middle one translates with nftables, and tcpdump on
 * both of its sides. Nothing of it is seen outside of them.
 */

const NEEDED: readonly ToolName[] = ['ip', 'nft', 'tcpdump', 'python3'];

/** Addresses of the hosts inside, of the servers outside, and of the gateway between them. */
export const KERNEL_NAT = {
  hosts: ['10.77.0.2', '10.77.0.3', '10.77.0.4'],
  servers: ['198.51.100.2', '198.51.100.3'],
  natAddresses: ['198.51.100.10', '198.51.100.11'],
} as const;

/** A session as its two ends know it: what the client bound, and whom the server saw. */
export interface KernelTruth {
  readonly protocol: number;
  readonly pri: string;
  readonly pub: string;
  readonly nat: string;
}

export interface KernelNatRun {
  readonly insidePath: string;
  readonly outsidePath: string;
  /** Of every session that its server answered, in the order of the answers. */
  readonly truth: readonly KernelTruth[];
}

/** A statement of nftables that translates what goes out, such as `masquerade` or `snat to 198.51.100.10`. */
export interface KernelNatOptions {
  readonly rule: string;
  /** Settings of the gateway's kernel, below /proc/sys/net. */
  readonly sysctls?: Readonly<Record<string, number>>;
  /** The ends compute checksums themselves, so that captures have those that are sent. Default: it is left to the devices. */
  readonly sendsChecksums?: boolean;
  /** What the clients do, see `kernel-nat-client.py`. */
  readonly script: readonly (readonly (string | number)[])[];
}

/**
 * Netfilter of Linux 6.18 takes the checksum of UDP-Lite for one of UDP, whose pseudo header differs: packets with a right one are not
 * translated unless a device has looked at it, which none does here, or nobody does.
 */
export const UNCHECKED: NonNullable<KernelNatOptions['sysctls']> = { 'netfilter/nf_conntrack_checksum': 0 };

const SOME_NAT =
  'add table ip t; add chain ip t c { type nat hook postrouting priority 100; }; add rule ip t c masquerade';

/** @returns why there can be no such NAT on this machine; null where there can */
export function kernelNatMissing(): string | null {
  if (process.getuid?.() !== 0) return 'only root can make network namespaces';
  const missing = NEEDED.find((name) => !hasTool(name));
  if (missing !== undefined) return `${missing} is missing`;
  const tried = spawnSync('unshare', ['-n', 'nft', SOME_NAT], { encoding: 'utf8' });
  if (tried.status === 0) return null;
  const [why = 'unshare cannot be run'] = (tried.error?.message ?? tried.stderr).trim().split('\n');
  return `this machine makes no namespace with NAT (nf_nat): ${why}`;
}

/** @returns timers of connections by which the kernel's NAT goes in a new namespace, below `net/netfilter/nf_conntrack_`, in seconds */
export function kernelTimeoutsSec(names: readonly string[]): number[] {
  const files = names.map((name) => `/proc/sys/net/netfilter/nf_conntrack_${name}`).join(' ');
  const { stdout } = spawnSync('unshare', ['-n', 'sh', '-c', `nft '${SOME_NAT}' && cat ${files}`], {
    encoding: 'utf8',
  });
  return stdout.trim().split('\n').map(Number);
}

/** What the kernel does with a packet, and how many seconds its session has left then, rounded down; null without one. */
export type FollowedStep = readonly [isTranslated: boolean, secondsLeft: number | null];

/** @returns why the kernel's sessions of SCTP cannot be looked at; null where they can */
export function kernelSctpMissing(): string | null {
  const missing = kernelNatMissing();
  if (missing !== null) return missing;
  const names = '/proc/sys/net/netfilter/nf_conntrack_sctp_timeout_heartbeat_sent';
  if (!existsSync(names)) return 'this kernel follows no associations of SCTP';
  return existsSync('/proc/net/nf_conntrack')
    ? null
    : 'this kernel does not show its sessions (/proc/net/nf_conntrack)';
}

/** @param walks packets, and seconds to wait, of an association each */
export async function followKernelSctp(walks: readonly (readonly (SctpStep | number)[])[]): Promise<FollowedStep[][]> {
  const names = namesOf(`ns${process.pid}x${runs++}`);
  try {
    makeNetworks(names, `snat to ${KERNEL_NAT.natAddresses[0]}`);
    // The gateway has no sessions of its own with who sends to it.
    const chain = 'add chain ip t i { type filter hook input priority 0; policy drop; }';
    run(inside(names.gateway, ['nft', chain]));
    const [address, nat] = [KERNEL_NAT.servers[0], KERNEL_NAT.natAddresses[0]];
    const ends = [names.host, names.gateway, names.server, KERNEL_NAT.hosts[0], address, nat];
    return JSON.parse(await finished(python('kernel-sctp.py', ...ends, JSON.stringify(walks)))) as FollowedStep[][];
  } finally {
    for (const name of Object.values(names)) spawnSync('ip', ['netns', 'del', name]);
  }
}

/** Runs clients inside of the NAT until they are done, and removes all of it, whatever happens. */
export async function runKernelNat(
  folder: string,
  { rule, sysctls = {}, sendsChecksums = false, script }: KernelNatOptions,
): Promise<KernelNatRun> {
  const insidePath = join(folder, 'inside.pcap');
  const outsidePath = join(folder, 'outside.pcap');
  const names = namesOf(`ns${process.pid}x${runs++}`);
  const children: ChildProcess[] = [];
  try {
    makeNetworks(names, rule);
    if (sendsChecksums)
      for (const end of [names.host, names.server]) run(inside(end, python('send-checksums.py', 'eth0')));
    for (const [name, value] of Object.entries(sysctls)) run(inside(names.gateway, setting(name, String(value))));
    children.push(await started(inside(names.server, python('kernel-nat-server.py', ...KERNEL_NAT.servers)), 'ready'));
    for (const [side, path] of [
      ['in0', insidePath],
      ['out0', outsidePath],
    ] as const) {
      const capture = ['tcpdump', '-i', side, '-s', '256', '-U', '--immediate-mode', '-B', '8192', '-w', path, 'ip'];
      children.push(await started(inside(names.gateway, capture), 'listening on'));
    }
    const client = await finished(inside(names.host, python('kernel-nat-client.py', JSON.stringify(script))));
    const truth = client
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as KernelTruth);
    // Nobody tells when tcpdump has written the last packets of the connections that have just ended.
    await wait(200);
    return { insidePath, outsidePath, truth };
  } finally {
    await Promise.all(children.map(stopped));
    for (const name of Object.values(names)) spawnSync('ip', ['netns', 'del', name]);
  }
}

let runs = 0;

interface Names {
  readonly host: string;
  readonly gateway: string;
  readonly server: string;
}

function namesOf(prefix: string): Names {
  return { host: `${prefix}-host`, gateway: `${prefix}-gateway`, server: `${prefix}-server` };
}

function makeNetworks({ host, gateway, server }: Names, rule: string): void {
  for (const name of [host, gateway, server]) run(['ip', 'netns', 'add', name]);
  run(['ip', '-n', gateway, 'link', 'add', 'in0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host]);
  run(['ip', '-n', gateway, 'link', 'add', 'out0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', server]);
  for (const address of KERNEL_NAT.hosts) run(['ip', '-n', host, 'addr', 'add', `${address}/24`, 'dev', 'eth0']);
  for (const address of KERNEL_NAT.servers) run(['ip', '-n', server, 'addr', 'add', `${address}/24`, 'dev', 'eth0']);
  run(['ip', '-n', gateway, 'addr', 'add', '10.77.0.1/24', 'dev', 'in0']);
  for (const address of KERNEL_NAT.natAddresses)
    run(['ip', '-n', gateway, 'addr', 'add', `${address}/24`, 'dev', 'out0']);
  for (const [name, device] of [
    [host, 'eth0'],
    [gateway, 'in0'],
    [gateway, 'out0'],
    [server, 'eth0'],
  ] as const) {
    run(['ip', '-n', name, 'link', 'set', device, 'up']);
    run(['ip', '-n', name, 'link', 'set', 'lo', 'up']);
  }
  run(['ip', '-n', host, 'route', 'add', 'default', 'via', '10.77.0.1']);
  run(inside(gateway, setting('ipv4/ip_forward', '1')));
  // So that the identifiers of pings can be chosen.
  run(inside(host, setting('ipv4/ping_group_range', '0 2147483647')));
  const chain = `add chain ip t c { type nat hook postrouting priority 100; }; add rule ip t c oifname "out0" ip saddr 10.77.0.0/24 ${rule}`;
  run(inside(gateway, ['nft', `add table ip t; ${chain}`]));
}

function inside(name: string, command: readonly string[]): string[] {
  return ['ip', 'netns', 'exec', name, ...command];
}

function setting(name: string, value: string): string[] {
  return ['sh', '-c', `echo "${value}" > /proc/sys/net/${name}`];
}

function python(file: string, ...args: readonly string[]): string[] {
  return ['python3', '-B', '-u', join(import.meta.dirname, file), ...args];
}

function run([program = '', ...args]: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr} ${error?.message ?? ''}`);
}

/** Resolves when the program prints a text. */
function started([program = '', ...args]: readonly string[], text: string): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let printed = '';
    const look = (chunk: Buffer): void => {
      printed += chunk.toString();
      if (printed.includes(text)) resolve(child);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`${program} ${args.join(' ')} ended: ${printed}`)));
  });
}

function finished([program = '', ...args]: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')}: ${stderr}`));
    });
  });
}

/** Ends the program so that it writes what it holds. */
function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.on('exit', () => resolve());
    child.kill('SIGINT');
  });
}
