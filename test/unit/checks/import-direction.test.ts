import { join } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
/** The real configuration. What needs types is off, since a planted file is on no disk and in no project. */
const eslint = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked] });

/** @returns the rules that a file of this text would break */
async function brokenRules(path: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: join(root, path) });
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
}

const DIRECTION = 'natscope/import-direction';

describe.each([
  { folder: 'contract', upward: '../capture/pcap' },
  { folder: 'capture', upward: '../nat/gateway' },
  { folder: 'nat', upward: '../window/window-aggregator' },
  { folder: 'window', upward: '../query/search-parser' },
  { folder: 'delivery', upward: '../duckdb/database' },
  { folder: 'logstore', upward: '../query/search-parser' },
  { folder: 'query', upward: '../capture/pcap' },
])('a file in src-main/$folder', ({ folder, upward }) => {
  test.each([
    { what: "imports Node's modules", text: `import { readFileSync } from 'node:fs';\nreadFileSync('');\n` },
    { what: 'imports a package', text: `import { z } from 'zod';\nz.string();\n` },
    { what: 'imports a layer above', text: `import { x } from '${upward}';\nx();\n` },
    { what: 'imports only a type of a layer above', text: `import type { X } from '${upward}';\nexport type Y = X;\n` },
    { what: 'passes on a layer above', text: `export * from '${upward}';\n` },
    { what: 'imports a layer above on demand', text: `export const x = () => import('${upward}');\n` },
    { what: 'names a type of a layer above', text: `export type Y = import('${upward}').X;\n` },
    { what: 'imports the renderer', text: `import { x } from '../../src-renderer/lib/x';\nx();\n` },
  ])('is refused when it $what', async ({ text }) => {
    expect(await brokenRules(`src-main/${folder}/planted.ts`, text)).toEqual([DIRECTION]);
  });

  test.each([
    { what: 'reads the clock', text: `export const now = Date.now();\n`, rule: 'no-restricted-properties' },
    { what: 'makes a Date of now', text: `export const now = new Date();\n`, rule: 'no-restricted-syntax' },
    {
      what: 'asks for the local hour',
      text: `export const h = (d: Date) => d.getHours();\n`,
      rule: 'no-restricted-syntax',
    },
    { what: 'throws dice', text: `export const dice = Math.random();\n`, rule: 'no-restricted-properties' },
    { what: 'measures time', text: `export const now = performance.now();\n`, rule: 'no-restricted-globals' },
    { what: 'sets a timer', text: `setTimeout(() => undefined, 1);\n`, rule: 'no-restricted-globals' },
    { what: 'asks the process', text: `export const os = process.platform;\n`, rule: 'no-restricted-globals' },
    { what: 'prints', text: `console.log('');\n`, rule: 'no-restricted-globals' },
  ])('is refused when it $what', async ({ text, rule }) => {
    expect(await brokenRules(`src-main/${folder}/planted.ts`, text)).toContain(rule);
  });

  test('may import its own files and read given dates', async () => {
    const text = `import { x } from './x';\nexport const y = (sec: number) => x(new Date(sec * 1000).getUTCHours());\n`;
    expect(await brokenRules(`src-main/${folder}/planted.ts`, text)).toEqual([]);
  });
});

test.each([
  { path: 'src-main/query/planted.ts', from: 'lossless-json' },
  { path: 'src-main/query/planted.ts', from: '../logstore/names' },
  { path: 'src-main/window/planted.ts', from: '../nat/gateway' },
  { path: 'src-main/duckdb/planted.ts', from: '@duckdb/node-api' },
  { path: 'src-main/duckdb/planted.ts', from: './migrations/0001_start.sql?raw' },
  { path: 'src-main/engine/import/planted.ts', from: '../../duckdb/database' },
  { path: 'src-main/engine/planted.ts', from: 'zod' },
  { path: 'src-main/cli/planted.ts', from: '../engine/connect' },
  { path: 'src-main/cli/planted.ts', from: '../serve/serve-workspace' },
  { path: 'src-main/app/planted.ts', from: 'electron' },
  { path: 'src-main/preload/planted.ts', from: '../contract/ipc' },
  { path: 'src-renderer/lib/planted.ts', from: '../../src-main/query/search-parser' },
  { path: 'src-renderer/lib/planted.ts', from: '../../src-main/query/search-completion' },
])('$path may import $from', async ({ path, from }) => {
  expect(await brokenRules(path, `import { x } from '${from}';\nx();\n`)).toEqual([]);
});

test.each([
  { path: 'src-main/duckdb/planted.ts', from: '../engine/connect' },
  { path: 'src-main/engine/planted.ts', from: '@duckdb/node-api' },
  { path: 'src-main/engine/import/planted.ts', from: '../../cli/main' },
  { path: 'src-main/engine/planted.ts', from: 'electron' },
  { path: 'src-main/cli/planted.ts', from: '../duckdb/database' },
  { path: 'src-main/cli/planted.ts', from: '@duckdb/node-api' },
  { path: 'src-main/cli/planted.ts', from: '../app/app-arguments' },
  { path: 'src-main/serve/planted.ts', from: 'electron/main' },
  { path: 'src-main/serve/planted.ts', from: '../cli/main' },
  { path: 'src-main/serve/planted.ts', from: '../app/page-protocol' },
  { path: 'src-main/app/planted.ts', from: '../duckdb/database' },
  { path: 'src-main/preload/planted.ts', from: '../engine/connect' },
  { path: 'src-main/launch/planted.mjs', from: 'commander' },
  { path: 'src-main/launch/planted.mjs', from: '../cli/main' },
  { path: 'src-renderer/lib/planted.ts', from: '../../src-main/engine/connect' },
  { path: 'src-renderer/lib/planted.ts', from: '../../src-main/query/search-sql' },
  { path: 'src-renderer/lib/planted.ts', from: 'node:fs' },
  { path: 'test/support/naive-search.ts', from: '../../src-main/query/search-terms' },
  { path: 'test/support/naive-search.ts', from: '../../src-main/contract/errors' },
  { path: 'test/support/naive-search.ts', from: './random' },
])('$path may not import $from', async ({ path, from }) => {
  expect(await brokenRules(path, `import { x } from '${from}';\nx();\n`)).toEqual([DIRECTION]);
});

test.each([
  { what: 'any', text: `export const f = (x: any) => String(x);\n`, rule: '@typescript-eslint/no-explicit-any' },
  { what: 'an enum', text: `export enum Colour {\n  red,\n}\n`, rule: 'no-restricted-syntax' },
  { what: 'a default export', text: `export default 1;\n`, rule: 'no-restricted-syntax' },
  {
    what: 'an assertion that hides a case',
    text: `export const f = (x?: string) => x!;\n`,
    rule: 'no-restricted-syntax',
  },
])('$what is refused', async ({ text, rule }) => {
  expect(await brokenRules('src-main/engine/planted.ts', text)).toContain(rule);
});

test('an element of a column may be asserted', async () => {
  const text = `export const first = (column: Uint32Array): number => column[0]!;\n`;
  expect(await brokenRules('src-main/nat/planted.ts', text)).toEqual([]);
});
