/** The files of the built page, by the path of the address that asks for them. */

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  map: 'application/json; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
  png: 'image/png',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
  txt: 'text/plain; charset=utf-8',
};

export const PAGE = 'index.html';

export interface PageFile {
  /** Path below the page's folder, with `/` between its parts. */
  readonly path: string;
  readonly mediaType: string;
  /** Whether its name changes with its content, so that it may be kept for ever. */
  readonly isImmutable: boolean;
}

/**
 * Looks at no disk. A path leads to a file of the page or to nothing: each of its parts is a plain name after decoding,
 * which leaves no way up, to hidden files, to other drives or to a second decoding.
 *
 * @param urlPath as it stands in the address, still percent-encoded, without query; `/` is the page itself
 * @returns null for what cannot be a file of the page
 */
export function pageFileAt(urlPath: string): PageFile | null {
  if (!urlPath.startsWith('/')) return null;
  let path: string;
  try {
    path = decodeURIComponent(urlPath.slice(1));
  } catch {
    return null;
  }
  if (path === '') path = PAGE;
  if (!path.split('/').every((part) => /^[\w-][\w.-]*$/.test(part))) return null;
  const extension = /\.([a-z0-9]+)$/.exec(path)?.[1] ?? '';
  const mediaType = Object.hasOwn(MEDIA_TYPES, extension) ? MEDIA_TYPES[extension] : undefined;
  if (mediaType === undefined) return null;
  return { path, mediaType, isImmutable: /^assets\/.*-[\w-]{8}\.[a-z0-9]+$/.test(path) };
}
