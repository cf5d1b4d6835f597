import type { Notice } from '../../src-main/contract/result-batch';
import { t } from './messages/catalogue';
import { secondUtc } from './time-format';

/** A notice as it is shown: in words of ours where it has numbers to tell it by. */
export function noticeText({ text, windows }: Notice): string {
  if (windows === undefined) return text;
  const { partial, all, startsSec, otherStarts } = windows;
  const starts = startsSec.map((sec) => secondUtc(String(sec))).join(', ');
  return t.logs.partialWindowsWhy(partial, all, starts, otherStarts > 0);
}
