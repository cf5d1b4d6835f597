import { linkTypeName } from '../capture/link-type-names';
import { DEFAULT_MAX_EXPANSION, type CaptureGlance } from '../contract/imports';
import type { Database } from '../duckdb/database';
import { findImportOfCapture } from '../duckdb/run-reads';
import { interfaceDescription } from './capture-details';
import { surveyCaptures } from './capture-survey';
import { formatTime } from './time-text';

const NO_STREAMS: ReadonlyMap<string, string> = new Map();

/** What the beginnings of captures say, in the order in which they are named. Those that cannot be read are left out. */
export async function glanceAtCaptures(
  database: Database,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly CaptureGlance[]> {
  const options = { keepGoing: true, again: true, maxExpansion: DEFAULT_MAX_EXPANSION, streams: NO_STREAMS };
  const glances: CaptureGlance[] = [];
  for (const path of paths) {
    const [surveyed] = (await surveyCaptures([path], options, signal)).captures;
    if (surveyed === undefined || surveyed.file === null || surveyed.kind === null) continue;
    const { file, firstSec, firstNsec } = surveyed;
    const { container, linkTypes, compression } = surveyed.kind;
    glances.push({
      path,
      format: container.format,
      version: container.version,
      byteOrder: container.byteOrder,
      storedBytes: file.sizeBytes,
      compression,
      linkTypes: linkTypes.map(linkTypeName),
      interfaceCount: container.interfaceCount,
      interfaces: container.interfaces.map(interfaceDescription),
      firstTime: firstSec === null ? null : formatTime(firstSec, firstNsec),
      run: await findImportOfCapture(database, file),
    });
  }
  return glances;
}
