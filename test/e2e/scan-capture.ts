import { appendFileSync, writeFileSync } from 'node:fs';
import { udpPacket } from '../support/frames';
import { LINK, pcapFile } from '../support/pcap-writer';
import { SECOND } from '../support/time';

/** A capture in which every packet opens a session of its own, so that its import takes a while. */
export function scanCapture(path: string, packets: number): void {
  const one = pcapFile(
    [{ atNs: 1_700_000_400n * SECOND, bytes: udpPacket({ from: '10.0.0.1:1000', to: '198.51.100.1:53' }) }],
    { linkType: LINK.raw },
  );
  writeFileSync(path, one.subarray(0, 24));
  const record = one.subarray(24);
  const BLOCK = 50_000;
  for (let done = 0; done < packets; done += BLOCK) {
    const block = Buffer.alloc(record.length * BLOCK);
    for (let index = 0; index < BLOCK; index++) {
      const at = index * record.length;
      block.set(record, at);
      // Destination address, in the IP header behind the record's.
      block.writeUInt32BE(0x08000000 + done + index, at + 16 + 16);
    }
    appendFileSync(path, block);
  }
}
