import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { defineConfig } from 'electron-vite';
import { assemblyScript } from './src-main/emulator/asc-plugin.mjs';

const mainRoot = join(import.meta.dirname, 'src-main');

/** Files that a process or a worker thread starts from: `engine/x-entry.ts` becomes `out/main/x-entry.js`. */
const engineEntries = Object.fromEntries(
  readdirSync(join(mainRoot, 'engine'))
    .filter((file) => file.endsWith('-entry.ts'))
    .map((file) => [basename(file, '.ts'), join(mainRoot, 'engine', file)]),
);

export default defineConfig({
  main: {
    plugins: [assemblyScript()],
    build: {
      // The same bundle runs in plain Node and in Electron, so the older of the two sets the target.
      target: 'node20.19',
      sourcemap: true,
      // Parsing is a good part of the start: 0.46 s of CPU instead of 0.55 s to import an empty capture.
      minify: true,
      // Only the native binding stays outside: hundreds of small modules take longer to find and load than to run.
      externalizeDeps: { exclude: ['@duckdb/node-api', 'commander', 'lossless-json', 'zod'] },
      outDir: 'out/main',
      rolldownOptions: {
        input: { cli: join(mainRoot, 'cli/main.ts'), ...engineEntries },
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
          // Constants of another chunk are variables to V8: an import took 7 % longer with the hot path in two chunks.
          codeSplitting: { groups: [{ name: 'hot-path', test: /src-main\/(contract|capture|nat|window)\// }] },
        },
      },
    },
  },
});
