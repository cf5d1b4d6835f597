import type { Notice } from '../../src-main/contract/result-batch';

/** Without what nearly every capture has, since it begins and ends in the middle of a window. */
export function otherThanPartial(notices: readonly Notice[]): readonly Notice[] {
  return notices.filter(({ kind }) => kind !== 'partial');
}
