import {
  BREAKER_CODES,
  type DeliveryAct,
  type DeliveryCode,
  type DeliveryEvent,
  type DeliveryScript,
  type LossCause,
  type PlacedFault,
  type StatusChange,
} from '../contract/delivery';
import { backOffSec, BREAKER_SEC, GIVE_UP_SEC } from './codes';
import { jobsOf, type Job } from './delivery-jobs';
import { countDuplicates, lostByChance } from './entry-chances';
import { Faults } from './faults';
import type { LogGroup } from './log-groups';
import { shardOf, WriteQuotas, type TargetShards } from './shard-quotas';

export interface DeliveryTask {
  /** In the order in which they were sealed. */
  readonly groups: readonly LogGroup[];
  readonly windowSec: number;
  readonly script: DeliveryScript;
  readonly shards: TargetShards;
  /** Seconds from the first window's start for which the destination is being changed, and nothing is delivered; else 0. */
  readonly modifyingSec: number;
}

/** What became of one group of entries. */
export interface GroupOutcome {
  /** Epoch seconds; null where it was not delivered. */
  readonly deliveredSec: number | null;
  /** Why it is lost; null where it was delivered, or waits for ever. */
  readonly cause: LossCause | null;
  /** That it was written to; null where it was not delivered. */
  readonly shard: number | null;
  /** Entries of it that are lost although it was delivered, and that arrived twice. */
  readonly lostEntries: number;
  readonly duplicates: number;
}

export interface Delivery {
  /** By the ordinal of the group. */
  readonly outcomes: readonly GroupOutcome[];
  readonly events: readonly DeliveryEvent[];
  /** Ascending by time; the first one is at the start of the first window. */
  readonly statuses: readonly StatusChange[];
  readonly faults: readonly PlacedFault[];
}

/**
 * Delivers groups of entries, second by second of capture time, until nothing is left that could still be sent.
 *
 * What is refused waits in one queue and is sent again; after five minutes of a code that says that the target is not there,
 * delivery is off for five more, and then tested once with data that came since.
 *
 * @see session-log.md "Delivery error codes"; nat-gateway reference §1.4, §6
 */
export function simulateDelivery(task: DeliveryTask): Delivery {
  // Without a window there is no capture time that a status or a fault could be placed in.
  if (task.groups.length === 0) return { outcomes: [], events: [], statuses: [], faults: [] };
  return new Sender(task).run();
}

class Sender {
  readonly #groups: readonly LogGroup[];
  readonly #script: DeliveryScript;
  readonly #shards: TargetShards;
  readonly #faults: Faults;
  readonly #quotas: WriteQuotas;
  readonly #jobs: readonly Job[];
  readonly #outcomes: GroupOutcome[];
  readonly #events: DeliveryEvent[] = [];
  readonly #statuses: StatusChange[] = [];
  /** The next of `#jobs` that becomes due. */
  #next = 0;
  #queue: Job[] = [];
  #nowSec: number;
  /** Attempts in a row that were refused. */
  #failures = 0;
  #retrySec: number | null = null;
  /** Since when the target has refused everything with a code of the breaker. */
  #refusedSinceSec: number | null = null;
  #offUntilSec: number | null = null;
  /** Why the breaker is open. */
  #offCode: DeliveryCode = 'UnavaliableTarget';
  /** Something came since the breaker opened. */
  #hasNew = false;
  /** Entries of the queue. */
  #waiting = 0;

  constructor({ groups, windowSec, script, shards, modifyingSec }: DeliveryTask) {
    this.#groups = groups;
    this.#script = script;
    this.#shards = shards;
    const startSec = (groups[0]?.sealedSec ?? 0) - windowSec;
    this.#nowSec = startSec;
    this.#faults = new Faults(script, startSec);
    this.#quotas = new WriteQuotas(script.quotas, startSec);
    this.#jobs = jobsOf(groups, windowSec, script, this.#faults, startSec + modifyingSec);
    this.#outcomes = groups.map(() => NOT_SENT);
    if (modifyingSec > 0) this.#tellStatus(startSec, 'Modifying', null);
    this.#tellStatus(startSec + modifyingSec, 'Successful', null);
  }

  run(): Delivery {
    for (let sec = this.#nextSec(); sec !== Infinity; sec = this.#nextSec()) {
      this.#nowSec = sec;
      this.#arrive();
      this.#act();
    }
    return {
      outcomes: this.#outcomes,
      events: this.#events,
      statuses: this.#statuses,
      faults: this.#faults.placed,
    };
  }

