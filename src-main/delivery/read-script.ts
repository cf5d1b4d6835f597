import {
  BREAKER_POLICIES,
  DELIVERY_ROUTES,
  FAULT_KINDS,
  type DeliveryScript,
  type Fault,
  type FaultKind,
  type ScriptTime,
} from '../contract/delivery';
import {
  described,
  LARGEST_SEC,
  list,
  object,
  oneOf,
  orNull,
  Problems,
  text,
  wholeNumber,
  type JsonSchema,
  type Read,
  type Shape,
} from '../nat/configuration';
import { WRITE_QUOTAS } from './quotas';
import { readScriptTime, TIME_RULE } from './script-time';

const MOST_FAULTS = 1000;
const LARGEST_SEED = 0xffff_ffff;
const DAY_SEC = 86_400;
/** Beyond what anything writes. */
const LARGEST_BYTES = 1e15;
const LARGEST_WRITES = 1e9;
const MOST_SHARDS = 256;

const time: Shape<ScriptTime> = {
  schema: {
    anyOf: [
      { type: 'integer', minimum: 0, maximum: LARGEST_SEC },
      { type: 'string', pattern: String.raw`^(\+\d{1,9}[smhd]?|\d{4}-.+)$` },
    ],
  },
  read: (value, path, problems) => {
    const read = readScriptTime(value);
    if (read === null) problems.add(path, value, TIME_RULE);
    return read ?? undefined;
  },
};

const share: Shape<number> = {
  schema: { type: 'number', minimum: 0, maximum: 1 },
  read: (value, path, problems) => {
    if (typeof value === 'number' && value >= 0 && value <= 1) return value;
    problems.add(path, value, 'must be a share from 0 to 1');
    return undefined;
  },
};

const bytes = wholeNumber(0, LARGEST_BYTES);

const faultShape = object(
  {
    fault: described('What is wrong.', oneOf(FAULT_KINDS)),
    from: described('When it begins.', time),
    to: described('When it is over; left out, it stays.', orNull(time)),
    bytesPerMin: described('Of write_quota: what the project may be sent.', bytes),
    bytesPerSec: described('Of shard_quota: what each shard takes.', bytes),
    writesPerSec: described('Of shard_quota: calls that each shard takes.', wholeNumber(0, LARGEST_WRITES)),
    shards: described('Of shards: how many take entries.', wholeNumber(1, MOST_SHARDS)),
    delaySec: described('Of network: by how much deliveries are later.', wholeNumber(1, DAY_SEC)),
  },
  ['fault', 'from'],
  { kind: 'fault', type: 'fault', start: 'from', end: 'to', until: 'to', delay: 'delaySec' },
);
type FaultFile = Read<typeof faultShape>;

const delayShape = object({
  least: described('Seconds from the end of a window to its delivery. Default: 30.', wholeNumber(0, DAY_SEC)),
  most: described('Default: 240.', wholeNumber(0, DAY_SEC)),
  tailMost: described('Of the few that are later. Default: 900.', wholeNumber(0, DAY_SEC)),
  tailRate: described('Which share they are. Default: 0.01.', share),
});

const quotasShape = object({
  projectBytesPerMin: described(`Default: ${WRITE_QUOTAS.projectBytesPerMin.value}.`, wholeNumber(1, LARGEST_BYTES)),
  shardBytesPerSec: described(`Default: ${WRITE_QUOTAS.shardBytesPerSec.value}.`, wholeNumber(1, LARGEST_BYTES)),
  shardWritesPerSec: described(`Default: ${WRITE_QUOTAS.shardWritesPerSec.value}.`, wholeNumber(1, LARGEST_WRITES)),
});

/** Every key of a script of deliveries; all can be left out. */
const scriptShape = object(
  {
    $schema: described('Where an editor finds this description.', text(1000)),
    name: described('For people only.', text(128)),
    seed: described('Of all that is by chance. Default: 0.', wholeNumber(0, LARGEST_SEED)),
    delaySec: delayShape,
    lossRate: described('Share of entries that are lost on the way. Default: 0.', share),
    lateRate: described('Share of windows that are late, beside the tail of delays. Default: 0.', share),
    duplicateRate: described('Share of entries that arrive twice. Default: 0.', share),
    breakerPolicy: described(
      'What becomes of entries while delivery is off: drop, or buffer until it is on again. Default: drop.',
      oneOf(BREAKER_POLICIES),
    ),
    route: described(
      'Which shard a call writes to: balance takes one after the other, hash follows the id of the gateway. Default: balance.',
      oneOf(DELIVERY_ROUTES),
    ),
    quotas: quotasShape,
    faults: list(faultShape, 0, MOST_FAULTS),
  },
  [],
  { loss: 'lossRate', dupRate: 'duplicateRate', duprate: 'duplicateRate', delay: 'delaySec', breaker: 'breakerPolicy' },
);

