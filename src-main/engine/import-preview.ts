import {
  PREVIEW_PACKETS,
  type GatewayChoice,
  type GatewayFacts,
  type ImportPreview,
  type ImportPreviewRequest,
  type PreviewedSource,
  type Remedy,
  type RemedyReport,
} from '../contract/import-preview';
import { AppError } from '../contract/errors';
import { DEFAULT_MAX_EXPANSION, type TunnelLayer } from '../contract/imports';
import type { MergeSource } from '../capture/capture-merge';
import type { Database } from '../duckdb/database';
import { formatIpv4, formatNetwork, isInNetwork } from '../nat/address-text';
import { DEFAULT_EIP, type Gateway, type Network } from '../nat/gateway';
import { onOneClock } from './capture-clocks';
import { surveyCaptures } from './capture-survey';
import { chosenGateway } from './chosen-gateway';
import type { CallContext } from './engine-calls';
import { lazyFileSource } from './file-source';
import { readAgain } from './ledger-packets';
import type { StoredOptions } from './run-captures';
import { allSourcesOf } from './run-sources';
import { SearchTurns } from './search-turns';
import { readTrafficHead, type TrafficHead } from './traffic-head';
import { UnpackedSource } from './unpack/unpacked-source';

/**
 * Networks that are tried, each of which costs reading the first packets once more: first such as sites are given most often,
 * then, where both ends are in one of these, single hosts.
 */
const TRIED = [
  { prefixBits: 24, count: 3 },
  { prefixBits: 32, count: 1 },
];
/** First addresses of the networks for documentation: one that is no host of the capture is the default EIP. @see RFC 5737 */
const FREE_EIPS = [DEFAULT_EIP, 0xc6336401, 0xc0000201];
const NO_STREAMS: ReadonlyMap<string, string> = new Map();

type PreviewContext = Pick<CallContext<'import:preview'>, 'signal'>;

/** The first packets of captures, opened anew for each gateway that they are run through. */
interface HeadTask {
  readonly open: () => readonly MergeSource[];
  readonly layer: TunnelLayer;
  readonly turns: SearchTurns;
}

/**
 * Tells what a gateway would do with captures, from their first packets, and writes nothing.
 *
 * @throws AppError GATEWAY_INVALID that names all that is wrong with the configuration; OPTION_INVALID; CAPTURE_* when none of
 * the captures can be read; QUERY_CANCELLED
 */
export async function previewImport(
  { captures, layer, sessionLog, ...choice }: ImportPreviewRequest,
  { signal }: PreviewContext,
): Promise<ImportPreview> {
  const { gateway, warnings } = chosenGateway(choice);
  const options = { keepGoing: true, again: true, maxExpansion: DEFAULT_MAX_EXPANSION, streams: NO_STREAMS };
  const surveyed = await surveyCaptures(captures, options, signal);
  const survey = await onOneClock(surveyed, { gateway, layer, maxExpansion: DEFAULT_MAX_EXPANSION }, signal);
  const [first] = survey.skipped;
  if (survey.captures.length === 0 && first !== undefined) {
    throw new AppError(first.code, first.message, { file: first.path });
  }
  const open = (): readonly MergeSource[] =>
    survey.captures.map(({ path, file, firstSec, firstNsec, clock }) => ({
      source: new UnpackedSource(lazyFileSource(path, file?.sizeBytes ?? 0), DEFAULT_MAX_EXPANSION),
      ...{ firstSec, firstNsec, mayBeLeftOut: true, clock },
    }));
  const task = { open, layer, turns: new SearchTurns(signal, () => undefined) };
  const { head, isWhole, unreadable } = await headOf(task, gateway);
  return {
    gateway: factsOf(gateway, warnings),
    packets: head.packets,
    isWhole,
    translated: head.translated,
    notTranslated: head.notTranslated,
    sources: sourcesOf(gateway, head),
    remedies: sessionLog === undefined ? await remediesOf(task, choice, head) : [],
    skipped: survey.skipped,
    unreadable,
  };
}

/**
 * Tells what would have helped an import that translated nothing.
 *
 * @throws AppError RUN_NOT_FOUND, CAPTURE_NOT_FOUND, CAPTURE_CHANGED, CAPTURE_NOT_KEPT, CAPTURE_UNREADABLE, QUERY_CANCELLED
 */
export async function readRemedies(
  database: Database,
  run: number,
  { signal }: Pick<CallContext<'import:remedies'>, 'signal'>,
): Promise<RemedyReport> {
  const { read, gateway, layer } = await readAgain(database, run);
  const { gateway: configuration, inside, eips, seed } = read.options as StoredOptions & GatewayChoice;
  const task = { open: () => allSourcesOf(read), layer, turns: new SearchTurns(signal, () => undefined) };
  const { head, isWhole } = await headOf(task, gateway);
  const remedies = await remediesOf(task, { gateway: configuration, inside, eips, seed }, head);
  return { packets: head.packets, isWhole, remedies };
}

function headOf({ open, layer, turns }: HeadTask, gateway: Gateway): ReturnType<typeof readTrafficHead> {
  return readTrafficHead(open(), { gateway, layer, most: PREVIEW_PACKETS }, turns);
}

function factsOf(gateway: Gateway, warnings: readonly string[]): GatewayFacts {
  const { instance, profile, portPolicy, windowSec, windowPhase, seed } = gateway;
  return { instance, profile, portPolicy, windowSec, windowPhase, seed, warnings };
}

function sourcesOf({ snatEntries }: Gateway, head: TrafficHead): readonly PreviewedSource[] {
  return snatEntries.map(({ id, network, eips }, index) => {
    return { id, network: formatNetwork(network), eips: eips.map(formatIpv4), ...head.ofEntry(index) };
  });
}

/** The networks of those who began what was not translated, each tried out; without those that would not help either. */
async function remediesOf(task: HeadTask, choice: GatewayChoice, head: TrafficHead): Promise<readonly Remedy[]> {
  if (head.translated.packets > 0) return [];
  for (const { prefixBits, count } of TRIED) {
    const remedies: Remedy[] = [];
    for (const network of head.clientNetworks(prefixBits, count)) {
      const remedy = withPrivateSide(choice, network, head);
      const gateway = gatewayOrNull(remedy);
      if (gateway === null) continue;
      const { hosts, packets } = (await headOf(task, gateway)).head.ofEntry(0);
      if (packets > 0) remedies.push({ network: formatNetwork(network), hosts, packets, choice: remedy });
    }
    if (remedies.length > 0) return remedies.toSorted((a, b) => b.packets - a.packets);
  }
  return [];
}

/** The same gateway in front of another private side. */
function withPrivateSide(
  { gateway, inside: _, eips, seed }: GatewayChoice,
  network: Network,
  head: TrafficHead,
): GatewayChoice {
  if (gateway !== undefined) {
    return { gateway: { ...gateway, snatEntries: [{ sourceCidr: formatNetwork(network) }] }, inside: [], eips, seed };
  }
  const free = FREE_EIPS.find((eip) => !isInNetwork(eip, network) && !head.hasSeen(eip)) ?? DEFAULT_EIP;
  const isDefault = eips.length > 0 || free === DEFAULT_EIP;
  return { inside: [formatNetwork(network)], eips: isDefault ? eips : [formatIpv4(free)], seed };
}

/** @returns null where it is none, as its EIP would be inside */
function gatewayOrNull(choice: GatewayChoice): Gateway | null {
  try {
    return chosenGateway(choice).gateway;
  } catch (cause) {
    if (cause instanceof AppError) return null;
    throw cause;
  }
}
