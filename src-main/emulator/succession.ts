import { REASON_NO_PORT } from './codes';
import { INSIDE, classOf } from './configuration';
import { forgetSearched } from './destination-load';
import { refusalOf } from './limits';
import { chosenLoad, chosenPort, choosePort } from './port-allocator';
import { resume, suspend } from './reaper';
import { MARK_PUBLIC_ONLY, Session } from './session';

/*
 * Whether a new session would have a place after a live one of the same five-tuple, which ends for it only then: a packet that is
 * refused leaves the live one as it was.
 * @see nat-gateway reference §3.5 C11
 */

/** @returns 0 when a new session can follow the live one now, else the `REASON_CODE` for which it would be refused */
export function refusalToFollow(session: Session): u32 {
  // What is seen on the public side alone has its port, whatever would have been chosen.
  if (((<u32>session.marks) & MARK_PUBLIC_ONLY) != 0) return 0;
  suspend(session);
  const refused = refusalAfter(session);
  resume(session);
  return refused;
}

function refusalAfter(session: Session): u32 {
  const refused = refusalOf(session.priIp, session.ports, session.protocol);
  if (refused != 0) return refused;
  const entry = classOf(session.priIp) - INSIDE;
  if (!choosePort(session.priIp, session.pubIp, session.ports, session.protocol, entry)) return REASON_NO_PORT;
  // Nobody has taken it: the same search finds it again.
  forgetSearched(chosenLoad, chosenPort);
  return 0;
}
