import {
  FAULT_KINDS,
  type DeliveryScript,
  type Fault,
  type FaultKind,
  type ScriptTime,
} from '../../../src-main/contract/delivery';

/** A script as a file has it. */
export type ScriptFile = Readonly<Record<string, unknown>>;
type FaultFile = Readonly<Record<string, unknown>>;

/** Numbers of faults, by kind; of those of a shard's quota, one is enough. */
export const FAULT_NUMBERS = {
  project_deleted: [],
  project_disabled: [],
  logstore_deleted: [],
  role_revoked: [],
  grant_revoked: [],
  write_quota: ['bytesPerMin'],
  shard_quota: ['bytesPerSec', 'writesPerSec'],
  shards: ['shards'],
  network: ['delaySec'],
} as const satisfies Readonly<Record<FaultKind, readonly (keyof Fault)[]>>;
export type FaultNumber = (typeof FAULT_NUMBERS)[FaultKind][number];
export const ALL_NUMBERS: readonly FaultNumber[] = ['bytesPerMin', 'bytesPerSec', 'writesPerSec', 'shards', 'delaySec'];

/** The script of a report, as a file of the same meaning. */
export function scriptFile({ faults, ...script }: DeliveryScript): ScriptFile {
  return { ...script, faults: faults.map(faultFile) };
}

function faultFile({ kind, from, to, ...numbers }: Fault): FaultFile {
  const own = Object.entries(numbers).filter(([, value]) => value !== null);
  return {
    fault: kind,
    from: timeFile(from),
    ...(to === null ? {} : { to: timeFile(to) }),
    ...Object.fromEntries(own),
  };
}

function timeFile({ base, sec }: ScriptTime): string | number {
  if (base === 'epoch') return sec;
  return sec % 60 === 0 ? `+${sec / 60}m` : `+${sec}s`;
}

function faultsOf(script: ScriptFile): readonly unknown[] {
  return Array.isArray(script['faults']) ? (script['faults'] as readonly unknown[]) : [];
}

/** @param index of the fault whose place it takes; null for one more */
export function withFault(script: ScriptFile, index: number | null, fault: FaultFile): ScriptFile {
  const faults = faultsOf(script);
  const next = index === null ? [...faults, fault] : faults.map((each, at) => (at === index ? fault : each));
  return { ...script, faults: next };
}

export function withoutFault(script: ScriptFile, index: number): ScriptFile {
  return { ...script, faults: faultsOf(script).filter((_, at) => at !== index) };
}

/** When a fault holds, epoch seconds; `toSec` is null for ever. */
export interface FaultSpan {
  readonly fromSec: number;
  readonly toSec: number | null;
}

/** The script with a fault at another time, which is written after the first window begins where it was so before. */
export function withSpan(
  script: ScriptFile,
  index: number,
  { fromSec, toSec }: FaultSpan,
  startSec: number,
): ScriptFile {
  const fault = faultsOf(script)[index];
  if (typeof fault !== 'object' || fault === null) return script;
  const { to, ...kept } = fault as FaultFile;
  const timeLike = (before: unknown, sec: number): string | number =>
    typeof before === 'string' && before.startsWith('+') && sec >= startSec
      ? timeFile({ base: 'start', sec: sec - startSec })
      : sec;
  return withFault(script, index, {
    ...kept,
    from: timeLike(kept['from'], fromSec),
    ...(toSec === null ? {} : { to: timeLike(to ?? kept['from'], toSec) }),
  });
}

/** A fault as it is written in a form. */
export interface WrittenFault {
  readonly kind: FaultKind;
  readonly from: string;
  /** Empty for ever. */
  readonly to: string;
  readonly numbers: Readonly<Record<FaultNumber, string>>;
}

const NO_NUMBERS = { bytesPerMin: '', bytesPerSec: '', writesPerSec: '', shards: '', delaySec: '' } as const;

export const NEW_FAULT: WrittenFault = { kind: 'project_disabled', from: '+10m', to: '+20m', numbers: NO_NUMBERS };

/** @returns a new one for what is not there */
export function writtenFault(script: ScriptFile, index: number | null): WrittenFault {
  const fault = index === null ? undefined : faultsOf(script)[index];
  if (typeof fault !== 'object' || fault === null) return NEW_FAULT;
  const file = fault as FaultFile;
  const text = (key: string): string => {
    const value = file[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const kind = FAULT_KINDS.find((each) => each === file['fault']) ?? NEW_FAULT.kind;
  const numbers = Object.fromEntries(ALL_NUMBERS.map((key) => [key, text(key)])) as Record<FaultNumber, string>;
  return { kind, from: text('from'), to: text('to'), numbers };
}

/** What the engine is asked to read; what is wrong with it, it says. */
export function readFault({ kind, from, to, numbers }: WrittenFault): FaultFile {
  const own = FAULT_NUMBERS[kind].filter((key) => numbers[key].trim() !== '');
  return {
    fault: kind,
    from: writtenTime(from),
    ...(to.trim() === '' ? {} : { to: writtenTime(to) }),
    ...Object.fromEntries(own.map((key) => [key, Number(numbers[key])])),
  };
}

/** Epoch seconds are a number in a file. */
function writtenTime(text: string): string | number {
  const time = text.trim();
  return /^\d+$/u.test(time) ? Number(time) : time;
}
