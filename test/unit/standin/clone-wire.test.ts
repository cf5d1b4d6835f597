import { expect, test } from 'vitest';
import { cloneWire } from '../../standin/clone-wire.mjs';

const { encode, decode } = cloneWire();

test.each([
  { name: 'undefined and null', value: [undefined, null] },
  { name: 'numbers that JSON lacks', value: [NaN, Infinity, -Infinity, -0, 0] },
  { name: 'bigint', value: 2n ** 70n },
  { name: 'an array that looks like a tag', value: ['undefined', ['bigint', '1']] },
  { name: 'an object with a key __proto__', value: JSON.parse('{"__proto__": 1}') as unknown },
  {
    name: 'views of every width',
    value: [new Uint8Array([1, 255]), new BigInt64Array([-1n]), new Float64Array([NaN])],
  },
  { name: 'a DataView and a buffer', value: [new DataView(new ArrayBuffer(2)), new Uint8Array([3]).buffer] },
  { name: 'dates, one of them invalid', value: [new Date(5), new Date(NaN)] },
  { name: 'a Map, a Set and a RegExp', value: [new Map([[{ a: 1 }, new Set([1n])]]), /a+/gi] },
])('$name arrive as they left', ({ value }) => {
  expect(decode(encode(value))).toStrictEqual(value);
});

test('an object that holds itself, and one that is held twice, keep their shape', () => {
  const twice = { name: 'twice' };
  const loop: Record<string, unknown> = { list: [twice, twice] };
  loop['self'] = loop;
  const copy = decode(encode(loop)) as { self: unknown; list: unknown[] };
  expect(copy.self).toBe(copy);
  expect(copy.list[0]).toBe(copy.list[1]);
});

test('an error keeps its class and its message', () => {
  const copy = decode(encode(new RangeError('too far'))) as unknown;
  expect(copy).toBeInstanceOf(RangeError);
  expect(copy).toHaveProperty('message', 'too far');
});

test('only the part of a buffer that a view shows is sent', () => {
  expect(decode(encode(new Uint8Array([1, 2, 3, 4]).subarray(1, 3)))).toStrictEqual(new Uint8Array([2, 3]));
});

test.each([
  { name: 'a function', value: { call() {} } },
  { name: 'a symbol', value: Symbol('s') },
  { name: 'a promise', value: Promise.resolve(1) },
])('$name cannot be cloned', ({ value }) => {
  expect(() => encode(value)).toThrow(/could not be cloned/);
});
