import { namedDefault, type Gateway, type GatewayChange } from '../gateway';
import { isCovered } from '../network-cover';
import { profileValues, type ProfileField, type ProfileName, type ProfileValues } from '../profiles';
import { gatewayProfile, RECORDING, type Recording } from '../profiles/gateway-profile';
import { defaultEntries, readEntries, refuseInside, type PlacedEntry, type Surroundings } from './entries';
import { readDnatMappings, readHostEips } from './exclusions';
import { gatewayShape, type GatewayFile } from './gateway-shape';
import { checkVpc, checkVSwitches, vpcNetworks, vSwitchNetworks } from './networks';
import { readPool } from './pool';
import { Problems } from './problems';
import { exceededQuotas, quotaText } from './quotas';
import { checkBlocks, checkChanges, checkEntryCount, checkNumbers } from './rules';
import { warningsOf } from './warnings';

/** A gateway as a configuration describes it. */
export interface ConfiguredGateway {
  /** The whole of it, which a run keeps. */
  readonly gateway: Gateway;
  /** For people only. */
  readonly name: string | null;
  readonly profile: ProfileName;
  /** What the configuration decides in the place of the profile. */
  readonly changed: readonly ProfileField[];
  /** What is allowed, and worth knowing: whole sentences. */
  readonly warnings: readonly string[];
}

/**
 * Reads the configuration of a gateway, which is JSON that anybody may have written.
 *
 * It is read by hand, in this folder that imports no package, since a reader of our own can name the value and the rule
 * of each problem, go on behind it, and say which of the known keys was meant.
 *
 * @throws AppError GATEWAY_INVALID that names path, value and rule of everything that is wrong
 */
export function readGateway(input: unknown): ConfiguredGateway {
  const problems = new Problems();
  const file = gatewayShape.read(input, '', problems) ?? {};
  const profile = file.profile ?? 'alibaba';
  const given = givenValues(file);
  const values: ProfileValues = { ...profileValues(profile), ...given };
  checkVpc(file, problems);
  const pool = readPool(file, problems);
  const surroundings: Surroundings = { file, pool, eipAffinity: values.eipAffinity };
  const first =
    'snatEntries' in file
      ? readEntries(file.snatEntries ?? [], 'snatEntries', surroundings, problems)
      : defaultEntries(surroundings, problems);
  const changes = readChanges(file, surroundings, problems);
  const placed = [...first, ...changes.flatMap(({ entries }) => entries)];
  const gateway: Gateway = {
    instance: file.natGatewayId ?? 'ngw-default',
    vpcId: file.vpc?.vpcId ?? 'vpc-default',
    region: file.regionId ?? 'local',
    ...gatewayProfile(profile, values, recordingOf(file)),
    networkType: pool.networkType,
    billing: file.internetChargeType ?? 'PayByLcu',
    bindMode: pool.bindMode,
    addresses: pool.addresses,
    ...(pool.key in file && namedDefault(pool.addresses.map(({ address }) => address))),
    snatEntries: first.map(({ entry }) => entry),
    changes: changes.map(({ change }) => change),
    dnatMappings: readDnatMappings(file, pool, problems),
    hostEips: readHostEips(file, pool, problems),
    noNatNetworks: (file.noNatCidrs ?? []).filter((network) => network !== undefined),
    seed: file.seed ?? 0,
    ...othersOf(file),
    ...uncoveredOf(file, [first, ...changes.map(({ entries }) => entries)]),
  };
  if (pool.networkType === 'internet' && pool.bindMode === 'MULTI_BINDED') refuseInside(pool, placed, problems);
  checkVSwitches(file, problems);
  checkChanges(file, problems);
  checkEntryCount(placed, problems);
  checkNumbers(gateway, file, problems);
  checkBlocks(gateway, placed, problems);
  const exceeded = exceededQuotas(file, profile, pool);
  if (file.ignoreQuotas !== true) {
    for (const { quota, count, path } of exceeded) {
      problems.addMissing(
        path,
        `has ${count} items, above the quota of ${quotaText(quota)}; "ignoreQuotas": true allows it`,
      );
    }
  }
  problems.throwIfAny();
  const warnings = [
    ...exceeded.map(({ quota, count, path }) => `${path} has ${count} items, above the quota of ${quotaText(quota)}.`),
    ...warningsOf(gateway),
  ];
  const changed = Object.keys(given) as ProfileField[];
  return { gateway, name: file.name ?? null, profile, changed, warnings };
}

