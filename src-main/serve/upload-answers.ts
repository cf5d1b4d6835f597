import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, toErrorShape, type ErrorCode } from '../contract/errors';
import { sendOutcome } from './http-reply';
import type { Refusal } from './request-guard';
import { removeUpload, storeUpload } from './uploads';

const STATUS: Partial<Record<ErrorCode, number>> = {
  HOST_REFUSED: 403,
  REQUEST_INVALID: 400,
  WORKSPACE_FULL: 507,
  WORKSPACE_READ_ONLY: 507,
  WORKSPACE_UNUSABLE: 507,
};

/** How long the rest of a refused capture is taken in, and thrown away, so that its sender reads the answer. */
const DISCARD_MS = 10_000;

/**
 * Takes a capture into the workspace and answers with an `Outcome` of its path. Who breaks off gets no
 * answer, and nothing of it stays.
 *
 * @param name from the address
 * @param refusal why its sender may send none; null when it may
 */
export async function answerUpload(
  request: IncomingMessage,
  response: ServerResponse,
  workspace: string,
  name: string | null,
  refusal: Refusal | null,
): Promise<void> {
  try {
    if (refusal !== null) throw new AppError('HOST_REFUSED', `${refusal.title}. ${refusal.remedy}`, { hasKey: false });
    if (name === null) throw new AppError('REQUEST_INVALID', 'A capture is sent with its name: /upload?name=…');
    const path = await storeUpload(workspace, name, announcedBytes(request), request);
    if (response.destroyed) {
      await removeUpload(path);
      return;
    }
    response.once('close', () => {
      if (!response.writableFinished) void removeUpload(path);
    });
    sendOutcome(response, 200, { ok: true, value: { path } });
  } catch (cause) {
    if (request.socket.destroyed) return;
    const error = toErrorShape(cause);
    discardRest(request);
    response.setHeader('Connection', 'close');
    sendOutcome(response, STATUS[error.code] ?? 500, { ok: false, error });
  }
}

function announcedBytes({ headers }: IncomingMessage): number | null {
  return headers['content-length'] === undefined ? null : Number(headers['content-length']);
}

/** Closing with unread data resets the connection, and the answer with it. */
function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  const giveUp = setTimeout(() => request.socket.destroy(), DISCARD_MS);
  request.socket.once('close', () => clearTimeout(giveUp));
  request.on('error', () => undefined).resume();
}
