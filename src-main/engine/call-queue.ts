import type { CallName } from '../contract/ipc';

/**
 * What may run at once of one client, in three lanes that do not wait for each other: reads of the catalogue, which a
 * page needs to show anything, have one beside queries that may take long, and both beside imports that take minutes.
 * All of them, 16, are more than the threads of the database: more at once would only keep others waiting.
 */
const LANE_CALLS = { read: 4, query: 8, write: 4 } as const;
type Lane = keyof typeof LANE_CALLS;

const LANE_OF: Readonly<Record<CallName, Lane>> = {
  'workspace:read': 'read',
  'dialect:read': 'read',
  'import:read': 'read',
  'import:hosts': 'read',
  'capture:move': 'read',
  'capture:info': 'read',
  'capture:read': 'query',
  'import:preview': 'query',
  'import:remedies': 'query',
  'import:packets': 'query',
  'delivery:read': 'query',
  'delivery:events': 'query',
  'delivery:presets': 'read',
  'cost:read': 'query',
  'delivery:apply': 'write',
  'upload:discard': 'read',
  'nat-table:read': 'read',
  'query:run': 'query',
  'query:explain': 'query',
  'histogram:run': 'query',
  'attribution:read': 'query',
  'attribution:complaints': 'query',
  'compare:run': 'query',
  'nat-events:read': 'query',
  'windows:read': 'query',
  'field:read': 'query',
  'context:read': 'query',
  'import:run': 'write',
  'replay:control': 'read',
  'replay:list': 'read',
  'export:run': 'write',
  'export:sources': 'read',
  'packets:write': 'write',
  'digest:run': 'write',
  'project:list': 'read',
  'project:read': 'read',
  'project:create': 'read',
  'project:update': 'read',
  'project:delete': 'write',
  'logstore:list': 'read',
  'logstore:read': 'read',
  'logstore:create': 'read',
  'logstore:update': 'write',
  'logstore:delete': 'write',
  'shard:list': 'read',
  'shard:split': 'read',
  'shard:merge': 'read',
  'index:read': 'read',
  'saved-search:list': 'read',
  'saved-search:read': 'read',
  'index:write': 'read',
  'index:preview': 'read',
  'index:export': 'read',
  'delivery:export': 'read',
  'index:recommend': 'read',
  'index:delete': 'read',
  'index:rebuild': 'read',
  'saved-search:write': 'read',
  'saved-search:rename': 'read',
  'saved-search:delete': 'read',
  'load:run': 'write',
  'file:recognise': 'read',
  'load:preview': 'read',
  'load:bad-lines': 'read',
  'region:list': 'read',
  'vpc:list': 'read',
  'vpc:create': 'read',
  'vpc:delete': 'read',
  'vswitch:create': 'read',
  'vswitch:delete': 'read',
  'gateway:list': 'read',
  'gateway:read': 'read',
  'gateway:create': 'read',
  'gateway:update': 'read',
  'gateway:delete': 'read',
  'eip:add': 'read',
  'eip:remove': 'read',
  'snat:create': 'read',
  'snat:delete': 'read',
  'account:read': 'read',
  'account:update': 'read',
  'session-log:list': 'read',
  'session-log:read': 'read',
  'session-log:enable': 'read',
  'session-log:change': 'read',
  'session-log:stop': 'read',
};

/** So many calls of a client may wait: more than any page has, and few enough to be held. */
const MAX_WAITING_CALLS = 1000;
/** Of their requests, in characters of JSON: two of the longest. */
const MAX_WAITING_CHARACTERS = 32 << 20;

/** A call that has its turn, or waits for it. */
export interface Turn {
  readonly name: CallName;
  readonly request: unknown;
  /** Called once, when the turn has come; settles when the call is over, and never rejects. */
  readonly begin: () => Promise<void>;
}

interface WaitingTurn {
  readonly turn: Turn;
  readonly characters: number;
}

/** The calls of one client: so many at once, the others in their order. */
export class CallQueue {
  readonly #running: Record<Lane, number> = { read: 0, query: 0, write: 0 };
  readonly #waiting: Readonly<Record<Lane, WaitingTurn[]>> = { read: [], query: [], write: [] };
  #waitingCalls = 0;
  #waitingCharacters = 0;

  /** @returns false when too much waits already; the call is then not begun */
  enter(turn: Turn): boolean {
    const lane = LANE_OF[turn.name];
    if (this.#running[lane] < LANE_CALLS[lane]) {
      this.#begin(lane, turn);
      return true;
    }
    if (this.#waitingCalls >= MAX_WAITING_CALLS) return false;
    const characters = JSON.stringify(turn.request ?? null).length;
    if (this.#waitingCharacters + characters > MAX_WAITING_CHARACTERS) return false;
    this.#waiting[lane].push({ turn, characters });
    this.#waitingCalls += 1;
    this.#waitingCharacters += characters;
    return true;
  }

  /** @returns whether it was still waiting; it is not begun then */
  leave(turn: Turn): boolean {
    const waiting = this.#waiting[LANE_OF[turn.name]];
    const at = waiting.findIndex((each) => each.turn === turn);
    if (at === -1) return false;
    this.#forget(waiting.splice(at, 1)[0]);
    return true;
  }

  #begin(lane: Lane, turn: Turn): void {
    this.#running[lane] += 1;
    void turn.begin().then(() => {
      this.#running[lane] -= 1;
      const next = this.#waiting[lane].shift();
      if (next === undefined) return;
      this.#forget(next);
      this.#begin(lane, next.turn);
    });
  }

  #forget(waiting: WaitingTurn | undefined): void {
    if (waiting === undefined) return;
    this.#waitingCalls -= 1;
    this.#waitingCharacters -= waiting.characters;
  }
}
