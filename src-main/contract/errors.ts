/**
 * Every code that Natscope raises. A new one does not compile until `error-text.ts` has its sentence.
 *
 * Faults of single packets are no errors: they are reasons of the ledger (`ledger.ts`).
 */
export const ERROR_CODES = [
  'CAPTURE_NOT_FOUND',
  'CAPTURE_IS_DIRECTORY',
  'CAPTURE_UNREADABLE',
  'CAPTURE_EMPTY',
  'CAPTURE_NOT_A_CAPTURE',
  'CAPTURE_UNSUPPORTED',
  'CAPTURE_EXPANSION_LIMIT',
  'CAPTURE_ALREADY_IMPORTED',
  'CAPTURE_CHANGED',
  'CAPTURE_NOT_KEPT',
  'IMPORT_CANCELLED',
  'LEDGER_UNBALANCED',
  'MEMORY_EXHAUSTED',
  /** Nothing in the captures of two sides of a gateway tells for sure what was translated to what. */
  'FINGERPRINT_AMBIGUOUS',
  'GATEWAY_UNREADABLE',
  'GATEWAY_INVALID',
  /** A script of deliveries that cannot be read, or says what it may not. */
  'DELIVERY_UNREADABLE',
  'DELIVERY_INVALID',
  /** Of the console: VPCs, gateways and session logs. */
  'VPC_NOT_FOUND',
  'VPC_INVALID',
  'VPC_IN_USE',
  'VSWITCH_NOT_FOUND',
  'VSWITCH_IN_USE',
  'ID_TAKEN',
  'GATEWAY_NOT_FOUND',
  'GATEWAY_BUILT_IN',
  'GATEWAY_IN_USE',
  'EIP_NOT_FOUND',
  'EIP_TAKEN',
  'SNAT_ENTRY_NOT_FOUND',
  'SESSION_LOG_REFUSED',
  'SESSION_LOG_NOT_ENABLED',
  'DESTINATION_NOT_FOUND',
  'WORKSPACE_NOT_FOUND',
  'WORKSPACE_LOCKED',
  'WORKSPACE_READ_ONLY',
  'WORKSPACE_FULL',
  'WORKSPACE_DAMAGED',
  'WORKSPACE_TOO_NEW',
  'WORKSPACE_UNUSABLE',
  'OUTPUT_UNWRITABLE',
  'PACKET_PROGRAM_GONE',
  'PACKET_PROGRAM_MISSING',
  'PROJECT_NOT_FOUND',
  'LOGSTORE_NOT_FOUND',
  'LOGSTORE_NAME_INVALID',
  'PROJECT_EXISTS',
  'LOGSTORE_EXISTS',
  'LOGSTORE_BUSY',
  'QUOTA_EXCEEDED',
  'LOGSTORE_MISMATCH',
  'SHARD_INVALID',
  'INDEX_MISSING',
  'INDEX_EXISTS',
  'INDEX_INVALID',
  'SCHEMA_INVALID',
  'COMPLAINTS_UNREADABLE',
  'LOAD_UNREADABLE',
  'LOAD_REPEATED',
  'LOAD_CANCELLED',
  'SNAPSHOT_GONE',
  'RUN_NOT_FOUND',
  'REPLAY_NOT_RUNNING',
  'RUN_GOES_ON',
  'ENTRY_NOT_FOUND',
  'SAVED_SEARCH_NOT_FOUND',
  'SAVED_SEARCH_EXISTS',
  'SAVED_SEARCH_CHANGED',
  'SAVED_SEARCH_INVALID',
  'QUERY_SYNTAX',
  'QUERY_UNKNOWN_FIELD',
  'QUERY_WRONG_TYPE',
  'QUERY_UNSUPPORTED',
  'QUERY_VARIABLE',
  'QUERY_FAILED',
  'QUERY_CANCELLED',
  'QUERY_TIMEOUT',
  'QUERY_MEMORY',
  'TIME_INVALID',
  'OPTION_INVALID',
  'REQUEST_INVALID',
  'HOST_REFUSED',
  'ENGINE_GONE',
  'ENGINE_BUSY',
  'DESKTOP_UNAVAILABLE',
  'DESKTOP_CRASHED',
  'INTERNAL',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export type ErrorDetail = Readonly<Record<string, string | number | boolean | null>>;

/** An error as it crosses a process: plain data, since structured clone drops class and fields. */
export interface ErrorShape {
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail: ErrorDetail;
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorShape };

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.detail = detail;
  }

  /** The error that `toErrorShape` described, on the other side of a process border. */
  static fromShape(shape: ErrorShape): AppError {
    return new AppError(shape.code, shape.message, shape.detail);
  }
}

/** Whether it is about one capture, which an import of several can do without. */
export function isCaptureError(cause: unknown): cause is AppError {
  return cause instanceof AppError && cause.code.startsWith('CAPTURE_');
}

export function toErrorShape(cause: unknown): ErrorShape {
  if (cause instanceof AppError) return { code: cause.code, message: cause.message, detail: cause.detail };
  return { code: 'INTERNAL', message: cause instanceof Error ? cause.message : String(cause), detail: {} };
}
