import {
  indexedBytes,
  LONGEST_COST_WINDOW_SEC,
  rawBytes,
  type CostReport,
  type FieldCost,
  type WindowCost,
} from '../../../src-main/contract/cost';

const DAY_SEC = 86_400;
const GB = 1e9;

/** What is indexed: some fields, or all of an entry as one text. */
export interface CostIndex {
  readonly fields: ReadonlySet<string>;
  readonly hasFullText: boolean;
}

/** Of 1 GB each, in the user's own money. */
export interface Prices {
  readonly write: number | null;
  readonly index: number | null;
}

/** What a session log with windows of one length would store. A day is null where the capture has no length. */
export interface CostRow {
  readonly windowSec: number;
  readonly entries: number;
  readonly rawBytes: number;
  readonly indexedBytes: number;
  readonly day: {
    readonly entries: number;
    readonly rawBytes: number;
    readonly indexedBytes: number;
    /** Null without a price. */
    readonly price: number | null;
  } | null;
}

export interface FieldCostRow {
  readonly name: string;
  readonly type: FieldCost['type'];
  readonly isIndexed: boolean;
  readonly rawBytes: number;
  /** Null under a full-text index, which has all fields at once. */
  readonly indexedBytes: number | null;
}

const choice = ({ fields, hasFullText }: CostIndex): Parameters<typeof indexedBytes>[1] => ({
  isIndexed: (name) => fields.has(name),
  hasFullText,
});

export function costRows(report: CostReport, index: CostIndex, prices: Prices): readonly CostRow[] {
  return report.windows.map((window) => costRow(window, report.seconds, index, prices));
}

function costRow(window: WindowCost, seconds: number | null, index: CostIndex, prices: Prices): CostRow {
  const { windowSec, entries } = window;
  const [raw, indexed] = [rawBytes(window), indexedBytes(window, choice(index))];
  const row = { windowSec, entries, rawBytes: raw, indexedBytes: indexed };
  if (seconds === null) return { ...row, day: null };
  const perDay = (amount: number): number => (amount * DAY_SEC) / seconds;
  const price =
    prices.write === null && prices.index === null
      ? null
      : perDay(raw * (prices.write ?? 0) + indexed * (prices.index ?? 0)) / GB;
  return { ...row, day: { entries: perDay(entries), rawBytes: perDay(raw), indexedBytes: perDay(indexed), price } };
}

/** The fields of a window as the product has them. */
export function fieldRows(window: WindowCost, index: CostIndex): readonly FieldCostRow[] {
  return window.fields.map((field) => ({
    name: field.name,
    type: field.type,
    isIndexed: index.fields.has(field.name),
    rawBytes: field.textBytes,
    indexedBytes: index.hasFullText ? null : indexedBytes({ ...window, fields: [field] }, choice(index)),
  }));
}

/** @returns null for no price yet, and `undefined` for what is none */
export function readPrice(text: string): number | null | undefined {
  const written = text.trim().replace(',', '.');
  if (written === '') return null;
  return /^\d{1,9}(?:\.\d{0,9})?$|^\.\d{1,9}$/u.test(written) ? Number(written) : undefined;
}

/** @returns whole minutes up to a day; null for none yet, and `undefined` for what are none */
export function readMinutes(text: string): number | null | undefined {
  const written = text.trim();
  if (written === '') return null;
  const minutes = /^\d{1,4}$/u.test(written) ? Number(written) : 0;
  return minutes >= 1 && minutes * 60 <= LONGEST_COST_WINDOW_SEC ? minutes : undefined;
}

/** An amount of money with as many digits as tell something. */
export function priceText(price: number): string {
  if (price === 0) return '0';
  return price >= 100 ? price.toFixed(0) : price >= 0.1 ? price.toFixed(2) : Number(price.toPrecision(2)).toString();
}
