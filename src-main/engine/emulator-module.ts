import { Buffer } from 'node:buffer';
import type { EmulatorExports } from '../nat/emulator';
import base64 from '../emulator/index.ts?wasm';
import { instantiate } from './wasm-module';

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
  // The interface describes the sources of the module, which a test holds against its exports.
  return instantiate(compiled, INITIAL_PAGES, maxPages) as unknown as EmulatorExports;
}
