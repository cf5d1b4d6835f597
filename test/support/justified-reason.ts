import { PROTOCOL } from '../../src-main/capture/packet-batch';
import type { Gateway } from '../../src-main/nat/gateway';
import { isPrivate, type NotedPacket } from './noted-packets';
import type { Entry } from './session-log';

const SYN = 0x02;
const ACK = 0x10;
/** FIN, SYN, RST, PSH, ACK, URG. */
const ANY_FLAG = 0x3f;
const QUERIES = [0, 8, 13, 14, 15, 16, 17, 18];
/** ICMP errors that a gateway translates. @see RFC 5508 REQ-10 */
const TRANSLATED_ERRORS = [3, 11, 12];

/** When sessions of a five-tuple lived, in nanoseconds. */
export class SessionLives {
  readonly #livesOf = new Map<string, { readonly fromNs: bigint; readonly toNs: bigint }[]>();

  constructor(entries: readonly Entry[]) {
    const ends = new Map<number, bigint>();
    for (const { sessionId, mappingEndNs } of entries) ends.set(sessionId, mappingEndNs);
    const begun = new Set<number>();
    for (const { sessionId, protocol, pri, pub, firstNs } of entries) {
      if (begun.has(sessionId)) continue;
      begun.add(sessionId);
      const tuple = `${protocol} ${pri} ${pub}`;
      const lives = this.#livesOf.get(tuple) ?? [];
      lives.push({ fromNs: firstNs, toNs: ends.get(sessionId)! });
      this.#livesOf.set(tuple, lives);
    }
  }

  /** Whether one lived between its first packet and its end; at either, the order of packets decides. */
  hasAt(tuple: string, ns: bigint): boolean {
    return this.#livesOf.get(tuple)?.some(({ fromNs, toNs }) => fromNs < ns && ns < toNs) ?? false;
  }
}

/** @returns what speaks against the reason for which a packet is in no entry; null when it is as specified */
export function objectionTo(packet: NotedPacket, lives: SessionLives, { midstream }: Gateway): string | null {
  const { reason, protocol, l4Kind, src, dst, own, quoted, tsNs } = packet;
  const isTcp = protocol === PROTOCOL.tcp;
  const isIcmp = protocol === PROTOCOL.icmp;
  const must = (holds: boolean, claim: string): string | null => (holds ? null : `${reason}, though not: ${claim}`);
  switch (reason) {
    case 'not_routable':
      return must(isNotRoutable(src) || isNotRoutable(dst), 'an end is not routable');
    case 'intra':
      return must(isPrivate(src) && isPrivate(dst), 'both ends inside');
    case 'no_snat_entry':
      return must(!isPrivate(src) && !isPrivate(dst), 'both ends outside');
    case 'unsupported_protocol':
      return must(!isTcp && !isIcmp && protocol !== PROTOCOL.udp, 'neither TCP, UDP nor ICMP');
    case 'frag_no_head':
      return must(packet.isLaterFragment, 'a later fragment');
    case 'icmp_unsupported':
      return must(
        isIcmp && ![...QUERIES, ...TRANSLATED_ERRORS].includes(l4Kind),
        'an ICMP type that is not translated',
      );
    case 'icmp_bad_checksum':
      return must(isIcmp && TRANSLATED_ERRORS.includes(l4Kind), 'an ICMP error');
    case 'icmp_no_session':
      return (
        must(isIcmp && TRANSLATED_ERRORS.includes(l4Kind), 'an ICMP error') ??
        must(quoted === null || !lives.hasAt(quoted.tuple, tsNs), 'about a session that is not alive')
      );
    case 'invalid_flags':
      return (
        must(isTcp && hasInvalidFlags(l4Kind), 'TCP flags that contradict each other') ??
        must(!lives.hasAt(own?.tuple ?? '', tsNs), 'of a session that is not alive')
      );
    case 'no_session':
      return (
        must(
          // The answer to a SYN shows a connection that was asked for before.
          isTcp && (l4Kind & (SYN | ACK)) !== SYN ? midstream === 'drop' : own?.isOut === false,
          'from outside, and not of a session that was under way',
        ) ?? must(!lives.hasAt(own?.tuple ?? '', tsNs), 'of a session that is not alive')
      );
    case 'no_port':
      return must(!lives.hasAt(own?.tuple ?? '', tsNs), 'of a session that is not alive');
    default:
      return `${reason}, which these captures and this gateway cannot give`;
  }
}

function hasInvalidFlags(flags: number): boolean {
  const [fin, syn, rst] = [1, 2, 4].map((bit) => (flags & bit) !== 0);
  return (syn === true && (fin === true || rst === true)) || (flags & ANY_FLAG) === 0;
}

/** @see nat-gateway reference §7 scenario 59 */
function isNotRoutable(address: string): boolean {
  const [first = 0, second = 0] = address.split('.').map(Number);
  return first === 0 || first === 127 || first >= 224 || (first === 169 && second === 254);
}
