import type { AttributedSession } from '../../../src-main/contract/attribution';

/** Whether it is known when the port was free again: where the end of the capture ended the session, nobody saw it given back. */
export function isReleaseKnown({ until, endReason }: Pick<AttributedSession, 'until' | 'endReason'>): boolean {
  return until !== null && endReason !== 'capture_end';
}
