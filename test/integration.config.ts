import { defineConfig } from 'vitest/config';
import { assemblyScript } from '../src-main/emulator/asc-plugin.mjs';

process.env.TZ = 'UTC';

export default defineConfig({
  plugins: [assemblyScript()],
  test: {
    root: import.meta.dirname,
    setupFiles: ['support/remove-folders.ts'],
    include: ['integration/**/*.test.ts'],
    pool: 'forks',
    // Most of these start processes of their own, and CI has two cores.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
