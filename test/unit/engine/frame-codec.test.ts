import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeFrame,
  encodeFrame,
  FREE_FRAME_BYTES,
  FrameReader,
  MAX_REQUEST_BYTES,
  type Frame,
} from '../../../src-main/contract/frame-codec';
import { InboundAllowance } from '../../../src-main/engine/protocol/inbound-allowance';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import { textCoder } from '../../../src-main/engine/protocol/text-coder';
import { PROPERTY_RUNS } from '../../support/property-runs';

const BATCH: ResultBatch = {
  rowCount: 3,
  columns: [
    { name: 'flag', type: 'bool', data: Uint8Array.of(1, 0, 1), validity: Uint8Array.of(1, 1, 0) },
    { name: 'n', type: 'int64', data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n) },
    { name: 'x', type: 'float64', data: Float64Array.of(Number.NaN, -Infinity, 0.1), validity: Uint8Array.of(0, 1, 1) },
    { name: 'a', type: 'ipv4', data: Uint32Array.of(0xffff_ffff, 0, 0xc0a8_0001) },
    { name: 'a', type: 'text', data: Uint32Array.of(0, 1, 0), dictionary: ['中文 😀 "quoted"\u0000', '\ud800'] },
    { name: '', type: 'timestamp', data: BigInt64Array.of(1n, 2n, 3n) },
    { name: '$array', type: 'json', data: Uint32Array.of(0, 0, 0), dictionary: ['{"a":[1]}'] },
  ],
};
const FRAMES: readonly Frame[] = [
  { kind: 'batch', id: 7, batch: BATCH },
  { kind: 'batch', id: 7, batch: { rowCount: 0, columns: [] } },
  { kind: 'call', id: 1, name: 'query:run', request: { text: 'π | SELECT 1', kind: 'batch' } },
  { kind: 'cancel', id: 1 },
  { kind: 'ack', id: 2 },
  { kind: 'event', id: 3, name: 'import:progress', payload: { readBytes: 2 ** 53 - 1 } },
  {
    kind: 'reply',
    id: 4,
    outcome: { ok: false, error: { code: 'QUERY_FAILED', message: 'no', detail: { at: null } } },
  },
];

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

describe('a frame', () => {
  test.each(FRAMES.map((frame) => ({ name: frame.kind, frame })))('of kind $name is what it was', ({ frame }) => {
    expect(decodeFrame(encodeFrame(frame, textCoder), textCoder)).toEqual(frame);
  });

  test('has its arrays at multiples of 8, also for one that is a part of another array', () => {
    const data = new Float64Array(9).fill(1.5).subarray(2, 5);
    const batch: ResultBatch = { rowCount: 3, columns: [BATCH.columns[0]!, { name: 'x', type: 'float64', data }] };
    const decoded = decodeFrame(encodeFrame({ kind: 'batch', id: 1, batch }, textCoder), textCoder);
    if (decoded.kind !== 'batch') throw new Error('no batch');
    for (const column of decoded.batch.columns) expect(column.data.byteOffset % 8).toBe(0);
    expect(decoded.batch.columns[1]?.data).toEqual(Float64Array.of(1.5, 1.5, 1.5));
  });

  test('keeps its values when the arrays that it was made of are filled anew', () => {
    const data = Uint32Array.of(1, 2);
    const bytes = encodeFrame(
      { kind: 'batch', id: 1, batch: { rowCount: 2, columns: [{ name: 'a', type: 'ipv4', data }] } },
      textCoder,
    );
    data.fill(9);
    const decoded = decodeFrame(bytes, textCoder);
    expect(decoded).toMatchObject({ batch: { columns: [{ data: Uint32Array.of(1, 2) }] } });
  });

  const withHeader = (header: string): Uint8Array<ArrayBuffer> => {
    const text = textCoder.encode(header);
    const bytes = new Uint8Array(8 + Math.ceil(text.byteLength / 8) * 8);
    new DataView(bytes.buffer).setUint32(0, bytes.byteLength, true);
    new DataView(bytes.buffer).setUint32(4, text.byteLength, true);
    bytes.set(text, 8);
    return bytes;
  };
  test.each([
    { name: 'no JSON', bytes: withHeader('{') },
    { name: 'no object', bytes: withHeader('null') },
    { name: 'no kind', bytes: withHeader('{"id":1}') },
    { name: 'an unknown kind', bytes: withHeader('{"kind":"shell","id":1}') },
    { name: 'no id', bytes: withHeader('{"kind":"ack"}') },
    { name: 'rows without end', bytes: withHeader('{"kind":"batch","id":1,"rowCount":1e999,"columns":[]}') },
    { name: 'rows below none', bytes: withHeader('{"kind":"batch","id":1,"rowCount":-1,"columns":[]}') },
    {
      name: 'a column that is not there',
      bytes: withHeader(
        '{"kind":"batch","id":1,"rowCount":9,"columns":[{"name":"a","type":"int64","nullable":false}]}',
      ),
    },
    {
      name: 'a column of an inherited type',
      bytes: withHeader(
        '{"kind":"batch","id":1,"rowCount":0,"columns":[{"name":"a","type":"toString","nullable":false}]}',
      ),
    },
    {
      name: 'text without a dictionary',
      bytes: withHeader('{"kind":"batch","id":1,"rowCount":0,"columns":[{"name":"a","type":"text","nullable":false}]}'),
    },
    { name: 'a header longer than itself', bytes: Uint8Array.of(16, 0, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) },
    { name: 'nothing', bytes: new Uint8Array(0) },
  ])('with $name is refused', ({ bytes }) => {
    expect(() => decodeFrame(bytes, textCoder)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }) as Error);
  });
});

