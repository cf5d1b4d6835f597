import type { Notice } from '../../contract/result-batch';

/** A notice as files and commands write it; `starts` are epoch seconds. */
export function noticeJson({ kind, text, windows }: Notice): Readonly<Record<string, unknown>> {
  if (windows === undefined) return { kind, text };
  const { partial, all, startsSec, otherStarts } = windows;
  return { kind, text, windows: { partial, all, starts: startsSec, other_starts: otherStarts } };
}
