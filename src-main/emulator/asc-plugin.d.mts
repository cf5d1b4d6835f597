import type { Plugin } from 'vite';

/** Declared here, since the types of the compiler itself declare AssemblyScript's globals over JavaScript's. */
export function assemblyScript(): Plugin;
