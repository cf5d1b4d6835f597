import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HARDENING_HEADERS } from '../contract/page-policy';
import type { DownloadTickets } from './download-tickets';
import { sendRefusal } from './http-reply';
import { messages } from './messages';
import { uploadName } from './upload-name';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv; charset=utf-8',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

const GONE = { status: 404, ...messages.exportGone } as const;

/**
 * Sends a finished export, and deletes it when all of it has gone out.
 *
 * @param ticket as in the address; others find nothing
 * @param name under which the browser is to keep it
 */
export async function answerDownload(
  request: IncomingMessage,
  response: ServerResponse,
  workspace: string,
  tickets: DownloadTickets,
  ticket: string,
  name: string | null,
): Promise<void> {
  const file = tickets.fileOf(ticket);
  if (file === null) {
    sendRefusal(response, GONE);
    return;
  }
  const path = join(workspace, 'tmp', 'exports', file);
  // What is in that folder is ours; a link in it is not. (Windows has no such flag; there it counts as 0.)
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
  try {
    const stats = await handle?.stat();
    if (handle === null || stats?.isFile() !== true) {
      sendRefusal(response, GONE);
      return;
    }
    response.writeHead(200, {
      ...HARDENING_HEADERS,
      'Content-Type': MEDIA_TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Length': stats.size,
      'Content-Disposition': contentDisposition(uploadName(name ?? file)),
      'Cache-Control': 'no-store',
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const { size } = stats;
    const octets = handle.createReadStream({ autoClose: false });
    await pipeline(octets, response).catch((cause: unknown) => {
      // A browser closes the connection at the last byte, which may be before we know that it was the last.
      const isSent = octets.bytesRead === size && response.writableLength === 0;
      if (!isSent) throw cause;
    });
    tickets.spend(ticket);
    // Its description stays, to be fetched as well, until the workspace is opened anew.
    await rm(path, { force: true });
  } catch {
    // The browser broke off, or the disk did: the export stays, to be fetched again.
    response.destroy();
  } finally {
    await handle?.close().catch(() => undefined);
  }
}

/** @see RFC 6266 §5 and RFC 8187: old clients read the first name, all others the second */
export function contentDisposition(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
