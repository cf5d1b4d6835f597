/** Multiply-xorshift over the words of a five-tuple, signed 32-bit; constants of splitmix and murmur3. */
export function hashTuple(priIp: number, pubIp: number, ports: number, protocol: number): number {
  let hash = Math.imul(priIp, 0x9e3779b1) ^ Math.imul(pubIp, 0x85ebca6b) ^ Math.imul(ports, 0xc2b2ae35) ^ protocol;
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 12);
}
