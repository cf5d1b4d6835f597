/* How an interface of pcapng counts time. @see draft-ietf-opsawg-pcapng §4.2 (if_tsresol, if_tsoffset) */

const NANOS_PER_SEC: u64 = 1000000000;
const BASE_2: u32 = 0x80;
/** Largest powers that 64 bits hold. */
const MAX_POWER_OF_10: u32 = 19;
const MAX_POWER_OF_2: u32 = 63;
/** Up to here, a part of a second in ticks times 10^9 fits 64 bits. */
const MAX_DIRECT_UNITS: u64 = 1 << 34;

/** Whole seconds and the nanoseconds within, as the last `splitTicks` left them. */
export let tickSec: f64 = 0;
export let tickNsec: u32 = 0;

/**
 * @param resolution `if_tsresol`: with the top bit clear, ticks of 10^-n seconds; with it set, of 2^-n
 * @returns 0 when a second has more ticks than 64 bits can count
 */
export function unitsPerSecond(resolution: u32): u64 {
  const power = resolution & 0x7f;
  if ((resolution & BASE_2) != 0) return power <= MAX_POWER_OF_2 ? (<u64>1) << power : 0;
  return power <= MAX_POWER_OF_10 ? powerOf10(power) : 0;
}

/** Exact whatever the resolution, rounded down to nanoseconds. */
export function splitTicks(ticks: u64, unitsPerSec: u64, resolution: u32): void {
  const seconds = unitsPerSec == 0 ? 0 : ticks / unitsPerSec;
  const rest = unitsPerSec == 0 ? ticks : ticks % unitsPerSec;
  tickSec = <f64>seconds;
  const power = resolution & 0x7f;
  if (unitsPerSec != 0 && unitsPerSec <= MAX_DIRECT_UNITS) tickNsec = <u32>((rest * NANOS_PER_SEC) / unitsPerSec);
  else if ((resolution & BASE_2) != 0) tickNsec = nanosOfPowerOf2(rest, power);
  else tickNsec = power - 9 > MAX_POWER_OF_10 ? 0 : <u32>(rest / powerOf10(power - 9));
}

/** `rest · 10^9 / 2^power` with 96 bits in between; `power` is above 32. */
function nanosOfPowerOf2(rest: u64, power: u32): u32 {
  const low = (rest & 0xffffffff) * NANOS_PER_SEC;
  const high = (rest >> 32) * NANOS_PER_SEC + (low >> 32);
  return power - 32 > MAX_POWER_OF_2 ? 0 : <u32>(high >> (power - 32));
}

function powerOf10(power: u32): u64 {
  let result: u64 = 1;
  for (let step: u32 = 0; step < power; step++) result *= 10;
  return result;
}