  /** When something happens next; Infinity when nothing can. */
  #nextSec(): number {
    const arrival = this.#jobs[this.#next]?.dueSec ?? Infinity;
    if (this.#queue.length === 0) return arrival;
    if (this.#offUntilSec === null) return Math.min(arrival, this.#retrySec ?? this.#nowSec);
    return this.#hasNew ? Math.min(arrival, Math.max(this.#nowSec, this.#offUntilSec)) : arrival;
  }

  #arrive(): void {
    for (
      let job = this.#jobs[this.#next];
      job !== undefined && job.dueSec <= this.#nowSec;
      job = this.#jobs[this.#next]
    ) {
      this.#next++;
      const isOff = this.#offUntilSec !== null && this.#nowSec < this.#offUntilSec;
      if (isOff && this.#script.breakerPolicy === 'drop') {
        const lost = this.#lose(job, this.#offCode);
        this.#tell('give_up', 'UnavaliableTarget', { windowStartSec: job.windowStartSec, lost });
      } else {
        this.#queue.push(job);
        this.#waiting += this.#entriesOf(job.groups);
        this.#hasNew = true;
      }
    }
  }

  #act(): void {
    if (this.#queue.length === 0) return;
    if (this.#offUntilSec !== null) {
      if (this.#nowSec >= this.#offUntilSec && this.#hasNew) this.#test();
    } else if (this.#retrySec === null || this.#nowSec >= this.#retrySec) {
      this.#attempt();
    }
  }

  #attempt(): void {
    const code = this.#faults.codeAt(this.#nowSec);
    if (code === null) this.#send();
    else if (BREAKER_CODES.includes(code)) this.#refusedByTarget(code);
    else this.#refusedForNow(code);
  }

