import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import type { HostOptions } from './fixtures';
import base from './playwright.config';
import { outputFolder } from './hosts';

/** `npm run gallery`: a picture of every state of the app, in both themes and sizes. Not a part of `npm test`. */
export default defineConfig<HostOptions>({
  ...base,
  testMatch: /\.gallery\.ts$/,
  outputDir: join(outputFolder, '../gallery-results'),
  // Each state is drawn and checked four times.
  timeout: 180_000,
  reporter: [['list'], [join(import.meta.dirname, 'gallery-reporter.ts')]],
  projects: [{ name: 'gallery', use: { host: 'loopback' } }],
});
