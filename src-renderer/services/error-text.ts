import type { ErrorCode, ErrorShape } from '../../src-main/contract/errors';
import type { SkippedCapture } from '../../src-main/contract/imports';
import { fileName } from './file-name';
import { t } from './messages/catalogue';

export interface ErrorText {
  /** What happened, and to what, in one sentence. */
  readonly title: string;
  /** What is known about it, and what to do. */
  readonly facts: string;
}

type Text = (error: ErrorShape) => ErrorText;

function sentence(text: string): string {
  return ended(text.slice(0, 1).toUpperCase() + text.slice(1));
}

function ended(text: string): string {
  return text === '' || /[.!?]$/u.test(text) ? text : `${text}.`;
}

/** The engine's own words, which name the place and often the way out. */
const told =
  (title: string): Text =>
  ({ message }) => ({ title, facts: sentence(message) });

/** With an advice of the window's, since the engine speaks of the command's options or says no more than the title. */
const advised =
  (title: string, facts: string): Text =>
  () => ({ title, facts });

/** Of several gateways, which have it already. */
function alreadyImportedFacts({ run, gateways, left }: ErrorShape['detail']): string {
  const idsIn = (ids: unknown): string[] => (typeof ids === 'string' && ids !== '' ? ids.split('\n') : []);
  return gateways === undefined
    ? t.errorAdvice.alreadyImported(Number(run ?? 0))
    : t.errorAdvice.alreadyThrough(idsIn(gateways), idsIn(left));
}

const bug =
  (title: string): Text =>
  ({ message }) => ({ title, facts: `${sentence(message)} ${t.errorAdvice.bug}` });

function nameOf({ detail, message }: ErrorShape): string {
  return typeof detail['file'] === 'string' ? fileName(detail['file']) : message;
}

/** The message begins with the path and what the title says; the reason follows. */
function withoutTitle({ detail, message }: ErrorShape): string {
  const colon = message.indexOf(': ', typeof detail['file'] === 'string' ? detail['file'].length : 0);
  return colon < 0 ? message : message.slice(colon + 2);
}

/**
 * The message has what the title says in its first line, or before its first problem if there is only one. A problem begins with
 * the path of what it is about, as it is written.
 */
function problemLines(message: string): string {
  const [first = '', ...lines] = message.split('\n');
  if (lines.length > 0) return lines.map((line) => ended(line.trim())).join('\n');
  const colon = first.indexOf(': ');
  return ended(colon < 0 ? first : first.slice(colon + 2));
}

/** All that is wrong with a configuration, or one thing that cannot be done with it. */
const problems =
  (title: string): Text =>
  ({ message }) => ({
    title,
    facts: /\n|^[\w ]+ is invalid: /u.test(message) ? problemLines(message) : sentence(message),
  });

const ofFile =
  (title: (name: string) => string, advice: string | null): Text =>
  (error) => ({ title: title(nameOf(error)), facts: advice ?? sentence(withoutTitle(error)) });

const { errorTitle: title, errorAdvice: advice } = t;

const unreadable = ofFile(title.captureUnreadable, null);
const changed = ofFile(title.captureChanged, null);
const notFound = ofFile(title.captureNotFound, advice.captureNotFound);

/** Of a capture of an import that is read again. @returns null where none is known that it should be */
function movedText(error: ErrorShape, title: (name: string) => string): ErrorText | null {
  const { run, sizeBytes, headSha256 } = error.detail;
  if (typeof run !== 'number' || typeof sizeBytes !== 'number' || typeof headSha256 !== 'string') return null;
  return { title: title(nameOf(error)), facts: advice.captureMoved(run, sizeBytes, headSha256) };
}

/** Of a file that did not get to the host of a browser; null as status when the host did not answer. */
function notCopied(error: ErrorShape, status: unknown): ErrorText {
  const facts = typeof status === 'number' ? advice.copyRefused(status) : advice.copyUnanswered;
  return { title: title.captureNotCopied(nameOf(error)), facts };
}

/** @returns what is known of an engine that is not there; null where nothing is */
function engineGone({ detail }: ErrorShape): ErrorText | null {
  const { engine } = t;
  if (detail['host'] === 'lost') return { title: engine.lostTitle, facts: engine.lostFacts };
  if (detail['protocol'] !== undefined) return { title: engine.otherVersion, facts: engine.otherVersionFacts };
  const { signal, exitCode } = detail;
  if (typeof signal === 'string') return { title: engine.downTitle, facts: engine.endedBySignal(signal) };
  return typeof exitCode === 'number' ? { title: engine.downTitle, facts: engine.endedWith(exitCode) } : null;
}

