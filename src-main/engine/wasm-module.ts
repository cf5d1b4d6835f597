/**
 * An instance of a module of AssemblyScript, with memory of its own.
 *
 * @param initialPages of 64 KiB; not fewer than the module declares
 * @param maxPages beyond which it throws a RangeError
 * @returns its exports and its memory
 */
export function instantiate(
  module: WebAssembly.Module,
  initialPages: number,
  maxPages: number,
): Readonly<Record<string, unknown>> {
  const memory = new WebAssembly.Memory({ initial: initialPages, maximum: maxPages });
  const abort = (): never => {
    throw new RangeError('a module of WebAssembly asked for more memory than there can be');
  };
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
  return { ...exports, memory };
}
