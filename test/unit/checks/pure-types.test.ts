import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const mainRoot = join(import.meta.dirname, '../../../src-main');
const configPath = join(mainRoot, 'tsconfig.pure.json');
const rawConfig: unknown = ts.readConfigFile(configPath, (path) => ts.sys.readFile(path)).config;
const config = ts.parseJsonConfigFileContent(rawConfig, ts.sys, mainRoot, undefined, configPath);

const PURE = ['contract', 'capture', 'nat', 'window', 'delivery', 'logstore', 'query'];
const { tsBuildInfoFile: _, incremental: __, ...options } = config.options;
const libraries = new Map<string, ts.SourceFile | undefined>();

/** Compiles one file that is on no disk, with the options of the pure project. @returns the messages */
function compile(path: string, text: string): string[] {
  const host = ts.createCompilerHost(options);
  const readFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, target) => {
    if (name === path) return ts.createSourceFile(name, text, target);
    if (!libraries.has(name)) libraries.set(name, readFile(name, target));
    return libraries.get(name);
  };
  const program = ts.createProgram([path], options, host);
  return ts.getPreEmitDiagnostics(program).map((each) => ts.flattenDiagnosticMessageText(each.messageText, '\n'));
}

test('the pure project has every pure folder', () => {
  expect(config.raw).toMatchObject({ include: PURE });
});

test('a pure file compiles', () => {
  expect(compile(join(mainRoot, 'nat/planted.ts'), 'export const x = new Uint32Array(4).at(-1);\n')).toEqual([]);
});

test.each([
  { name: 'process', text: 'export const x = process.pid;\n' },
  { name: 'Buffer', text: 'export const x = Buffer.alloc(1);\n' },
  { name: 'console', text: "console.log('');\n" },
  { name: 'document', text: 'export const x = document.title;\n' },
  { name: 'setTimeout', text: 'setTimeout(() => undefined, 1);\n' },
  { name: 'performance', text: 'export const x = performance.now();\n' },
])('$name is unknown in a pure folder', ({ name, text }) => {
  const messages = compile(join(mainRoot, 'query/planted.ts'), text);
  expect(messages).toHaveLength(1);
  expect(messages[0]).toContain(`'${name}'`);
});

test("Node's modules have no types in a pure folder", () => {
  const text = "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n";
  expect(compile(join(mainRoot, 'capture/planted.ts'), text)[0]).toContain("'node:fs'");
});

test('the strict flags hold', () => {
  const text = 'export const f = (values: number[]): number => values[0];\n';
  expect(compile(join(mainRoot, 'window/planted.ts'), text)[0]).toContain('undefined');
});
