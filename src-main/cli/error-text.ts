import type { ErrorCode, ErrorDetail, ErrorShape } from '../contract/errors';

type Remedy = string | null | ((detail: ErrorDetail) => string | null);

const BUG = 'This is a bug in Natscope: report it with the command that you ran.';
const OTHER_WORKSPACE = 'Another workspace is named with --workspace DIR.';

/** The names there are, which stand one a line in `detail.known`. */
const known =
  (what: string, option: string): Remedy =>
  ({ known: names }) =>
    typeof names === 'string' && names !== ''
      ? `Name one of these ${what} with ${option}: ${names.replaceAll('\n', ', ')}.`
      : `There are no ${what} yet: an import creates one.`;

/**
 * What the command line adds to the message of an error: the way out in its own options. Null where the message says
 * it all, as those about files and queries do.
 */
const REMEDIES = {
  CAPTURE_NOT_FOUND: null,
  CAPTURE_IS_DIRECTORY: null,
  CAPTURE_UNREADABLE: null,
  CAPTURE_EMPTY: null,
  CAPTURE_NOT_A_CAPTURE: null,
  CAPTURE_UNSUPPORTED: null,
  CAPTURE_EXPANSION_LIMIT: 'Nothing of the import is kept.',
  CAPTURE_ALREADY_IMPORTED: null,
  CAPTURE_CHANGED: null,
  CAPTURE_NOT_KEPT: null,
  IMPORT_CANCELLED: null,
  LEDGER_UNBALANCED: 'Nothing of the import is kept.',
  MEMORY_EXHAUSTED: 'Nothing of the import is kept.',
  FINGERPRINT_AMBIGUOUS: null,
  GATEWAY_UNREADABLE: null,
  GATEWAY_INVALID: null,
  DELIVERY_UNREADABLE: null,
  DELIVERY_INVALID: null,
  VPC_NOT_FOUND: 'natscope vpc list shows the VPCs there are.',
  VPC_INVALID: null,
  VPC_IN_USE: null,
  VSWITCH_NOT_FOUND: 'natscope vswitch list shows the vSwitches there are.',
  VSWITCH_IN_USE: null,
  ID_TAKEN: null,
  GATEWAY_NOT_FOUND: 'natscope gateway list shows the gateways there are.',
  GATEWAY_BUILT_IN: null,
  GATEWAY_IN_USE: null,
  EIP_NOT_FOUND: 'natscope eip list shows the addresses there are.',
  EIP_TAKEN: null,
  SNAT_ENTRY_NOT_FOUND: 'natscope snat list shows the entries there are.',
  SESSION_LOG_REFUSED: null,
  SESSION_LOG_NOT_ENABLED: null,
  DESTINATION_NOT_FOUND: ({ gateway }) =>
    `natscope session-log change ${String(gateway)} sends it elsewhere, natscope session-log stop ${String(gateway)} ends it, and --gateway-id names other gateways to import through.`,
  WORKSPACE_NOT_FOUND: OTHER_WORKSPACE,
  WORKSPACE_LOCKED: OTHER_WORKSPACE,
  WORKSPACE_READ_ONLY: OTHER_WORKSPACE,
  WORKSPACE_FULL: OTHER_WORKSPACE,
  WORKSPACE_DAMAGED: null,
  WORKSPACE_TOO_NEW: OTHER_WORKSPACE,
  WORKSPACE_UNUSABLE: OTHER_WORKSPACE,
  OUTPUT_UNWRITABLE: null,
  PACKET_PROGRAM_GONE: null,
  PACKET_PROGRAM_MISSING: null,
  PROJECT_NOT_FOUND: known('projects', '--project'),
  LOGSTORE_NOT_FOUND: known('Logstores', '--logstore'),
  LOGSTORE_NAME_INVALID: null,
  PROJECT_EXISTS: null,
  LOGSTORE_EXISTS: null,
  LOGSTORE_BUSY: 'Run the command again when that has ended.',
  QUOTA_EXCEEDED: null,
  LOGSTORE_MISMATCH: null,
  SHARD_INVALID: 'natscope shard list shows the shards there are.',
  INDEX_MISSING: null,
  INDEX_EXISTS: null,
  INDEX_INVALID: null,
  SCHEMA_INVALID: null,
  COMPLAINTS_UNREADABLE: null,
  LOAD_UNREADABLE: null,
  LOAD_REPEATED: null,
  LOAD_CANCELLED: null,
  SNAPSHOT_GONE: 'Run the query again.',
  RUN_NOT_FOUND: null,
  REPLAY_NOT_RUNNING: null,
  RUN_GOES_ON: 'natscope delivery show --script shows what another script would do meanwhile.',
  ENTRY_NOT_FOUND: 'natscope query --ids shows the entries there are.',
  SAVED_SEARCH_NOT_FOUND: ({ known: names }) =>
    typeof names === 'string' && names !== ''
      ? `There are these: ${names.replaceAll('\n', ', ')}.`
      : 'There are none of this Logstore: natscope saved-search save keeps one.',
  SAVED_SEARCH_EXISTS: 'Choose another name, or add --replace.',
  SAVED_SEARCH_CHANGED: null,
  SAVED_SEARCH_INVALID: null,
  QUERY_SYNTAX: null,
  QUERY_UNKNOWN_FIELD: null,
  QUERY_WRONG_TYPE: null,
  QUERY_UNSUPPORTED: null,
  QUERY_VARIABLE: 'A value is given with --var NAME=VALUE.',
  QUERY_FAILED: null,
  QUERY_CANCELLED: null,
  QUERY_TIMEOUT: 'A shorter range, with --from and --to, has less to read.',
  QUERY_MEMORY: 'Make less of each row: shorter texts, shorter arrays.',
  TIME_INVALID: null,
  OPTION_INVALID: null,
  REQUEST_INVALID: BUG,
  HOST_REFUSED: null,
  ENGINE_GONE: 'Run the command again: nothing is taken from what was imported before.',
  ENGINE_BUSY: 'Run the command again when the others have ended.',
  DESKTOP_UNAVAILABLE: 'Without --desktop, or with --browser, the app opens in a browser.',
  DESKTOP_CRASHED: 'With --browser the app opens in a browser. If it happens again, report it with what it said.',
  INTERNAL: BUG,
} satisfies Record<ErrorCode, Remedy>;

