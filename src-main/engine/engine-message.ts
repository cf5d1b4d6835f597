import type { ErrorShape } from '../contract/errors';

/** What an engine process tells whoever started it: once how it begins, and once how it ends if that takes its time. */
export type EngineMessage =
  | {
      readonly kind: 'listening';
      readonly socketPath: string;
      /** Real path. */
      readonly workspace: string;
      /** Of the process that listens. */
      readonly pid: number;
      /** Whether that is the process itself; if not, it ends now. */
      readonly isOwner: boolean;
    }
  | { readonly kind: 'failed'; readonly error: ErrorShape }
  /** It was asked to end, and does when the calls of other hosts and commands are done. */
  | { readonly kind: 'draining' };

const KINDS: readonly unknown[] = ['listening', 'failed', 'draining'] satisfies EngineMessage['kind'][];

/** @returns null for what is no message of an engine */
export function readEngineMessage(value: unknown): EngineMessage | null {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return null;
  // The process runs our own program; what else comes through its channel is another's, such as a debugger's.
  return KINDS.includes(value.kind) ? (value as EngineMessage) : null;
}
