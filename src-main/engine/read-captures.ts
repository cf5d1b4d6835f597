import type { RunCapture } from '../duckdb/import-runs';
import type { Survey } from './capture-survey';
import type { ImportResult } from './import-captures';
import type { TaskResult } from './importer';
import { formatTime } from './time-text';

/** @returns the captures that were read, as their run keeps them */
export function runCaptures({ captures }: Survey, result: TaskResult): readonly RunCapture[] {
  return result.captures.map((facts, place) => runCapture(facts, captures[place], result.pipes[place]));
}

function runCapture(
  facts: ImportResult['captures'][number],
  surveyed: Survey['captures'][number] | undefined,
  pipe: TaskResult['pipes'][number] | undefined,
): RunCapture {
  const stored = surveyed?.file ?? (pipe ? { ...pipe, modifiedMs: Date.now() } : null);
  if (stored === null) throw new RangeError(`${facts.path} was imported without a survey`);
  return {
    path: facts.path,
    sizeBytes: stored.sizeBytes,
    mtimeMs: stored.modifiedMs,
    headDigest: stored.headDigest,
    tailDigest: stored.tailDigest,
    format: facts.format,
    openedAtTime: timeOf(surveyed),
    endTime: facts.endTime,
    firstTime: facts.firstTime,
    lastTime: facts.lastTime,
    readBytes: facts.fileBytes,
    packets: facts.packets,
  };
}

/** Of the first packets of a file; null for a pipe, which is opened first, and for a file without any. */
function timeOf(surveyed: Survey['captures'][number] | undefined): string | null {
  if (surveyed === undefined || surveyed.file === null || surveyed.firstSec === null) return null;
  return formatTime(surveyed.firstSec, surveyed.firstNsec);
}
