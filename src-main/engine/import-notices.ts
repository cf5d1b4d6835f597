import { STANDARD_INPUT } from '../contract/imports';
import { LOSS_TEXT, REASON_TEXT, hasLosses, unreadableBytes, type Ledger, type Reason } from '../contract/ledger';
import type { Notice } from '../contract/result-batch';
import type { Logstore } from '../duckdb/catalogue';
import type { Gateway } from '../nat/gateway';
import { unmatchedSources } from '../nat/unmatched-sources';
import { linkTypeName } from '../capture/link-type-names';
import { GAP_SEC, type GapFacts } from '../window/packet-gaps';
import type { Survey, SurveyedCapture } from './capture-survey';
import type { ImportResult } from './import-captures';
import { counted, inWords } from './notice-text';
import { sideNotices } from './side-notices';

export function indexNotice(logstore: Logstore): Notice {
  return {
    kind: 'info',
    text: `Logstore ${logstore.name} had no index; the recommended one for session logs was created.`,
  };
}

/** By what a gateway does with packets whose window is closed. */
const WHAT_BECAME: Readonly<Record<Gateway['latePolicy'], string>> = {
  revise: 'the entries of their windows were corrected, and are of revision 1',
  carry: 'they count in the window that was open, and those entries are flagged',
  drop: 'they count in no entry',
};

/** What whoever reads the log must know of this run; kept with it. */
export function noticesOf(run: number, result: ImportResult, gateway: Gateway): Notice[] {
  const notices: Notice[] = [];
  const { ledger } = result;
  if (hasLosses(ledger)) {
    const parts = [
      ...(ledger.fileBytes.unreadable.length > 0 ? [unreadablePart(ledger)] : []),
      ...[...LOSS_TEXT].flatMap(([reason, text]) => {
        const count = ledger.packets.notInEntries[reason] ?? 0;
        return count > 0 ? [`${count} ${text}`] : [];
      }),
    ];
    notices.push({ kind: 'losses', text: `Run ${run} is incomplete: ${parts.join(', ')}.` });
  }
  for (const text of unmatchedSources(gateway)) notices.push({ kind: 'info', text });
  if (result.latePackets > 0) {
    notices.push({
      kind: 'info',
      text: `${result.latePackets} packets came more than two seconds late and after their window had closed: ${WHAT_BECAME[gateway.latePolicy]}.`,
    });
  }
  if (result.clockSteps > 0) {
    notices.push({
      kind: 'info',
      text: `The clock of the captures was set back ${result.clockSteps === 1 ? 'once' : `${result.clockSteps} times`} for good, by more than ${gateway.jumpSec} s: every session ended there, and what follows is a capture epoch of its own.`,
    });
  }
  if (result.gaps !== null) notices.push(gapNotice(result.gaps));
  notices.push(...sideNotices(result));
  if (result.unpairedEarly > 0) {
    notices.push({
      kind: 'losses',
      isBesideLedger: true,
      text: `${result.unpairedEarly} packets could not wait 50 ms for their copies on the other side of the gateway, since more than 131,072 came meanwhile: some may count twice. Import a shorter capture, or one of each side.`,
    });
  }
  if (result.impossibleTimes > 0) {
    notices.push({
      kind: 'info',
      text: `${counted(result.impossibleTimes)} with a time before 1970 or after 2262, which no log entry can hold: each counts at the time of the packet before it in its file, or at the beginning of 1970 where there is none.`,
    });
  }
  if (result.repairedTimes > 0) {
    notices.push({
      kind: 'info',
      text: `${counted(result.repairedTimes)} with a time that cannot be, zero or years from those around them: each counts at the time of the packet before it, and the first ones of a capture at that of the one behind.`,
    });
  }
  if (result.nat64Packets > 0) {
    notices.push({
      kind: 'info',
      text: `nat64_like: ${counted(result.nat64Packets)} of IPv6 to or from 64:ff9b::/96, which stands for IPv4 hosts behind a NAT64 translator. This gateway translates IPv4 only: capture behind the translator to see those sessions.`,
    });
  }
  if (result.aggregatedPackets > 0) {
    notices.push({
      kind: 'losses',
      text: `${counted(result.aggregatedPackets)} in no log entry and in no reason of the ledger: they shared aggregated frames of IEEE 802.11 (A-MSDU) with other packets, and a frame counts as one.`,
    });
  }
  if (result.unknownLinkTypes.length > 0) notices.push(unknownLinkTypes(result));
  if (result.logEntries === 0 && result.packets > 0) notices.push(nothingTranslated(result, gateway));
  return notices;
}

/** @see nat-gateway reference §6 */
function gapNotice({ count, longestSec, fromSec }: GapFacts): Notice {
  const from = new Date(fromSec * 1000).toISOString().replace('.000Z', 'Z');
  const others = count === 1 ? '' : `, the longest of ${count} gaps over ${GAP_SEC} s`;
  const text = `gap: no packet came for ${Number(longestSec.toFixed(3))} s${inWords(longestSec)} from ${from} on${others}. Sessions went on meanwhile as far as their timers let them.`;
  return { kind: 'info', text };
}

/** Link types that a notice names; a capture may have any number of them. */
const NAMED_LINK_TYPES = 5;

function unknownLinkTypes({ unknownLinkTypes: types }: ImportResult): Notice {
  const named = types
    .slice(0, NAMED_LINK_TYPES)
    .map(({ linkType, packets }) => `${linkTypeName(linkType)}: ${counted(packets)}`);
  const others = types.slice(NAMED_LINK_TYPES);
  const rest = others.reduce((sum, { packets }) => sum + packets, 0);
  const more = others.length > 0 ? `; ${others.length} others: ${counted(rest)}` : '';
  return { kind: 'info', text: `Packets of link types that cannot be decoded: ${named.join(', ')}${more}.` };
}

/** Of a damaged compressed capture, nobody knows how much is missing. */
function unreadablePart(ledger: Ledger): string {
  const bytes = unreadableBytes(ledger);
  return bytes > 0
    ? `${bytes.toLocaleString('en-US')} unreadable ${bytes === 1 ? 'byte' : 'bytes'}`
    : 'damaged compressed data';
}

export function writtenNotice({ path, isUnsteady }: SurveyedCapture): Notice {
  const rest =
    isUnsteady === true ? '; what came after that is not in the log, and a later import is not recognised' : '';
  return { kind: 'info', text: `${path} was written to while it was read, and counts as far as it was read${rest}.` };
}

export function pipeNotices({ captures }: Survey): Notice[] {
  const pipes = captures.filter(({ file }) => file === null);
  if (pipes.length === 0) return [];
  const names = pipes.map(({ path }) => (path === STANDARD_INPUT ? 'standard input' : path));
  return [{ kind: 'info', text: `What came from ${names.join(', ')} was not kept: it cannot be read again.` }];
}

function nothingTranslated({ ledger }: ImportResult, gateway: Gateway): Notice {
  const reasons = Object.entries(ledger.packets.notInEntries) as [Reason, number][];
  const [most] = reasons.toSorted(([, a], [, b]) => b - a);
  const why = most === undefined ? '' : ` Most packets (${most[1]}): ${REASON_TEXT[most[0]]}`;
  const isForeign = most?.[0] === 'no_snat_entry' || most?.[0] === 'intra';
  const remedy = isForeign
    ? ' If the hosts behind your gateway have other addresses, name them with --inside, or in SNAT entries of its configuration.'
    : '';
  return { kind: 'info', text: `${gateway.instance} translated nothing.${why}${remedy}` };
}
