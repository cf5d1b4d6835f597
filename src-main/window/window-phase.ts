import type { Gateway } from '../nat/gateway';

/**
 * Seconds by which the windows of a gateway are off the multiples of their length since 1970. Where windows begin with their
 * session, rows are handed out at those multiples.
 *
 * @param firstSec time of the first packet
 * @see nat-gateway reference §6 "Window alignment"
 */
export function windowOffset(
  { windowPhase, windowSec, instance }: Pick<Gateway, 'windowPhase' | 'windowSec' | 'instance'>,
  firstSec: number,
): number {
  if (windowPhase === 'epoch' || windowPhase === 'session') return 0;
  if (windowPhase === 'perGateway') return fnv1a(instance) % windowSec;
  return modulo(windowPhase === 'captureStart' ? firstSec : windowPhase, windowSec);
}

/** @returns start of the half-open window that a second is in */
export function windowStartOf(sec: number, windowSec: number, offsetSec: number): number {
  return sec - modulo(sec - offsetSec, windowSec);
}

/** @returns `value` modulo `divisor`, never negative */
function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}

/** FNV-1a of 32 bits over the characters of a name, which are octets. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
