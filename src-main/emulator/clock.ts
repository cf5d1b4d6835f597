import { timeoutOf } from './configuration';
import { STATE_DEAD, Session } from './session';

/* Packet time as the sessions see it, which never goes back. */
export let nowSec: f64 = 0;
export let nowNsec: u32 = 0;

/** Takes the time of a packet. @returns false when it is behind, which changes nothing */
export function advance(sec: f64, nsec: u32): bool {
  if (sec < nowSec || (sec == nowSec && nsec < nowNsec)) return false;
  nowSec = sec;
  nowNsec = nsec;
  return true;
}

/** Idle for its time-out or longer means dead. */
export function isIdleForGood(session: Session): bool {
  if (session.state == STATE_DEAD) return true;
  const idleSec = nowSec - session.lastSec;
  const timeoutSec = timeoutOf(session.state);
  if (idleSec < timeoutSec) return false;
  return idleSec > timeoutSec || nowNsec >= session.lastNsec;
}
