import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PAGE, pageFileAt } from '../contract/page-files';
import { contentSecurityPolicy, HARDENING_HEADERS, NONCE_PLACEHOLDER } from '../contract/page-policy';

export const SCHEME = 'app';
export const PAGE_ORIGIN = `${SCHEME}://natscope`;
export const PAGE_URL = `${PAGE_ORIGIN}/`;

function refuse(status: number): Response {
  return new Response(null, { status, headers: HARDENING_HEADERS });
}

/**
 * Answers `app://natscope/…` with the files of the built page, and with nothing else of the disk.
 *
 * @param folder of the built page
 */
export async function answerPage({ url, method }: Pick<Request, 'url' | 'method'>, folder: string): Promise<Response> {
  if (!url.startsWith(PAGE_URL)) return refuse(404);
  if (method !== 'GET' && method !== 'HEAD') return refuse(405);
  const file = pageFileAt(url.slice(PAGE_ORIGIN.length).replace(/[?#].*$/s, ''));
  const body = file === null ? null : await readFile(join(folder, file.path)).catch(() => null);
  if (file === null || body === null) return refuse(404);
  const headers = { ...HARDENING_HEADERS, 'Content-Type': file.mediaType };
  if (file.path !== PAGE) return new Response(new Uint8Array(body), { headers });
  const nonce = randomBytes(16).toString('base64');
  return new Response(body.toString('utf8').replaceAll(NONCE_PLACEHOLDER, nonce), {
    headers: { ...headers, 'Content-Security-Policy': contentSecurityPolicy(nonce, null) },
  });
}
