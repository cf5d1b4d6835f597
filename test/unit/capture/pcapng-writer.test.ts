import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CaptureStream } from '../../../src-main/capture/capture-stream';
import { PacketBatch } from '../../../src-main/capture/packet-batch';
import { PcapngWriter, type EncodeInto } from '../../../src-main/capture/pcapng-writer';
import { newDecoder } from '../../../src-main/engine/decoder-module';
import { concat } from '../../support/bytes';
import { udpPacket } from '../../support/frames';
import { memorySource } from '../../support/memory-source';
import { LINK } from '../../support/pcap-writer';
import { PROPERTY_RUNS } from '../../support/property-runs';

const encoder = new TextEncoder();
const encode: EncodeInto = (text, into) => encoder.encodeInto(text, into).written;

test('law: what was written is read again, times to the nanosecond, whenever the octets are taken', () => {
  const packet = fc.record({
    interfaceNo: fc.integer({ min: 0, max: 1 }),
    sec: fc.integer({ min: 0, max: 9_223_372_035 }),
    nsec: fc.integer({ min: 0, max: 999_999_999 }),
    payloadBytes: fc.integer({ min: 0, max: 70 }),
    moreBytes: fc.integer({ min: 0, max: 3000 }),
    comment: fc.option(fc.string({ maxLength: 30 }), { nil: null }),
    isTaken: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 20 }), (packets) => {
      const writer = new PcapngWriter(encode, 'Natscope', 'of a test');
      const parts: Uint8Array[] = [];
      const take = (): void => void parts.push(writer.take().slice());
      for (const name of ['eth0', null]) writer.addInterface({ linkType: LINK.raw, snapBytes: 0, name });
      packets.forEach(({ interfaceNo, sec, nsec, payloadBytes, moreBytes, comment, isTaken }, index) => {
        const payload = new Uint8Array(payloadBytes);
        const frame = udpPacket({ from: `10.0.0.1:${index + 1}`, to: '192.0.2.1:53', payload });
        writer.addPacket(interfaceNo, sec, nsec, frame, frame.length + moreBytes, comment);
        if (isTaken) take();
      });
      take();
      expect(writer.pendingBytes).toBe(0);
      const file = concat(...parts);
      const stream = CaptureStream.open(memorySource(file), newDecoder()) as CaptureStream;
      const batch = new PacketBatch();
      expect(stream.fill(batch)).toBe(false);
      expect(stream.account.unreadable).toEqual([]);
      const rows = Array.from({ length: batch.length }, (_, row) => [
        ...[batch.tsSec[row], batch.tsNsec[row], batch.ports[row]! >>> 16, batch.ipBytes[row]],
      ]);
      expect(rows).toEqual(
        packets.map(({ sec, nsec, payloadBytes }, index) => [sec, nsec, index + 1, 28 + payloadBytes]),
      );
      stream.release();
    }),
    { numRuns: PROPERTY_RUNS },
  );
});

test('a comment that is longer than an option can be is cut, and the block stays whole', () => {
  const writer = new PcapngWriter(encode, 'Natscope');
  writer.addInterface({ linkType: LINK.raw, snapBytes: 0, name: null });
  const frame = udpPacket({ from: '10.0.0.1:1', to: '192.0.2.1:53' });
  writer.addPacket(0, 1, 2, frame, frame.length, 'x'.repeat(100_000));
  const stream = CaptureStream.open(memorySource(writer.take().slice()), newDecoder()) as CaptureStream;
  const batch = new PacketBatch();
  void stream.fill(batch);
  expect([batch.length, stream.account.unreadable]).toEqual([1, []]);
});
