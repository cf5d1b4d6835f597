import { defineConfig } from 'vitest/config';

process.env.TZ = 'UTC';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['unit/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 10_000,
  },
});
