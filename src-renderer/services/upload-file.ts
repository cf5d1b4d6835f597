import { AppError, ERROR_CODES, toErrorShape, type ErrorShape, type Outcome } from '../../src-main/contract/errors';
import { KEY_HEADER } from '../../src-main/contract/host-key';
import { t } from './messages/catalogue';

/** @param status of the host's answer; null when there was none */
function failed(file: string, status: number | null): Outcome<never> {
  const error = new AppError('CAPTURE_UNREADABLE', t.errorTitle.captureNotCopied(file), { file, copyStatus: status });
  return { ok: false, error: toErrorShape(error) };
}

function cancelled(file: string): Outcome<never> {
  return { ok: false, error: toErrorShape(new AppError('IMPORT_CANCELLED', t.errorTitle.importCancelled, { file })) };
}

function isErrorShape(value: unknown): value is ErrorShape {
  if (typeof value !== 'object' || value === null || !('code' in value) || !('message' in value)) return false;
  return ERROR_CODES.some((code) => code === value.code) && typeof value.message === 'string';
}

/** @returns what the host answered, or null when it is no `Outcome` with a path */
function readAnswer(text: string): Outcome<string> | null {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof answer !== 'object' || answer === null) return null;
  if ('error' in answer && isErrorShape(answer.error)) return { ok: false, error: { ...answer.error } };
  if (!('value' in answer) || typeof answer.value !== 'object' || answer.value === null) return null;
  return 'path' in answer.value && typeof answer.value.path === 'string'
    ? { ok: true, value: answer.value.path }
    : null;
}

/**
 * Copies a file to the host. `fetch` does not tell how much of a body has gone, so this is the older interface.
 *
 * @param key of this tab
 * @param onProgress bytes sent so far
 * @returns the path of the copy at the host
 */
export function uploadFile(
  url: string,
  key: string,
  file: File,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Outcome<string>> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    const settle = (outcome: Outcome<string>): void => {
      signal.removeEventListener('abort', abort);
      resolve(outcome);
    };
    if (signal.aborted) {
      resolve(cancelled(file.name));
      return;
    }
    signal.addEventListener('abort', abort);
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onload = () => {
      settle(readAnswer(request.responseText) ?? failed(file.name, request.status));
    };
    request.onerror = () => {
      settle(failed(file.name, null));
    };
    request.onabort = () => settle(cancelled(file.name));
    request.open('POST', url);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader(KEY_HEADER, key);
    request.send(file);
  });
}
