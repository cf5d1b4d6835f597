import type { DeliveryScript } from '../contract/delivery';
import { CHANCE, chance } from './chance';
import type { LogGroup } from './log-groups';

/** @returns the entries of a group that was delivered which are lost by chance, as ordinals of the run */
export function lostByChance({ firstEntry, entries }: LogGroup, { seed, lossRate }: DeliveryScript): number[] {
  const lost: number[] = [];
  if (lossRate === 0) return lost;
  for (let entry = firstEntry; entry < firstEntry + entries; entry++) {
    if (chance(seed, CHANCE.loss, entry) < lossRate) lost.push(entry);
  }
  return lost;
}

/** @returns how many entries of a group that was delivered arrive twice: what is lost on the way does not */
export function countDuplicates(
  { firstEntry, entries }: LogGroup,
  { seed, lossRate, duplicateRate }: DeliveryScript,
): number {
  if (duplicateRate === 0) return 0;
  let count = 0;
  for (let entry = firstEntry; entry < firstEntry + entries; entry++) {
    const isTwice = chance(seed, CHANCE.duplicate, entry) < duplicateRate;
    if (isTwice && (lossRate === 0 || chance(seed, CHANCE.loss, entry) >= lossRate)) count++;
  }
  return count;
}
