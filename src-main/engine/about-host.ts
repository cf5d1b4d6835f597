import { release } from 'node:os';
import type { AboutHost } from '../contract/host-bridge';
import { duckdbVersion, natscopeVersion } from './natscope-version';

/** @returns what this process and its engine are, as somebody who reports a fault names them */
export function aboutHost(): AboutHost {
  // Node knows nothing of the first two.
  const { electron, chrome, node } = process.versions as Readonly<Record<string, string | undefined>>;
  const named = {
    Natscope: natscopeVersion(),
    Electron: electron,
    Chromium: chrome,
    'Node.js': node,
    DuckDB: duckdbVersion(),
  };
  return {
    versions: Object.entries(named).flatMap(([name, version]) => (version === undefined ? [] : [{ name, version }])),
    platform: `${process.platform} ${release()}, ${process.arch}`,
  };
}