describe('a stream of frames', () => {
  const stream = concat(FRAMES.map((frame) => encodeFrame(frame, textCoder)));

  test('gives the same frames however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.byteLength }), { maxLength: 40 }), (cuts) => {
        const reader = new FrameReader(textCoder);
        const edges = [0, ...cuts.sort((a, b) => a - b), stream.byteLength];
        const frames = edges.slice(1).flatMap((to, index) => reader.push(stream.slice(edges[index], to)));
        expect(frames).toEqual(FRAMES);
      }),
      { numRuns: PROPERTY_RUNS * 2 },
    );
  });

  test('gives the same frames byte by byte', () => {
    const reader = new FrameReader(textCoder);
    const frames = Array.from(stream).flatMap((byte) => reader.push(Uint8Array.of(byte)));
    expect(frames).toEqual(FRAMES);
  });

  test.each([
    { name: 'longer than the limit', length: 64 * 1024 * 1024 + 1 },
    { name: 'shorter than its own prefix', length: 7 },
  ])('with a frame $name ends before memory is taken for it', ({ length }) => {
    const prefix = new Uint8Array(4);
    new DataView(prefix.buffer).setUint32(0, length, true);
    expect(() => new FrameReader(textCoder).push(prefix)).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID' }) as Error,
    );
  });

  test('with an allowance takes of it what a frame needs, and gives it back with the frame, or its end', () => {
    const allowance = new InboundAllowance(1 << 20);
    const request = 'x'.repeat(FREE_FRAME_BYTES * 9);
    const bytes = encodeFrame({ kind: 'call', id: 1, name: 'query:run', request }, textCoder);
    const reader = new FrameReader(textCoder, { allowance });
    for (let round = 0; round < 4; round++) {
      expect(reader.push(bytes.subarray(0, -1))).toEqual([]);
      expect(allowance.take((1 << 20) - 8 * FREE_FRAME_BYTES)).toBe(false);
      if (round % 2 === 0) expect(reader.push(bytes.subarray(-1))).toMatchObject([{ kind: 'call', request }]);
      else reader.release();
      expect(allowance.take(1 << 20)).toBe(true);
      allowance.give(1 << 20);
    }
  });

  test('whose frame the allowance has nothing left for ends, and one of ordinary length does not', () => {
    const allowance = new InboundAllowance(0);
    const frameOf = (characters: number): Uint8Array =>
      encodeFrame({ kind: 'call', id: 1, name: 'query:run', request: 'x'.repeat(characters) }, textCoder);
    expect(new FrameReader(textCoder, { allowance }).push(frameOf(60_000))).toHaveLength(1);
    expect(() => new FrameReader(textCoder, { allowance }).push(frameOf(70_000))).toThrow(
      expect.objectContaining({ code: 'ENGINE_BUSY' }) as Error,
    );
  });

  test('takes no request above its limit to send, and all that the contract allows', () => {
    const callOf = (request: unknown): Uint8Array =>
      encodeFrame({ kind: 'call', id: 1, name: 'query:run', request }, textCoder);
    const captures = Array.from({ length: 100_000 }, (_, at) => `/${String(at).padStart(156, '0')}`);
    expect(callOf({ captures }).length).toBeLessThanOrEqual(MAX_REQUEST_BYTES);
    expect(callOf({ text: '\u0001'.repeat(1 << 20) }).length).toBeLessThanOrEqual(MAX_REQUEST_BYTES);
    expect(() => callOf('x'.repeat(MAX_REQUEST_BYTES))).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID' }) as Error,
    );
  });

  test('takes no frame above the limit to send either', () => {
    const data = new Float64Array(9 * 1024 * 1024);
    const batch: ResultBatch = { rowCount: data.length, columns: [{ name: 'x', type: 'float64', data }] };
    expect(() => encodeFrame({ kind: 'batch', id: 1, batch }, textCoder)).toThrow(/longer than the wire takes/);
  });

  test('says of a row above the limit what to do about it', () => {
    const text = 'x'.repeat(65 << 20);
    const batch: ResultBatch = {
      rowCount: 1,
      columns: [{ name: 'x', type: 'text', data: new Uint32Array(1), dictionary: [text] }],
    };
    expect(() => encodeFrame({ kind: 'batch', id: 1, batch }, textCoder)).toThrow(
      expect.objectContaining({ code: 'QUERY_FAILED', message: expect.stringContaining('select less of it') }) as Error,
    );
  });
});
