import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { pcapMagic } from '../../capture/pcap';
import { isPcapng } from '../../capture/pcapng';
import { isSnoop } from '../../capture/snoop';
import { isSliceHeader } from '../slice-header';
import { packingOf } from '../unpack/packing';

/** With all options of the section that `PacketSlice` begins a file with. */
const HEAD_BYTES = 128 << 10;
/** Of the shortest header that tells. */
const LEAST_BYTES = 12;
/** Of captures that their first octets do not tell: compressed ones, and ERF, which has no magic. */
const NAME_OF_CAPTURE = /\.(?:(?:pcap|pcapng|cap|snoop)\d*\.[a-z\d]+|erf(?:\.[a-z\d]+)?)$/i;

/** Whether a file is a capture that Natscope has not written: what somebody recorded is never replaced. */
export async function isForeignCapture(path: string): Promise<boolean> {
  const head = await readHead(path);
  if (head.length < LEAST_BYTES) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  // Sections that are written here are little-endian ones.
  if (isPcapng(view, 0)) return !isSliceHeader(head.subarray(0, view.getUint32(4, true)));
  if (pcapMagic(view, 0) !== null || isSnoop(view, 0)) return true;
  const name = basename(path);
  return NAME_OF_CAPTURE.test(name) && (packingOf(head) !== null || /\.erf$/i.test(name));
}

async function readHead(path: string): Promise<Buffer<ArrayBuffer>> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
