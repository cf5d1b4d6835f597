import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { STEPS } from '../../../src-main/launch/check-steps.mjs';

const root = join(import.meta.dirname, '../../..');

/** Runs the svelte step of `npm run check` over a folder with this one component. */
function checkComponent(text: string): { exitCode: number | null; output: string } {
  // Inside the repository, where Svelte is found; the folder is ignored by git and by every other check.
  mkdirSync(join(root, 'test-output'), { recursive: true });
  const folder = mkdtempSync(join(root, 'test-output', 'planted-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const config = { extends: join(root, 'src-renderer/tsconfig.json'), include: ['**/*.svelte'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'Planted.svelte'), text);
  const args = STEPS.svelte.map((arg) => (arg === 'src-renderer' ? folder : arg));
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  return { exitCode: status, output: stdout };
}

test('a component with an accessibility warning fails the check', () => {
  const { exitCode, output } = checkComponent('<img src="logo.svg" />\n');
  expect(exitCode).toBe(1);
  expect(output).toContain('a11y_missing_attribute');
});

test('a component without one passes', () => {
  const { exitCode, output } = checkComponent('<img src="logo.svg" alt="Natscope" />\n');
  expect(output).toContain('0 errors and 0 warnings');
  expect(exitCode).toBe(0);
});
