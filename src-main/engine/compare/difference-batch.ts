import type { ResultBatch, ResultColumn } from '../../contract/result-batch';
import { entryIdText } from '../../contract/log-entry';
import { formatIpv4 } from '../../nat/address-text';
import { textColumn, validityOf } from '../output/text-column';
import { COUNTERS, type ComparedEntry, type SessionKey } from './compared-entry';
import type { Difference } from './explain-session';
import { gatewayParts } from './entry-cursor';

/** A batch is sent when it has as many. */
export const BATCH_DIFFERENCES = 4096;

/** What the numbers of gateways stand for, from 1. */
export interface GatewayNames {
  readonly instances: readonly string[];
  readonly vpcs: readonly string[];
}

/** Whether entries of a side have identities that can be asked for. */
export type HasIdentities = readonly [boolean, boolean];

type DifferenceRow = readonly [SessionKey, Difference];

/**
 * Differences as rows: where and why, the entry's fields as the first log has them (as the second, where only that has it),
 * what the other has instead, and the identities of both.
 */
export function differenceBatch(
  rows: readonly DifferenceRow[],
  names: GatewayNames,
  hasIdentities: HasIdentities,
): ResultBatch {
  const shown = rows.flatMap(([, { a, b }]) => a ?? b ?? []);
  const key = (part: keyof SessionKey): readonly (number | null)[] => rows.map(([session]) => session[part]);
  const identity = (name: string, side: 0 | 1): ResultColumn =>
    textColumn(
      name,
      rows.map(([, { a, b }]) => identityOf(side === 0 ? a : b, hasIdentities[side])),
    );
  return {
    rowCount: rows.length,
    columns: [
      textColumn(
        'in',
        rows.map(([, { place }]) => place),
      ),
      textColumn(
        'reason',
        rows.map(([, { reason }]) => reason),
      ),
      integers('protocol', key('protocol')),
      addresses('pri_ip', key('priIp')),
      integers('pri_port', key('priPort')),
      addresses('pub_ip', key('pubIp')),
      integers('pub_port', key('pubPort')),
      addresses(
        'nat_ip',
        shown.map(({ natIp }) => known(natIp)),
      ),
      integers(
        'nat_port',
        shown.map(({ natPort }) => known(natPort)),
      ),
      ...COUNTERS.map((name, index) =>
        integers(
          name,
          shown.map(({ counters }) => known(counters[index]!)),
        ),
      ),
      integers(
        'start_time',
        shown.map(({ startSec }) => known(startSec)),
      ),
      integers(
        'end_time',
        shown.map(({ endSec }) => known(endSec)),
      ),
      textColumn(
        'differences',
        rows.map(([, difference]) => differencesText(difference, names)),
      ),
      identity('entry_a', 0),
      identity('entry_b', 1),
    ],
  };
}

function known<N extends number | bigint>(value: N): N | null {
  return value < 0 ? null : value;
}

function identityOf(entry: ComparedEntry | null, hasIdentities: boolean): string | null {
  return entry === null || !hasIdentities ? null : entryIdText({ run: entry.run, entryNo: Number(entry.entryNo) });
}

/** `pkts_from_pub 10 | 9, end_time 1700000000 | 1700000001`; null where one side has nothing. */
function differencesText({ a, b, fields }: Difference, names: GatewayNames): string | null {
  if (a === null || b === null) return null;
  return fields.map((field) => `${field} ${valueText(a, field, names)} | ${valueText(b, field, names)}`).join(', ');
}

function valueText(entry: ComparedEntry, field: string, { instances, vpcs }: GatewayNames): string {
  const counter = (COUNTERS as readonly string[]).indexOf(field);
  if (counter >= 0) return numberText(entry.counters[counter]!);
  switch (field) {
    case 'nat_ip':
      return entry.natIp < 0 ? '–' : formatIpv4(entry.natIp);
    case 'nat_port':
      return numberText(entry.natPort);
    case 'start_time':
      return numberText(entry.startSec);
    case 'end_time':
      return numberText(entry.endSec);
    case 'gateway': {
      const [instance, vpc] = gatewayParts(entry.gateway);
      const parts = [instances[instance - 1], vpcs[vpc - 1]].filter((part) => part !== undefined);
      return parts.length === 0 ? '–' : parts.join(' in ');
    }
    default:
      throw new RangeError(`no field ${field} is compared`);
  }
}

const numberText = (value: number | bigint): string => (value < 0 ? '–' : String(value));
function integers(name: string, values: readonly (number | bigint | null)[]): ResultColumn {
  const data = BigInt64Array.from(values, (value) => BigInt(value ?? 0));
  return { name, type: 'int64', data, validity: validityOf(values) };
}

function addresses(name: string, values: readonly (number | null)[]): ResultColumn {
  return { name, type: 'ipv4', data: Uint32Array.from(values, (value) => value ?? 0), validity: validityOf(values) };
}
