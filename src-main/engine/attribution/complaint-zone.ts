import { isShownTwice } from '../../query/time-range';
import { instantOf, parseOffset, zoneOffset } from '../../query/zone';

/** Names that stand for one offset only, or that mails have given one. @see RFC 5322 §4.3 */
const ZONE_NAMES: Readonly<Record<string, string>> = {
  z: 'Z',
  utc: 'Z',
  gmt: 'Z',
  ut: 'Z',
  est: '-05:00',
  edt: '-04:00',
  cdt: '-05:00',
  mst: '-07:00',
  mdt: '-06:00',
  pst: '-08:00',
  pdt: '-07:00',
  cet: '+01:00',
  cest: '+02:00',
  eet: '+02:00',
  eest: '+03:00',
  msk: '+03:00',
  jst: '+09:00',
  kst: '+09:00',
  hkt: '+08:00',
  sgt: '+08:00',
  hst: '-10:00',
  akst: '-09:00',
  akdt: '-08:00',
  brt: '-03:00',
  wet: 'Z',
  west: '+01:00',
  mez: '+01:00',
  mesz: '+02:00',
  sast: '+02:00',
  pkt: '+05:00',
  ict: '+07:00',
  wib: '+07:00',
  awst: '+08:00',
  acst: '+09:30',
  acdt: '+10:30',
  aest: '+10:00',
  aedt: '+11:00',
  nzst: '+12:00',
  nzdt: '+13:00',
  nst: '-03:30',
  ndt: '-02:30',
  brst: '-02:00',
  art: '-03:00',
  uyt: '-03:00',
  clt: '-04:00',
  clst: '-03:00',
  vet: '-04:00',
  cot: '-05:00',
  pet: '-05:00',
  wat: '+01:00',
  cat: '+02:00',
  eat: '+03:00',
  trt: '+03:00',
  idt: '+03:00',
  irst: '+03:30',
  aft: '+04:30',
  uzt: '+05:00',
  npt: '+05:45',
  wita: '+08:00',
  myt: '+08:00',
  pht: '+08:00',
  phst: '+08:00',
};
/** Names of several zones. */
const SHARED_NAMES: Readonly<Record<string, readonly string[]>> = {
  ADT: ['-03:00', '+04:00'],
  AMT: ['-04:00', '+04:00'],
  AST: ['-04:00', '+03:00'],
  BST: ['+01:00', '+06:00', '+11:00'],
  CST: ['-06:00', '-05:00', '+08:00'],
  ECT: ['-05:00', '-04:00'],
  GST: ['+04:00', '+10:00', '-02:00'],
  IST: ['+05:30', '+01:00', '+02:00'],
  SST: ['-11:00', '+08:00'],
  WIT: ['+09:00', '+07:00'],
};

/** What is behind a time, or in its label. */
export type WrittenZone =
  /** As RFC 3339 has it. */
  | { readonly kind: 'offset'; readonly offset: string }
  | { readonly kind: 'instant'; readonly sec: number }
  /** Clocks of the zone show the time twice. */
  | { readonly kind: 'twice' }
  /** The reader's zone has the name, among others. */
  | { readonly kind: 'assumed' }
  | { readonly kind: 'unclear' };

/**
 * @param local the time, as `2026-03-10 14:03:21`
 * @param readerZone which decides what a name of several zones stands for, if it is one of them
 * @returns null for what is no zone
 */
export function readZone(word: string, local: string, readerZone: string): WrittenZone | null {
  if (/^local\b/iu.test(word)) return { kind: 'assumed' };
  const shared = SHARED_NAMES[word];
  if (shared !== undefined) return { kind: shared.includes(offsetAt(local, readerZone)) ? 'assumed' : 'unclear' };
  const instant = instantIn(word, local);
  if (instant === 'twice') return { kind: 'twice' };
  if (instant !== null) return { kind: 'instant', sec: instant };
  const offset = offsetOf(word);
  return offset === undefined ? null : { kind: 'offset', offset };
}

/** The offset of a zone at a local time, as RFC 3339 has it. */
function offsetAt(local: string, zone: string): string {
  const localSec = localSecOf(local);
  const minutes = Math.round((localSec - instantOf(localSec, zoneOffset(zone))) / 60);
  const pad = (number: number): string => String(number).padStart(2, '0');
  const ahead = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(ahead / 60))}:${pad(ahead % 60)}`;
}

function localSecOf(local: string): number {
  return Date.parse(`${local.replace(' ', 'T')}Z`) / 1000;
}

/** Epoch seconds of a local time in a zone by its name, such as Europe/Berlin; null for what is no such name. */
function instantIn(zone: string, local: string): number | 'twice' | null {
  if (!zone.includes('/')) return null;
  try {
    if (isShownTwice({ text: local, zone })) return 'twice';
    return instantOf(localSecOf(local), zoneOffset(zone));
  } catch {
    return null;
  }
}

/** Kiritimati is that far ahead; what is more, or not of quarters of an hour, is another time: `14:03-15:03`. */
const MOST_OFFSET_SEC = 14 * 3600;

/** @returns an offset as RFC 3339 has it; undefined for what names none */
function offsetOf(zone: string): string | undefined {
  const named = ZONE_NAMES[zone.toLowerCase()];
  if (named !== undefined) return named;
  const [, sign, hours, minutes = '00'] = /^(?:UTC|GMT)?\s?([+-])(\d{1,2}):?(\d{2})?$/u.exec(zone) ?? [];
  const offset = sign === undefined || hours === undefined ? '' : `${sign}${hours.padStart(2, '0')}:${minutes}`;
  const seconds = parseOffset(offset);
  return seconds === null || Math.abs(seconds) > MOST_OFFSET_SEC || seconds % 900 !== 0 ? undefined : offset;
}
