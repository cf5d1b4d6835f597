import { execFileSync } from 'node:child_process';
import { closeSync, constants, createWriteStream, openSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { manySessions } from './many-sessions';
import { pcapFile } from './pcap-writer';
import { tempFolder } from './temp';
import { MILLISECOND } from './time';

const SESSIONS_PER_ROUND = 15_000;
const SECONDS_PER_ROUND = 300;
const FILE_HEADER_BYTES = 24;

/**
 * A pipe with a capture that goes on for as long as somebody reads it, half a window of sessions at a time: whoever imports it
 * is at work until that is ended from elsewhere, however slow or fast the machine is.
 *
 * @returns its path, for one reader
 */
export function endlessCapture(): string {
  const path = join(tempFolder(), 'endless.pcap');
  execFileSync('mkfifo', [path]);
  const writer = createWriteStream(path);
  // Its reader is gone.
  writer.on('error', () => undefined);
  Readable.from(rounds()).pipe(writer);
  onTestFinished(() => {
    // A reader that goes at once, for a writer that still waits for one.
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    writer.destroy();
  });
  return path;
}

function* rounds(): Generator<Uint8Array> {
  const file = pcapFile(manySessions(SESSIONS_PER_ROUND, 20n * MILLISECOND));
  const recordBytes = (file.length - FILE_HEADER_BYTES) / SESSIONS_PER_ROUND;
  yield file;
  for (;;) {
    const records = file.subarray(FILE_HEADER_BYTES);
    const view = new DataView(records.buffer, records.byteOffset, records.length);
    for (let at = 0; at < records.length; at += recordBytes)
      view.setUint32(at, view.getUint32(at, true) + SECONDS_PER_ROUND, true);
    yield records.slice();
  }
}