function remedyOf({ code, detail }: ErrorShape): string[] {
  const remedy: Remedy = REMEDIES[code];
  const text = typeof remedy === 'function' ? remedy(detail) : remedy;
  return text === null ? [] : [text];
}

/**
 * An error as standard error shows it: what happened, where in the query, and what to do.
 *
 * @param query the text that `detail.position` counts in, or null
 * @returns whole lines
 */
export function failureText(error: ErrorShape, query: string | null): string {
  // The code stands behind the sentence, also where a list follows.
  const listAt = error.message.indexOf('\n  ');
  const [sentence, list] =
    listAt === -1 ? [error.message, ''] : [error.message.slice(0, listAt), error.message.slice(listAt)];
  const lines = [
    `natscope: ${sentence} (${error.code})${list}`,
    ...(query === null ? [] : pointInto(query, error)),
    ...remedyOf(error),
  ];
  return `${lines.join('\n')}\n`;
}

/** An error as standard output shows it with --json. */
export function failureJson(error: ErrorShape): string {
  const { code, message, detail } = error;
  return `${JSON.stringify({ error: { code, message, detail } })}\n`;
}

/** Characters shown before and after the place in a long line. */
const EXCERPT = 34;

/** The line of the query that the error is about, with marks under the place. */
function pointInto(query: string, { detail: { position, length } }: ErrorShape): string[] {
  if (typeof position !== 'number' || position < 0 || position > query.length) return [];
  const lineStart = query.lastIndexOf('\n', position - 1) + 1;
  const lineEnd = query.indexOf('\n', position);
  const line = query.slice(lineStart, lineEnd === -1 ? query.length : lineEnd);
  const at = position - lineStart;
  const isShort = line.length <= 2 * EXCERPT;
  const from = isShort ? 0 : Math.max(0, at - EXCERPT);
  const to = isShort ? line.length : Math.min(line.length, at + EXCERPT);
  const marks = Math.max(1, Math.min(typeof length === 'number' ? length : 1, to - at));
  const before = from > 0 ? '… ' : '';
  const excerpt = `${before}${line.slice(from, to)}${to < line.length ? ' …' : ''}`;
  const gap = `${before}${line.slice(from, at)}`.replace(/[^\t]/g, ' ');
  return [`  ${excerpt}`, `  ${gap}${'^'.repeat(marks)}`];
}