/** The delivery of a script that says nothing. @see nat-gateway reference §6 "Delivery simulation" */
export const DEFAULT_SCRIPT: DeliveryScript = {
  seed: 0,
  delaySec: { least: 30, most: 240, tailMost: 900, tailRate: 0.01 },
  lossRate: 0,
  lateRate: 0,
  duplicateRate: 0,
  breakerPolicy: 'drop',
  route: 'balance',
  quotas: {
    projectBytesPerMin: WRITE_QUOTAS.projectBytesPerMin.value,
    shardBytesPerSec: WRITE_QUOTAS.shardBytesPerSec.value,
    shardWritesPerSec: WRITE_QUOTAS.shardWritesPerSec.value,
  },
  faults: [],
};

/** The JSON Schema of a script, which is shipped as `resources/delivery.schema.json`. */
export function deliveryJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Natscope delivery of session logs',
    description:
      'What natscope import --delivery reads: how session logs are delivered, and what goes wrong meanwhile.',
    ...scriptShape.schema,
  };
}

/**
 * @param input JSON that anybody may have written
 * @throws AppError DELIVERY_INVALID that names path, value and rule of everything that is wrong
 */
export function readDeliveryScript(input: unknown): DeliveryScript {
  const problems = new Problems({ code: 'DELIVERY_INVALID', what: 'the delivery script' });
  const file = scriptShape.read(input, '', problems) ?? {};
  const delaySec = delayOf(given(file.delaySec));
  if (delaySec.most < delaySec.least) problems.addMissing('delaySec', 'has a most below its least');
  if (delaySec.tailMost < delaySec.most) problems.addMissing('delaySec', 'has a tailMost below its most');
  const faults = (file.faults ?? []).flatMap((fault, index) => {
    const read = fault === undefined ? null : readFault(fault, `faults[${index}]`, problems);
    return read === null ? [] : [read];
  });
  problems.throwIfAny();
  return {
    seed: file.seed ?? DEFAULT_SCRIPT.seed,
    delaySec,
    lossRate: file.lossRate ?? 0,
    lateRate: file.lateRate ?? 0,
    duplicateRate: file.duplicateRate ?? 0,
    breakerPolicy: file.breakerPolicy ?? DEFAULT_SCRIPT.breakerPolicy,
    route: file.route ?? DEFAULT_SCRIPT.route,
    quotas: { ...DEFAULT_SCRIPT.quotas, ...given(file.quotas) },
    faults,
  };
}

/** What is left out gives way to what is given. */
function delayOf(delay: Partial<DeliveryScript['delaySec']>): DeliveryScript['delaySec'] {
  const { tailRate, ...usual } = DEFAULT_SCRIPT.delaySec;
  const most = Math.max(delay.least ?? 0, Math.min(usual.most, delay.tailMost ?? Infinity));
  const least = Math.min(usual.least, delay.most ?? most);
  const tailMost = Math.max(usual.tailMost, delay.most ?? most);
  return { least, most, tailMost, tailRate, ...delay };
}

/** What was given and is right. */
function given<T extends object>(values: T | undefined): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

type FaultNumber = 'bytesPerMin' | 'bytesPerSec' | 'writesPerSec' | 'shards' | 'delaySec';

/** Which numbers a fault has, and whether it needs all of them or one. */
const FAULT_NUMBERS: Readonly<Partial<Record<FaultKind, readonly FaultNumber[]>>> = {
  write_quota: ['bytesPerMin'],
  shard_quota: ['bytesPerSec', 'writesPerSec'],
  shards: ['shards'],
  network: ['delaySec'],
};
const ALL_NUMBERS: readonly FaultNumber[] = ['bytesPerMin', 'bytesPerSec', 'writesPerSec', 'shards', 'delaySec'];

function readFault(file: NonNullable<FaultFile>, path: string, problems: Problems): Fault | null {
  const { fault: kind, from, to = null } = file;
  if (kind === undefined || from === undefined) return null;
  const own = FAULT_NUMBERS[kind] ?? [];
  for (const key of ALL_NUMBERS) {
    if (file[key] !== undefined && !own.includes(key)) {
      problems.addMissing(`${path}.${key}`, `does not belong to ${kind}`);
    }
  }
  if (
    own.length > 0 &&
    own.every((key) => file[key] === undefined) &&
    !own.some((key) => problems.has(`${path}.${key}`))
  ) {
    problems.addMissing(path, `needs ${own.join(' or ')}`);
  }
  if (to !== null && to.base === from.base && to.sec <= from.sec)
    problems.addMissing(`${path}.to`, 'is not after from');
  const { bytesPerMin = null, bytesPerSec = null, writesPerSec = null, shards = null, delaySec = null } = file;
  return { kind, from, to, bytesPerMin, bytesPerSec, writesPerSec, shards, delaySec };
}
