import { portHoldOf, timeoutOf } from './configuration';
import { STATE_DEAD, STATE_HELD, Session, protocolPlace } from './session';

/* Packet time as the sessions see it, which never goes back within a capture epoch. */
export let nowSec: f64 = 0;
export let nowNsec: u32 = 0;

export function isBefore(sec: f64, nsec: u32, otherSec: f64, otherNsec: u32): bool {
  return sec < otherSec || (sec == otherSec && nsec < otherNsec);
}

/** @returns seconds from a time until now */
export function secondsSince(sec: f64, nsec: u32): f64 {
  return nowSec - sec + (<f64>nowNsec - <f64>nsec) * 1e-9;
}

/** Takes the time of a packet. @returns false when it is behind, which changes nothing */
export function advance(sec: f64, nsec: u32): bool {
  if (isBefore(sec, nsec, nowSec, nowNsec)) return false;
  nowSec = sec;
  nowNsec = nsec;
  return true;
}

/** The capture's clock was set back: time begins anew. */
export function resetClock(): void {
  nowSec = 0;
  nowNsec = 0;
}

/** Seconds of idleness after which the session changes by itself: dies, or lets its port go. */
export function patienceOf(session: Session): f64 {
  return session.state == STATE_HELD ? portHoldOf(protocolPlace(session.protocol)) : timeoutOf(session.state);
}

/** Idle for its time-out or longer means dead; of a held one, that its port is free. */
export function isIdleForGood(session: Session): bool {
  if (session.state == STATE_DEAD) return true;
  const idleSec = nowSec - session.lastSec;
  const timeoutSec = patienceOf(session);
  if (idleSec < timeoutSec) return false;
  return idleSec > timeoutSec || nowNsec >= session.lastNsec;
}
