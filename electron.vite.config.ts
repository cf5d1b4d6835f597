import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';
import { build, type InlineConfig, type Plugin } from 'vite';
import { NONCE_PLACEHOLDER } from './src-main/contract/page-policy';
import { assemblyScript } from './src-main/emulator/asc-plugin.mjs';
import { BUNDLED, recordPackages } from './src-main/launch/bundled-packages.mjs';

const mainRoot = join(import.meta.dirname, 'src-main');
const rendererRoot = join(import.meta.dirname, 'src-renderer');

/** The same bundle runs in plain Node and in Electron, so the older of the two sets the target. */
const NODE_TARGET = 'node20.19';
/** What Electron 45 and the browsers of the last two years understand. */
const PAGE_TARGET = 'es2023';

/** Files that a process or a worker thread starts from: `engine/x-entry.ts` becomes `out/main/x-entry.js`. */
const engineEntries = Object.fromEntries(
  readdirSync(join(mainRoot, 'engine'))
    .filter((file) => file.endsWith('-entry.ts'))
    .map((file) => [basename(file, '.ts'), join(mainRoot, 'engine', file)]),
);

const packagesOf = (bundle: string): Plugin =>
  recordPackages(join(import.meta.dirname, 'out/packages', `${bundle}.json`));

/** What makes `ws` faster where somebody has installed it; it does without. */
const OPTIONAL = ['bufferutil', 'utf-8-validate'];

/** The command once more, in one file, for `command-file.mjs`. */
const COMMAND_FILE: InlineConfig = {
  ...{ root: import.meta.dirname, configFile: false, publicDir: false, logLevel: 'warn', plugins: [assemblyScript()] },
  ssr: { target: 'node', noExternal: true, external: ['@duckdb/node-bindings', ...OPTIONAL] },
  build: {
    ...{
      target: NODE_TARGET,
      minify: true,
      sourcemap: true,
      ssr: 'src-main/cli/main.ts',
      outDir: 'out/main',
      emptyOutDir: false,
    },
    rolldownOptions: { output: { format: 'cjs', entryFileNames: 'cli.cjs', codeSplitting: false } },
  },
};

function commandFile(): Plugin {
  return {
    name: 'command-file',
    writeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        await build(COMMAND_FILE);
        const keeper = join(mainRoot, 'launch/keep-code.mjs');
        const { status, stderr } = spawnSync(process.execPath, [keeper], { encoding: 'utf8' });
        if (status !== 0) this.error(`the command that was built does not run: ${stderr}`);
      },
    },
  };
}

export default defineConfig({
  main: {
    plugins: [assemblyScript(), packagesOf('main'), commandFile()],
    build: {
      target: NODE_TARGET,
      sourcemap: true,
      // Parsing is a good part of the start: 0.46 s of CPU instead of 0.55 s to import an empty capture.
      minify: true,
      externalizeDeps: { exclude: [...BUNDLED] },
      outDir: 'out/main',
      rolldownOptions: {
        external: OPTIONAL,
        input: { cli: join(mainRoot, 'cli/main.ts'), app: join(mainRoot, 'app/main.ts'), ...engineEntries },
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
  preload: {
    plugins: [packagesOf('preload')],
    build: {
      target: NODE_TARGET,
      sourcemap: true,
      minify: true,
      // A sandboxed preload script can load nothing but Electron.
      externalizeDeps: false,
      outDir: 'out/preload',
      rolldownOptions: {
        input: join(mainRoot, 'preload/index.ts'),
        output: { format: 'cjs', entryFileNames: 'index.cjs' },
      },
    },
  },
  renderer: {
    root: rendererRoot,
    // The page is read from `app://natscope/` as from a browser host.
    base: './',
    plugins: [svelte({ configFile: join(rendererRoot, 'svelte.config.js') }), packagesOf('renderer')],
    html: { cspNonce: NONCE_PLACEHOLDER },
    build: {
      target: PAGE_TARGET,
      minify: true,
      // A `data:` script or font would be refused by the page's policy, and images are few.
      assetsInlineLimit: 0,
      // The charts are one large library, which is loaded when the first is shown.
      chunkSizeWarningLimit: 600,
      outDir: join(import.meta.dirname, 'out/renderer'),
      rolldownOptions: { input: join(rendererRoot, 'index.html') },
    },
  },
});
