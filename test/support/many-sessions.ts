import { udpPacket, ethernet } from './frames';
import type { CaptureRecord } from './pcap-writer';
import { timeNs } from './time';

/**
 * Sessions of one datagram each, over many windows and destinations: what fills a log fastest.
 *
 * @param stepNs between two of them
 */
export function manySessions(count: number, stepNs: bigint): CaptureRecord[] {
  const first = ethernet(udpPacket({ from: '10.0.0.1:1000', to: '198.51.100.7:53', payload: new Uint8Array(8) }));
  const startNs = timeNs('2026-03-10T00:00:00Z');
  return Array.from({ length: count }, (_, index) => {
    const bytes = first.slice();
    const view = new DataView(bytes.buffer);
    view.setUint32(14 + 12, 0x0a00_0001 + (index % 50_021));
    // So many that no destination runs out of ports.
    view.setUint8(14 + 18, index % 200);
    view.setUint16(14 + 20, 1024 + (index % 60_000));
    return { atNs: startNs + BigInt(index) * stepNs, bytes };
  });
}
