import { STALE_NSEC } from './paired-sessions';

/** How seldom a session may be taken for another that was missed. */
export const MISREAD = 1e-5;
/** Sessions or endpoints of one moment beyond this are not named each. */
const MAX_NAMED = 16;

/** A session and an endpoint of the gateway that may be one, as packets say that nothing but their moment tells. */
interface Tie {
  firstNsec: number;
  lastNsec: number;
  /** Moments in which nobody else had such packets. */
  lone: number;
}

type Ties = ReadonlyMap<string, Tie>;
const NO_TIES: Ties = new Map();

/**
 * Which sessions may have which endpoints of the gateway. A datagram that was alone with another one says that they are one,
 * unless each capture missed the other one's copy. Packets of other moments show whether that may be: that the session, or the
 * endpoint, may belong to somebody else, who is a rival. Who has one needs so many moments more than that one that nobody
 * misses so much.
 */
export class SessionRivals {
  readonly #endsOf = new Map<string, Map<string, Tie>>();
  readonly #sessionsOf = new Map<string, Map<string, Tie>>();
  /** Sessions and endpoints of moments with more than can be named. */
  readonly #crowd = new Set<string>();

  /** Takes the sessions and the endpoints that had equal packets at one moment. @param isLone nobody else ever had such */
  note(sessions: ReadonlySet<string>, ends: ReadonlySet<string>, nsec: number, isLone: boolean): void {
    if (sessions.size > MAX_NAMED || ends.size > MAX_NAMED) {
      for (const session of sessions) this.#crowd.add(session);
      for (const end of ends) this.#crowd.add(end);
      return;
    }
    for (const session of sessions) for (const end of ends) this.#tie(session, end, nsec, isLone);
  }

  #tie(session: string, end: string, nsec: number, isLone: boolean): void {
    const ends = this.#endsOf.get(session) ?? new Map<string, Tie>();
    const tie = ends.get(end) ?? { firstNsec: nsec, lastNsec: nsec, lone: 0 };
    tie.firstNsec = Math.min(tie.firstNsec, nsec);
    tie.lastNsec = Math.max(tie.lastNsec, nsec);
    if (isLone) tie.lone++;
    if (ends.has(end)) return;
    this.#endsOf.set(session, ends.set(end, tie));
    const sessions = this.#sessionsOf.get(end) ?? new Map<string, Tie>();
    this.#sessionsOf.set(end, sessions.set(session, tie));
  }

  /**
   * Whether a session and an endpoint that were alone are one, as far as what was captured can show it.
   *
   * @param needed moments that are not missed by chance
   * @param isElsewhere whether a session is known to have other endpoints than one
   */
  isSure(
    session: string,
    end: string,
    needed: number,
    isElsewhere: (session: string, end: string) => boolean,
  ): boolean {
    const ends = this.#endsOf.get(session) ?? NO_TIES;
    const tie = ends.get(end);
    if (tie === undefined) return false;
    if (tie.lone < needed && (this.#crowd.has(session) || this.#crowd.has(end))) return false;
    for (const [other, rival] of ends) {
      if (other === end || haveChanged(tie, rival)) continue;
      if (this.#advantage(tie, rival, this.#sessionsOf.get(other) ?? NO_TIES) < needed) return false;
    }
    for (const [other, rival] of this.#sessionsOf.get(end) ?? NO_TIES) {
      if (other === session || haveChanged(tie, rival) || isElsewhere(other, end)) continue;
      if (this.#advantage(tie, rival, this.#endsOf.get(other) ?? NO_TIES) < needed) return false;
    }
    return true;
  }

  /** In moments: what speaks for one tie, and for what the rival has instead, less what speaks for that one. */
  #advantage(tie: Tie, rival: Tie, ofRival: Ties): number {
    let instead = 0;
    for (const other of ofRival.values()) if (other !== rival) instead = Math.max(instead, other.lone);
    return tie.lone + instead - rival.lone;
  }
}

/** What has long passed is no rival: ports are given again. */
function haveChanged(tie: Tie, rival: Tie): boolean {
  return Math.max(rival.firstNsec - tie.lastNsec, tie.firstNsec - rival.lastNsec) > STALE_NSEC;
}
