import { defineConfig } from 'vitest/config';
import { assemblyScript } from '../../src-main/emulator/asc-plugin.mjs';

export default defineConfig({
  plugins: [assemblyScript()],
  test: {
    root: import.meta.dirname,
    include: ['*.bench.ts'],
    pool: 'forks',
    // One at a time: a benchmark that shares the machine measures its neighbour.
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 3_600_000,
  },
});
