/** File systems count 255 bytes; what stands before and behind a name while it is written needs a few. */
const MAX_BYTES = 200;

/** Devices of Windows, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;

/**
 * A name for a file that a browser sends, in a folder of its own on any system: recognisable, and harmless as a path,
 * in a terminal and in a table.
 *
 * @param name as the browser gave it, which may be anything
 */
export function uploadName(name: string): string {
  const own = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const plain = own
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  const named = RESERVED.test(plain) ? `_${plain}` : plain;
  return shorten(named === '' ? 'capture' : named);
}

/** Cuts before the extension, and never within a character. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name;
  const extension = /\.\w{1,12}$/.exec(name)?.[0] ?? '';
  let stem = '';
  let room = MAX_BYTES - extension.length;
  for (const character of name.slice(0, name.length - extension.length)) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    stem += character;
  }
  return `${stem}${extension}`;
}
