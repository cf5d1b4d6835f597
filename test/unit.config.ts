import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { assemblyScript } from '../src-main/emulator/asc-plugin.mjs';

process.env.TZ = 'UTC';
const propertyRuns = Number(process.env.NATSCOPE_PROPERTY_RUNS ?? 50);

/** What puts another module into the place of one, which others must not see. */
const ISOLATED = ['unit/engine/workspace-dir.test.ts', 'unit/cli/terminal-keys.test.ts'];

export default defineConfig({
  // State classes of the renderer use runes.
  plugins: [assemblyScript(), svelte({ configFile: join(import.meta.dirname, '../src-renderer/svelte.config.js') })],
  test: {
    root: import.meta.dirname,
    setupFiles: ['support/remove-folders.ts'],
    pool: 'forks',
    // Of two cores, Vitest would use one.
    maxWorkers: 2,
    // For what hangs, not for what is slow: a machine that is busy with other work takes ten times as long. Properties that
    // are tried with more cases need as much longer.
    testTimeout: 60_000 * Math.max(1, propertyRuns / 50),
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    projects: [
      // A process of its own for each file takes as long as all of their tests.
      {
        extends: true,
        test: { name: 'shared', isolate: false, include: ['unit/**/*.test.ts'], exclude: ISOLATED },
      },
      { extends: true, test: { name: 'isolated', include: ISOLATED } },
    ],
  },
});
