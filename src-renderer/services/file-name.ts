import { visibleLine } from './visible-text';

/** The last part of a path of Linux, macOS or Windows; a root is its own name. */
export function fileName(path: string): string {
  // A path from the root of Linux or macOS may have a backslash in a name.
  const backslash = path.startsWith('/') ? -1 : path.lastIndexOf('\\');
  const name = path.slice(Math.max(path.lastIndexOf('/'), backslash) + 1);
  return name === '' ? path : name;
}

/** The folder of a path, with its final separator. */
export function folderName(path: string): string {
  return path.slice(0, path.length - fileName(path).length);
}

/** Long names lose their middle, where they differ least. For the eyes alone, as `visibleLine`. */
export function shortName(written: string, length = 40): string {
  const name = visibleLine(written);
  if (name.length <= length) return name;
  const end = Math.floor((length - 1) / 2);
  return `${name.slice(0, length - 1 - end)}…${name.slice(-end)}`;
}
