import { STANDARD_INPUT } from '../contract/imports';
import type { Notice } from '../contract/result-batch';
import { areWhole } from '../nat/contested-ends';
import type { CaptureSides } from '../nat/leg-coverage';
import type { LegCounts } from '../nat/leg-pairing';
import type { Survey } from './capture-survey';
import type { ImportResult } from './import-captures';
import { counted, inWords } from './notice-text';

/** Of a hundred packets of the side that has fewer, those that would be on the other one if both sides show the same. */
const LEAST_PAIRED_SHARE = 0.05;

/** @see nat-gateway reference §6.2 */
export function sideNotices({ clocks, legs }: ImportResult): Notice[] {
  const { paired, privateOnly, publicOnly } = legs;
  const notices: Notice[] = [];
  const [first] = clocks;
  if (first !== undefined) {
    const { aheadNsec, driftPerSec, pairs } = first.clock;
    const sec = Number((Math.abs(aheadNsec) / 1e9).toPrecision(6));
    const drift = driftPerSec === 0 ? '' : `, and gains ${Number((driftPerSec / 1e3).toPrecision(3))} ppm`;
    const names = clocks.map(({ path }) => path).join(', ');
    const text = `The clock of ${names} is ${sec} s${inWords(Math.floor(sec))} ${aheadNsec < 0 ? 'behind' : 'ahead of'} that of the captures inside of the gateway${drift}, as ${counted(pairs)} on both sides ${pairs === 1 ? 'shows' : 'show'}: ${clocks.length === 1 ? 'its' : 'their'} packets count at the times of that clock.`;
    notices.push({ kind: 'info', text });
  }
  if (legs.equal > 0) notices.push(equalNotice(legs));
  if (shareNothing(legs)) {
    const found = paired === 0 ? 'none is' : `only ${paired} ${paired === 1 ? 'is' : 'are'}`;
    const text = `Of ${counted(privateOnly + paired)} inside of the gateway and ${publicOnly + paired} outside, ${found} on both sides: if the captures show the same traffic, it counts twice. Compare their clocks, say with natscope fingerprint, and bring them together with editcap -t; or import the captures of one side only.`;
    notices.push({ kind: 'losses', text, isBesideLedger: true });
  }
  return notices;
}

/** Both sides were captured, and hardly a packet is on both. */
function shareNothing({ paired, privateOnly, publicOnly }: LegCounts): boolean {
  const fewer = Math.min(privateOnly, publicOnly);
  return fewer > 0 && paired < (paired + fewer) * LEAST_PAIRED_SHARE;
}

/** What is not known of the translations, and what may be wrong. */
function equalNotice(legs: LegCounts): Notice {
  const { equal, byMoment } = legs;
  const are = equal === 1 ? 'is equal' : 'are equal';
  const rest =
    byMoment === 0 || areWhole(legs)
      ? ''
      : ` ${counted(byMoment)} show one as nobody else had the same at that moment; as packets are missing on both sides, it may be that of another session for a few.`;
  const text = `Of the packets on both sides of the gateway ${equal} ${are} to those of other hosts, or of a session that had such, and nothing tells whose is whose: each counts once, and shows no translation.${rest}`;
  return { kind: 'info', text };
}

/** Of a hundred packets of a capture, those of one side that may be there by the way; so few are on one side alone, too. */
const STRAY_SHARE = 0.01;

/**
 * What must be known where the clocks of the two sides cannot be compared, as far as packets are missing on both: of what came
 * through a pipe, which is read once, of a capture that has both sides, which nobody can tell from two put together, and of files
 * in which every packet is like others.
 *
 * @param survey without the captures that were left out
 */
export function clockNotices({ captures, hasUnknownClocks = false }: Survey, { legs, clocks }: ImportResult): Notice[] {
  const { paired, privateOnly, publicOnly, captures: sides } = legs;
  const fewer = Math.min(privateOnly, publicOnly);
  if (clocks.length > 0 || fewer <= (paired + fewer) * STRAY_SHARE) return [];
  const missing = `${counted(privateOnly)} inside of the gateway and ${publicOnly} outside are on one side alone`;
  const at = captures.map(({ path, file }, place) => ({
    name: path === STANDARD_INPUT ? 'standard input' : path,
    isPipe: file === null,
    side: sideOf(sides[place]),
  }));
  const hasTwo = at.some(({ side }) => side === 'inside') && at.some(({ side }) => side === 'outside');
  const pipes = hasTwo ? at.filter(({ isPipe, side }) => isPipe && side !== null).map(({ name }) => name) : [];
  const both = at.filter(({ side }) => side === 'both').map(({ name }) => name);
  const notices: Notice[] = [];
  if (pipes.length > 0) {
    const text = `The clocks of the two sides of the gateway were not compared, as what comes from ${pipes.join(', ')} is read once; ${missing}. If the clocks are apart, these count twice: import the captures as files.`;
    notices.push({ kind: 'info', text });
  }
  if (both.length > 0) {
    const [has, was] = both.length === 1 ? ['has', 'it was'] : ['have', 'they were'];
    const text = `${both.join(', ')} ${has} both sides of the gateway, whose times stand as they are; ${missing}. If ${was} put together of captures whose clocks were apart, these count twice: import the captures themselves.`;
    notices.push({ kind: 'info', text });
  }
  if (hasUnknownClocks && !shareNothing(legs)) {
    const text = `Nothing tells how far the clocks of the two sides of the gateway are apart, as the packets of their captures are like each other; ${missing}. If the clocks are apart, these count twice, or as lost: bring them together with editcap -t, or import the captures of one side only.`;
    notices.push({ kind: 'info', text });
  }
  return notices;
}

function sideOf(sides: CaptureSides | undefined): 'inside' | 'outside' | 'both' | null {
  if (sides === undefined || sides.private + sides.public === 0) return null;
  if (sides.public <= sides.private * STRAY_SHARE) return 'inside';
  return sides.private <= sides.public * STRAY_SHARE ? 'outside' : 'both';
}
