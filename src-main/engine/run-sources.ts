import { PACKETS_PER_CAPTURE, type MergeSource } from '../capture/capture-merge';
import type { CaptureClock } from '../contract/capture-details';
import type { CapturePositions } from '../capture/capture-positions';
import { FRAGMENT_WAIT_SEC } from '../capture/fragment-resolver';
import { ALLOWED_LATENESS_SEC } from '../capture/time-order';
import type { StoredEntry } from '../duckdb/entry-origin';
import type { RunCapture } from '../duckdb/import-runs';
import type { CaptureCheck } from './capture-check';
import { lazyFileSource } from './file-source';
import {
  maxExpansionOf,
  refusePipe,
  runCaptureSource,
  runCaptureSourceAt,
  wasPipe,
  type CheckOpened,
  type StoredOptions,
} from './run-captures';
import { UnpackedSource } from './unpack/unpacked-source';

/**
 * What was recorded longer before an entry's first packet than this has no part in it: no packet is put before one so much
 * older, and no fragment waits so long for its first one.
 */
const SECONDS_BEFORE = ALLOWED_LATENESS_SEC + FRAGMENT_WAIT_SEC;

/** What an import read, and how. */
export interface RunRead {
  readonly run: number;
  readonly captures: readonly RunCapture[];
  readonly options: StoredOptions;
  /** By the place of the capture: by which its packets were timed, null where its times stand. */
  readonly clocks: readonly (CaptureClock | null)[];
  /** Looks at captures before they are read; absent for not looking closer than `openUnchanged` does. */
  readonly check?: CaptureCheck;
}

/**
 * The captures that may hold packets of an entry, each from where they may begin. Of those from pipes only the ones matter
 * that hold an end of the entry; the sums tell if another one did.
 *
 * @throws AppError CAPTURE_NOT_KEPT
 */
export function sourcesOfEntry(
  read: RunRead,
  positions: ReadonlyMap<number, CapturePositions>,
  { firstPacket, lastPacket, startTime }: StoredEntry,
): MergeSource[] {
  const { captures, run, options } = read;
  const ends = [firstPacket, lastPacket].map((packetNo) => Math.floor(packetNo / PACKETS_PER_CAPTURE));
  const isBefore = ({ latestSec }: { readonly latestSec: number | null }): boolean =>
    latestSec === null || latestSec < startTime - SECONDS_BEFORE;
  return captures.flatMap((capture, place): MergeSource[] => {
    const known = positions.get(place);
    const holdsEnd = ends.includes(place);
    if (known !== undefined && isBefore(known) && !holdsEnd) return [];
    if (wasPipe(capture, options)) return holdsEnd ? refusePipe(capture, run) : [];
    const before = place * PACKETS_PER_CAPTURE;
    const position = known?.positions.findLast(isBefore);
    if (position !== undefined) {
      const source = runCaptureSourceAt(capture, run, position, checkOf(read, place));
      return [
        {
          source,
          firstSec: -Infinity,
          firstNsec: 0,
          firstPacketNo: before + position.record,
          clock: clockOf(read, place),
        },
      ];
    }
    const stored = runCaptureSource(capture, run, checkOf(read, place));
    const source = new UnpackedSource(stored, maxExpansionOf(options));
    return [{ source, ...timeOf(capture.openedAtTime), firstPacketNo: before + 1, clock: clockOf(read, place) }];
  });
}

/** All captures of the run from their beginning. One that came from a pipe is refused when it is reached. */
export function allSourcesOf(read: RunRead): MergeSource[] {
  const { captures, run, options } = read;
  return captures.map((capture, place) => {
    const source = wasPipe(capture, options)
      ? lazyFileSource(capture.path, 0, () => refusePipe(capture, run))
      : new UnpackedSource(runCaptureSource(capture, run, checkOf(read, place)), maxExpansionOf(options));
    const firstPacketNo = place * PACKETS_PER_CAPTURE + 1;
    return { source, ...timeOf(capture.openedAtTime), firstPacketNo, clock: clockOf(read, place) };
  });
}

function clockOf({ clocks }: RunRead, place: number): CaptureClock | null {
  return clocks[place] ?? null;
}

function checkOf({ captures, run, check }: RunRead, place: number): CheckOpened | undefined {
  const capture = captures[place];
  if (check === undefined || capture === undefined) return undefined;
  return (file) => check.check(file, capture, { run, place });
}

/** @param time as `formatTime` gives it */
function timeOf(time: string | null): { readonly firstSec: number | null; readonly firstNsec: number } {
  if (time === null) return { firstSec: null, firstNsec: 0 };
  const [sec, nsec] = time.split('.');
  return { firstSec: Number(sec), firstNsec: Number(nsec) };
}
