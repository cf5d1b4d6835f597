import type { ErrorShape } from '../contract/errors';

/** The one message of an engine process to whoever started it. */
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
  | { readonly kind: 'failed'; readonly error: ErrorShape };

/** @returns null for what is no message of an engine */
export function readEngineMessage(value: unknown): EngineMessage | null {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return null;
  // The process runs our own program; what else comes through its channel is another's, such as a debugger's.
  return value.kind === 'listening' || value.kind === 'failed' ? (value as EngineMessage) : null;
}
