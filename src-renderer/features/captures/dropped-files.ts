export interface Dropped {
  readonly files: readonly File[];
  /** Names of folders, which nothing can be read from: what a browser gives as their file is none. */
  readonly folders: readonly string[];
}

type Entry = Pick<DataTransferItem, 'kind' | 'getAsFile' | 'webkitGetAsEntry'>;

/** @param items of a drop, while it is handled: they are empty later */
export function readDrop(items: Iterable<Entry>): Dropped {
  const files: File[] = [];
  const folders: string[] = [];
  for (const item of items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    const file = item.getAsFile();
    if (entry?.isDirectory === true) folders.push(entry.name);
    else if (file !== null) files.push(file);
  }
  return { files, folders };
}