const ERROR_TEXT = {
  CAPTURE_NOT_FOUND: (error) =>
    error.detail['hasPath'] === false
      ? { title: title.captureWithoutPath(nameOf(error)), facts: advice.captureWithoutPath }
      : (movedText(error, title.captureMoved) ?? notFound(error)),
  CAPTURE_IS_DIRECTORY: ofFile(title.captureIsDirectory, advice.captureIsDirectory),
  CAPTURE_UNREADABLE: (error) =>
    'copyStatus' in error.detail ? notCopied(error, error.detail['copyStatus']) : unreadable(error),
  CAPTURE_EMPTY: ofFile(title.captureEmpty, advice.captureEmpty),
  CAPTURE_NOT_A_CAPTURE: ofFile(title.captureNotACapture, null),
  CAPTURE_UNSUPPORTED: ofFile(title.captureUnsupported, null),
  CAPTURE_EXPANSION_LIMIT: ofFile(title.captureExpansionLimit, null),
  CAPTURE_ALREADY_IMPORTED: (error) => ({
    title: title.alreadyImported(nameOf(error), Number(error.detail['files'] ?? 1)),
    facts: alreadyImportedFacts(error.detail),
  }),
  CAPTURE_CHANGED: (error) =>
    error.detail['isKnown'] === false
      ? { title: title.captureNotImported(nameOf(error)), facts: advice.captureNotImported }
      : (movedText(error, title.captureChanged) ?? changed(error)),
  CAPTURE_NOT_KEPT: told(title.captureNotKept),
  IMPORT_CANCELLED: advised(title.importCancelled, advice.nothingKept),
  LEDGER_UNBALANCED: ({ message }) => ({
    title: title.ledgerUnbalanced,
    facts: `${sentence(message)} ${advice.nothingKept}`,
  }),
  MEMORY_EXHAUSTED: ({ message }) => ({
    title: title.memoryExhausted,
    facts: `${sentence(message)} ${advice.nothingKept}`,
  }),
  FINGERPRINT_AMBIGUOUS: told(title.fingerprintAmbiguous),
  GATEWAY_UNREADABLE: told(title.gatewayUnreadable),
  GATEWAY_INVALID: problems(title.gatewayInvalid),
  DELIVERY_UNREADABLE: told(title.deliveryUnreadable),
  DELIVERY_INVALID: problems(title.deliveryInvalid),
  VPC_NOT_FOUND: told(title.vpcNotFound),
  VPC_INVALID: told(title.vpcInvalid),
  VPC_IN_USE: told(title.vpcInUse),
  VSWITCH_NOT_FOUND: told(title.vswitchNotFound),
  VSWITCH_IN_USE: told(title.vswitchInUse),
  ID_TAKEN: told(title.idTaken),
  GATEWAY_NOT_FOUND: told(title.gatewayNotFound),
  GATEWAY_BUILT_IN: told(title.gatewayBuiltIn),
  GATEWAY_IN_USE: told(title.gatewayInUse),
  EIP_NOT_FOUND: told(title.eipNotFound),
  EIP_TAKEN: told(title.eipTaken),
  SNAT_ENTRY_NOT_FOUND: told(title.snatEntryNotFound),
  SESSION_LOG_REFUSED: told(title.sessionLogRefused),
  SESSION_LOG_NOT_ENABLED: told(title.sessionLogNotEnabled),
  DESTINATION_NOT_FOUND: ({ message }) => ({
    title: title.destinationNotFound,
    facts: `${sentence(message)} ${advice.destinationNotFound}`,
  }),
  WORKSPACE_NOT_FOUND: told(title.workspaceNotFound),
  WORKSPACE_LOCKED: told(title.workspaceLocked),
  WORKSPACE_READ_ONLY: told(title.workspaceReadOnly),
  WORKSPACE_FULL: told(title.workspaceFull),
  WORKSPACE_DAMAGED: told(title.workspaceDamaged),
  WORKSPACE_TOO_NEW: told(title.workspaceTooNew),
  WORKSPACE_UNUSABLE: told(title.workspaceUnusable),
  OUTPUT_UNWRITABLE: told(title.outputUnwritable),
  PACKET_PROGRAM_GONE: told(title.packetProgramGone),
  PACKET_PROGRAM_MISSING: told(title.packetProgramMissing),
  PROJECT_NOT_FOUND: told(title.projectNotFound),
  LOGSTORE_NOT_FOUND: told(title.logstoreNotFound),
  LOGSTORE_NAME_INVALID: told(title.logstoreNameInvalid),
  RUN_NOT_FOUND: told(title.runNotFound),
  REPLAY_NOT_RUNNING: told(title.replayNotRunning),
  RUN_GOES_ON: told(title.runGoesOn),
  ENTRY_NOT_FOUND: told(title.entryNotFound),
  PROJECT_EXISTS: told(title.projectExists),
  LOGSTORE_EXISTS: told(title.logstoreExists),
  LOGSTORE_BUSY: told(title.logstoreBusy),
  QUOTA_EXCEEDED: told(title.quotaExceeded),
  LOGSTORE_MISMATCH: ({ detail }) => ({
    title: title.logstoreMismatch,
    facts:
      'field' in detail
        ? advice.fieldMismatch(String(detail['field']), String(detail['stored']), String(detail['given']))
        : advice.logstoreMismatch(String(detail['logstore'])),
  }),
  SHARD_INVALID: told(title.shardInvalid),
  INDEX_EXISTS: told(title.indexExists),
  INDEX_INVALID: ({ message }) => ({ title: title.indexInvalid, facts: problemLines(message) }),
  SCHEMA_INVALID: told(title.schemaInvalid),
  COMPLAINTS_UNREADABLE: told(title.complaintsUnreadable),
  LOAD_UNREADABLE: ofFile(title.loadUnreadable, null),
  LOAD_REPEATED: ({ detail }) => ({
    title: title.loadRepeated,
    facts: advice.loadRepeated(Number(detail['run'])),
  }),
  LOAD_CANCELLED: advised(title.loadCancelled, advice.nothingKept),
  INDEX_MISSING: advised(title.indexMissing, advice.indexMissing),
  SNAPSHOT_GONE: advised(title.snapshotGone, advice.snapshotGone),
  SAVED_SEARCH_NOT_FOUND: told(title.savedSearchNotFound),
  SAVED_SEARCH_EXISTS: told(title.savedSearchExists),
  SAVED_SEARCH_CHANGED: advised(title.savedSearchChanged, advice.savedSearchChanged),
  SAVED_SEARCH_INVALID: told(title.savedSearchInvalid),
  QUERY_SYNTAX: told(title.querySyntax),
  QUERY_UNKNOWN_FIELD: told(title.queryUnknownField),
  QUERY_WRONG_TYPE: told(title.queryWrongType),
  QUERY_UNSUPPORTED: told(title.queryUnsupported),
  QUERY_VARIABLE: told(title.queryVariable),
  QUERY_FAILED: told(title.queryFailed),
  QUERY_CANCELLED: told(title.queryCancelled),
  QUERY_TIMEOUT: advised(title.queryTimeout, advice.timeout),
  QUERY_MEMORY: advised(title.queryMemory, advice.memory),
  // Of one time, its text is told.
  TIME_INVALID: (error) => told('text' in error.detail ? title.timeUnreadable : title.timeInvalid)(error),
  // Of what there is too much of, both numbers are told.
  OPTION_INVALID: (error) => told('most' in error.detail ? title.tooMuch : title.optionInvalid)(error),
  REQUEST_INVALID: bug(title.requestInvalid),
  DESKTOP_UNAVAILABLE: told(title.desktopUnavailable),
  DESKTOP_CRASHED: told(title.desktopCrashed),
  HOST_REFUSED: ({ detail }) =>
    detail['hasKey'] === true
      ? { title: t.engine.refusedTitle, facts: t.engine.refusedFacts }
      : { title: t.engine.keylessTitle, facts: t.engine.keylessFacts },
  ENGINE_GONE: (error) => ({ title: title.engineGone, facts: advice.engineGone, ...engineGone(error) }),
  ENGINE_BUSY: advised(title.engineBusy, advice.engineBusy),
  INTERNAL: bug(title.internal),
} satisfies Record<ErrorCode, Text>;

/** An error as the window says it: what happened, to what, and what to do. */
export function errorText(error: ErrorShape): ErrorText {
  // A code of a newer engine is an error all the same.
  const known: Partial<Record<ErrorCode, Text>> = ERROR_TEXT;
  return (known[error.code] ?? ERROR_TEXT.INTERNAL)(error);
}

/** Title and facts in one line. */
export function wholeText(error: ErrorShape): string {
  const { title: what, facts } = errorText(error);
  return `${what} ${facts}`.trimEnd();
}

/** Why a file was left out of an import, as the error that it would have been. */
export function skippedError({ code, message, path }: SkippedCapture): ErrorShape {
  return { code, message, detail: { file: path } };
}

/** Whether there is no way to the host, whatever the engine does: to start that again would be no help. */
export function isOfHost({ code, detail }: ErrorShape): boolean {
  return code === 'HOST_REFUSED' || detail['host'] === 'lost';
}

/** Why there is no engine, and what that means for what it did. */
export function engineDownText(error: ErrorShape): ErrorText {
  if (error.code !== 'ENGINE_GONE') return errorText(error);
  return engineGone(error) ?? { title: t.engine.downTitle, facts: `${sentence(error.message)} ${t.engine.kept}` };
}
