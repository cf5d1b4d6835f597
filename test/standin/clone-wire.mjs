/**
 * Structured clone to and from text, since the DevTools protocol carries nothing else. It runs in Node and, by its
 * source, in the page; it must not refer to anything outside of itself.
 *
 * @returns {{ encode(value: unknown): string, decode(text: string): any }} `encode` throws a DataCloneError as Electron does
 */
export function cloneWire() {
  /** @type {Record<string, any>} */
  const VIEWS = {
    ...{ Float64Array, Float32Array, Int32Array, Uint32Array, Int16Array, Uint16Array, Int8Array, Uint8Array },
    ...{ Uint8ClampedArray, BigInt64Array, BigUint64Array },
  };
  /** @type {Record<string, any>} */
  const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
  const hasBuffer = typeof Buffer !== 'undefined';

  /** @param {Uint8Array} bytes */
  function toBase64(bytes) {
    if (hasBuffer) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    let text = '';
    // A call takes some ten thousand arguments at most.
    for (let at = 0; at < bytes.length; at += 8192) {
      text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    }
    return btoa(text);
  }

  /** @param {string} text */
  function toBuffer(text) {
    if (hasBuffer) return Uint8Array.from(Buffer.from(text, 'base64')).buffer;
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
    return bytes.buffer;
  }

  /**
   * @param {any} value a structured clone
   * @param {Map<object, number>} seen objects by the order in which they were met
   * @returns {unknown} text, number, boolean and null as they are; anything else as [tag, …]
   */
  function pack(value, seen) {
    if (value === undefined) return ['undefined'];
    if (typeof value === 'bigint') return ['bigint', String(value)];
    if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
      return ['number', Object.is(value, -0) ? '-0' : String(value)];
    }
    if (value === null || typeof value !== 'object') return value;
    const met = seen.get(value);
    if (met !== undefined) return ['seen', met];
    seen.set(value, seen.size);
    if (ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      return ['view', value.constructor.name, toBase64(bytes)];
    }
    if (value instanceof ArrayBuffer) return ['buffer', toBase64(new Uint8Array(value))];
    if (value instanceof Date) return ['date', pack(value.getTime(), seen)];
    if (value instanceof RegExp) return ['regexp', value.source, value.flags];
    if (value instanceof Error) return ['error', value.name, value.message, value.stack ?? null];
    if (value instanceof Map) return ['map', [...value].map(([key, item]) => [pack(key, seen), pack(item, seen)])];
    if (value instanceof Set) return ['set', [...value].map((item) => pack(item, seen))];
    if (Array.isArray(value)) return ['array', value.map((item) => pack(item, seen))];
    if (Object.getPrototypeOf(value) !== Object.prototype) {
      throw new Error(`stand-in electron: a ${value.constructor?.name} cannot cross between processes here`);
    }
    return ['object', Object.entries(value).map(([key, item]) => [key, pack(item, seen)])];
  }

  /**
   * @param {any} packed
   * @param {any[]} met objects in the order of `pack`
   * @returns {any}
   */
  function unpack(packed, met) {
    if (!Array.isArray(packed)) return packed;
    const [tag, first, second] = packed;
    /** @template T @param {T} object @returns {T} */
    const keep = (object) => (met.push(object), object);
    switch (tag) {
      case 'undefined':
        return undefined;
      case 'bigint':
        return BigInt(first);
      case 'number':
        return Number(first);
      case 'seen':
        return met[first];
      case 'view':
        return keep(first === 'DataView' ? new DataView(toBuffer(second)) : new VIEWS[first](toBuffer(second)));
      case 'buffer':
        return keep(toBuffer(first));
      case 'date':
        return keep(new Date(unpack(first, met)));
      case 'regexp':
        return keep(new RegExp(first, second));
      case 'error':
        return keep(Object.assign(new (ERRORS[first] ?? Error)(second), { stack: packed[3] ?? undefined }));
      case 'map': {
        const map = keep(new Map());
        for (const [key, item] of first) map.set(unpack(key, met), unpack(item, met));
        return map;
      }
      case 'set': {
        const set = keep(new Set());
        for (const item of first) set.add(unpack(item, met));
        return set;
      }
      case 'array': {
        /** @type {unknown[]} */
        const array = keep([]);
        for (const item of first) array.push(unpack(item, met));
        return array;
      }
      case 'object': {
        const object = keep({});
        for (const [key, item] of first) {
          // Assigning to `__proto__` would change the object instead of its contents.
          const value = unpack(item, met);
          Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
        }
        return object;
      }
      default:
        throw new Error(`stand-in electron: unknown tag ${tag}`);
    }
  }

  return {
    encode: (value) => JSON.stringify(pack(structuredClone(value), new Map())),
    decode: (text) => unpack(JSON.parse(text), []),
  };
}
