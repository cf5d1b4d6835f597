/** Multiply-xorshift over the words of the five-tuple; constants of splitmix and murmur3. */
export function hashTuple(priIp: u32, pubIp: u32, ports: u32, protocol: u32): u32 {
  let hash = (priIp * 0x9e3779b1) ^ (pubIp * 0x85ebca6b) ^ (ports * 0xc2b2ae35) ^ protocol;
  hash ^= hash >> 15;
  hash *= 0x2c1b3c6d;
  return hash ^ (hash >> 12);
}

/** FNV-1a over the octets of the five-tuple. @see nat-gateway reference §6.1 `eipHash` */
export function fnv1a(priIp: u32, pubIp: u32, ports: u32, protocol: u32): u32 {
  let hash = octet(0x811c9dc5, protocol);
  hash = word(hash, priIp);
  hash = octet(octet(hash, ports >> 24), (ports >> 16) & 0xff);
  hash = word(hash, pubIp);
  return octet(octet(hash, (ports >> 8) & 0xff), ports & 0xff);
}

function word(hash: u32, value: u32): u32 {
  return octet(octet(octet(octet(hash, value >> 24), (value >> 16) & 0xff), (value >> 8) & 0xff), value & 0xff);
}

function octet(hash: u32, value: u32): u32 {
  return (hash ^ value) * 0x01000193;
}