function othersOf({ otherGatewayCidrs = [] }: GatewayFile): Pick<Gateway, 'otherNetworks'> {
  const otherNetworks = otherGatewayCidrs.filter((network) => network !== undefined);
  return otherNetworks.length === 0 ? {} : { otherNetworks };
}

/** @param versions the SNAT entries of each time */
function uncoveredOf(
  { vpc, vSwitches }: GatewayFile,
  versions: readonly (readonly PlacedEntry[])[],
): Pick<Gateway, 'vpcNetworks'> {
  const blocks = vpcNetworks(vpc);
  // vSwitches are in the networks of their VPC, where those are given.
  const networks = blocks.length > 0 ? blocks : vSwitchNetworks(vSwitches);
  const uncovered = networks.filter((network) =>
    versions.some((entries) => {
      const sources = entries.map(({ entry }) => entry.network);
      return !isCovered(network, sources);
    }),
  );
  return uncovered.length === 0 ? {} : { vpcNetworks: uncovered };
}

interface PlacedChange {
  readonly change: GatewayChange;
  readonly entries: readonly PlacedEntry[];
}

function readChanges(file: GatewayFile, surroundings: Surroundings, problems: Problems): PlacedChange[] {
  return (file.changes ?? []).flatMap((change, index) => {
    if (change?.atSec === undefined || change.snatEntries === undefined) return [];
    const entries = readEntries(change.snatEntries, `changes[${index}].snatEntries`, surroundings, problems);
    return [{ change: { atSec: change.atSec, snatEntries: entries.map(({ entry }) => entry) }, entries }];
  });
}

const GROUPS = ['timeoutsSec', 'portHoldSec', 'limits'] as const;
const SINGLE_FIELDS = [
  ...['portMin', 'portMax', 'maxPerEipPerDestination', 'portPolicy', 'portBlockSize', 'maxBlocksPerHost'],
  ...[
    'otherProtocols',
    'mapping',
    'filtering',
    'midstream',
    'onIdleExpiry',
    'udpInboundRefresh',
    'icmpReplyEnabled',
    'eipAffinity',
  ],
] as readonly (keyof GatewayFile & ProfileField)[];

/** What a configuration says of what its profile decides otherwise. */
function givenValues(file: GatewayFile): Partial<ProfileValues> {
  const single = SINGLE_FIELDS.map((field) => [field, file[field]] as const);
  const grouped = GROUPS.flatMap((group) =>
    Object.entries(file[group] ?? {}).map(([key, value]) => [`${group}.${key}`, value] as const),
  );
  return Object.fromEntries([...single, ...grouped].filter(([, value]) => value !== undefined));
}

function recordingOf(file: GatewayFile): Recording {
  return {
    windowSec: file.windowSec ?? RECORDING.windowSec,
    windowPhase: file.windowPhase ?? RECORDING.windowPhase,
    timeModel: file.timeModel ?? RECORDING.timeModel,
    latePolicy: file.latePolicy ?? RECORDING.latePolicy,
    jumpSec: file.jumpSec ?? RECORDING.jumpSec,
    vlanAware: file.vlanAware ?? RECORDING.vlanAware,
    ipChecksums: file.ipChecksums ?? RECORDING.ipChecksums,
    dedupe: file.dedupe ?? RECORDING.dedupe,
    countUnpaired: file.countUnpaired ?? RECORDING.countUnpaired,
    redactDestination: file.redactDestination ?? RECORDING.redactDestination,
    // Runs of older versions have none, and are the same imports.
    ...(file.extraBytes === true && { extraBytes: true }),
  };
}
