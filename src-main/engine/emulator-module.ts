import { Buffer } from 'node:buffer';
import type { EmulatorExports } from '../nat/emulator';
import base64 from '../emulator/index.ts?wasm';

/** Pages of 64 KiB that WebAssembly can address. */
const MAX_PAGES = 65_536;
/** What the module declares; an instance with less does not start. */
const INITIAL_PAGES = 64;

let compiled: WebAssembly.Module | null = null;

/**
 * A new instance of the emulator, with memory of its own.
 *
 * @param maxPages pages of 64 KiB at most, beyond which it throws
 */
export function newEmulatorModule(maxPages = MAX_PAGES): EmulatorExports {
  compiled ??= new WebAssembly.Module(Buffer.from(base64, 'base64'));
  const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: maxPages });
  const abort = (): never => {
    throw new RangeError('the emulator asked for more memory than there can be');
  };
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory, abort } });
  // The interface describes the sources of the module, which a test holds against its exports.
  return { ...exports, memory } as unknown as EmulatorExports;
}