  /** After five minutes of it, the breaker opens. */
  #refusedByTarget(code: DeliveryCode): void {
    this.#refusedSinceSec ??= this.#nowSec;
    this.#failures++;
    const opensSec = this.#refusedSinceSec + BREAKER_SEC;
    const isOver = this.#nowSec >= opensSec;
    this.#retrySec = isOver ? null : Math.min(this.#nowSec + backOffSec(this.#failures), opensSec);
    this.#tellFailure(code);
    if (isOver) this.#open(code);
  }

  /** What waits is sent again, until it is given up. */
  #refusedForNow(code: DeliveryCode): void {
    this.#refusedSinceSec = null;
    this.#failures++;
    const over = this.#takeOver();
    for (const { groups } of over) this.#waiting -= this.#entriesOf(groups);
    const oldest = this.#queue[0];
    this.#retrySec =
      oldest === undefined ? null : Math.min(this.#nowSec + backOffSec(this.#failures), oldest.dueSec + GIVE_UP_SEC);
    this.#tellFailure(code);
    for (const job of over) {
      this.#tell('give_up', code, { windowStartSec: job.windowStartSec, lost: this.#lose(job, code) });
    }
  }

  /** @returns jobs that have waited for too long; the queue is in the order of `dueSec`, and is not gone through */
  #takeOver(): Job[] {
    let count = 0;
    while (count < this.#queue.length && this.#nowSec >= this.#queue[count]!.dueSec + GIVE_UP_SEC) count++;
    return count === 0 ? [] : this.#queue.splice(0, count);
  }

  #send(): void {
    this.#quotas.advance(this.#nowSec, this.#faults.quotasAt(this.#nowSec));
    this.#retrySec = null;
    let refused: DeliveryCode | null = null;
    let isAnySent = false;
    for (const job of this.#queue) {
      const code = this.#quotas.projectHasLeft ? this.#sendJob(job) : 'WriteQuotaExceed';
      isAnySent ||= job.groups.length === 0;
      if (refused !== 'WriteQuotaExceed') refused = code ?? refused;
      // What comes after it is refused as well: a long queue is not gone through at every attempt.
      if (code !== null && !this.#hasLeft()) break;
    }
    if (isAnySent) this.#queue = this.#queue.filter(({ groups }) => groups.length > 0);
    if (refused === null) this.#tellStatus(this.#nowSec, 'Successful', null);
    else this.#refusedForNow(refused);
  }

  /** Whether anything can be written anywhere. */
  #hasLeft(): boolean {
    if (!this.#quotas.projectHasLeft) return false;
    const count = this.#shardCount();
    for (let group = 0; group < count; group++) if (this.#quotas.shardHasLeft(this.#shardOf(group, count))) return true;
    return false;
  }

  #shardCount(): number {
    return this.#faults.at('shards', this.#nowSec)?.shards ?? this.#shards.ids.length;
  }

  #shardOf(group: number, count: number): number {
    return shardOf(group, this.#script.route, count, this.#shards);
  }

  /** @returns why some of it was refused; null when all was written */
  #sendJob(job: Job): DeliveryCode | null {
    const written: number[] = [];
    const rest: number[] = [];
    let refused: DeliveryCode | null = null;
    for (const group of job.groups) {
      const code = this.#write(group);
      (code === null ? written : rest).push(group);
      refused = code ?? refused;
    }
    job.groups = rest;
    this.#waiting -= this.#entriesOf(written);
    this.#tellWritten('put', job, written);
    return refused;
  }

  /** @returns why it was refused; null when it was written */
  #write(group: number): DeliveryCode | null {
    const sent = this.#groups[group]!;
    const shard = this.#shardOf(group, this.#shardCount());
    if (!this.#quotas.projectHasLeft) return 'WriteQuotaExceed';
    if (!this.#quotas.shardHasLeft(shard)) return 'ShardWriteQuotaExceed';
    this.#quotas.use(shard, sent.rawBytes);
    this.#outcomes[group] = {
      deliveredSec: this.#nowSec,
      cause: null,
      shard,
      lostEntries: lostByChance(sent, this.#script).length,
      duplicates: countDuplicates(sent, this.#script),
    };
    return null;
  }

  #tellWritten(act: 'put' | 'test', job: Job, written: readonly number[]): void {
    if (written.length === 0) return;
    this.#failures = 0;
    this.#refusedSinceSec = null;
    const sum = (pick: (group: number) => number): number => written.reduce((total, group) => total + pick(group), 0);
    const lost = sum((group) => this.#outcomes[group]!.lostEntries);
    this.#tell(act, null, {
      windowStartSec: job.windowStartSec,
      groups: written.length,
      entries: sum((group) => this.#groups[group]!.entries) - lost,
      rawBytes: sum((group) => this.#groups[group]!.rawBytes),
      lost,
    });
  }

  /** One group is sent; when it is taken, all that waits follows. */
  #test(): void {
    const [job] = this.#queue;
    const group = job?.groups[0];
    if (job === undefined || group === undefined) return;
    const code = this.#faults.codeAt(this.#nowSec);
    if (code !== null) {
      this.#retrySec = null;
      this.#tell('test', code, { windowStartSec: job.windowStartSec });
      this.#open(code);
      return;
    }
    this.#offUntilSec = null;
    for (const each of this.#queue) each.dueSec = this.#nowSec;
    this.#quotas.advance(this.#nowSec, this.#faults.quotasAt(this.#nowSec));
    if (this.#write(group) === null) {
      job.groups = job.groups.slice(1);
      this.#waiting -= this.#entriesOf([group]);
      this.#tellWritten('test', job, [group]);
      if (job.groups.length === 0) this.#queue.shift();
    }
    this.#send();
  }

  #open(code: DeliveryCode): void {
    this.#offUntilSec = this.#nowSec + BREAKER_SEC;
    this.#offCode = code;
    this.#hasNew = false;
    this.#refusedSinceSec = null;
    this.#failures = 0;
    this.#retrySec = null;
    let lost = 0;
    if (this.#script.breakerPolicy === 'drop') {
      for (const job of this.#queue) lost += this.#lose(job, code);
      this.#queue = [];
      this.#waiting = 0;
    }
    this.#tellStatus(this.#nowSec, 'Failed', 'UnavaliableTarget', this.#offUntilSec);
    this.#tell('open', 'UnavaliableTarget', { lost, retrySec: this.#offUntilSec });
  }

  /** @returns entries that are lost */
  #lose(job: Job, cause: LossCause): number {
    for (const group of job.groups) this.#outcomes[group] = { ...NOT_SENT, cause };
    const entries = this.#entriesOf(job.groups);
    job.groups = [];
    return entries;
  }

  #entriesOf(groups: readonly number[]): number {
    return groups.reduce((entries, group) => entries + this.#groups[group]!.entries, 0);
  }

  #tellFailure(code: DeliveryCode): void {
    this.#tellStatus(this.#nowSec, 'Failed', code);
    this.#tell('put', code, { windowStartSec: this.#queue[0]?.windowStartSec ?? null });
  }

  #tell(
    act: DeliveryAct,
    code: DeliveryCode | null,
    facts: Partial<Omit<DeliveryEvent, 'atSec' | 'act' | 'code'>>,
  ): void {
    this.#events.push({
      atSec: this.#nowSec,
      act,
      windowStartSec: null,
      code,
      groups: 0,
      entries: 0,
      rawBytes: 0,
      waiting: this.#waiting,
      lost: 0,
      retrySec: this.#retrySec,
      ...facts,
    });
  }

  #tellStatus(
    fromSec: number,
    status: StatusChange['status'],
    code: DeliveryCode | null,
    offUntilSec: number | null = null,
  ): void {
    // What changed twice within a second was the later one.
    if (this.#statuses.at(-1)?.fromSec === fromSec) this.#statuses.pop();
    const last = this.#statuses.at(-1);
    if (last?.status === status && last.code === code && last.offUntilSec === offUntilSec) return;
    this.#statuses.push({ fromSec, status, code, offUntilSec });
  }
}

const NOT_SENT: GroupOutcome = { deliveredSec: null, cause: null, shard: null, lostEntries: 0, duplicates: 0 };
