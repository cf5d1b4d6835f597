import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { keepCode, loadCommand, runCommandFile } from '../../../src-main/launch/command-file.mjs';
import { tempFolder } from '../../support/temp';

/** A function that V8 compiles only when it is called. */
const COMMAND = `exports.main = (n) => [__filename, require('node:path').sep, n * 2]`;

let root: string;
let file: string;
beforeEach(() => {
  root = tempFolder();
  mkdirSync(join(root, 'out/main'), { recursive: true });
  file = join(root, 'out/main/cli.cjs');
  writeFileSync(file, COMMAND);
});

describe('the command in one file', () => {
  test('has what every CommonJS module has', async () => {
    const { main } = await loadCommand(root);
    expect(main(21)).toEqual([file, '/', 42]);
  });

  test('runs with the code that was kept for it', () => {
    const first = runCommandFile(root);
    expect(first.script.cachedDataRejected).toBeUndefined();
    first.exports.main(1);
    keepCode(root, first.script);
    const second = runCommandFile(root);
    expect(second.script.cachedDataRejected).toBe(false);
    expect(second.exports.main(21)).toEqual([file, '/', 42]);
  });

  test.each([
    ['of another file', Buffer.alloc(0)],
    ['of no version of V8', Buffer.alloc(4096, 0xa5)],
  ])('runs without code that is %s', (_what, code) => {
    writeFileSync(join(root, 'out/main/cli.code'), code);
    const { exports, script } = runCommandFile(root);
    expect(script.cachedDataRejected).toBe(true);
    expect(exports.main(21)).toEqual([file, '/', 42]);
  });

  test('runs without the code of a file of another length', () => {
    keepCode(root, runCommandFile(root).script);
    writeFileSync(file, `${COMMAND} // longer`);
    const { exports, script } = runCommandFile(root);
    expect(script.cachedDataRejected).toBe(true);
    expect(exports.main(2)[2]).toBe(4);
  });
});
