import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runCli } from './run-cli';

const COMMANDS = ['import', 'query', 'field', 'context', 'nat-table', 'nat-events', 'windows', 'conversations'];
/** Commands that have others in them. */
const GROUPS = ['region', 'vpc', 'vswitch', 'gateway', 'eip', 'snat', 'session-log', 'account'];

test('--version prints the version of package.json', async () => {
  const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  expect(await runCli(['--version'])).toEqual({ exitCode: 0, stdout: `${manifest.version}\n`, stderr: '' });
});

test.each([['--help'], ['-h'], ['help']])('%s lists the commands and examples', async (word) => {
  const { exitCode, stdout, stderr } = await runCli([word]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  for (const command of COMMANDS) expect(stdout).toContain(`  ${command} `);
  expect(stdout).toContain('Examples:');
  expect(stdout).not.toContain('start [');
});

test('natscope alone prints the help and is wrong usage', async () => {
  const { exitCode, stdout, stderr } = await runCli([]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain('Examples:');
});

test.each(COMMANDS.flatMap((command) => [[[command, '--help']], [['help', command]]]))(
  '%j prints its help',
  async (argv) => {
    const { exitCode, stdout, stderr } = await runCli(argv);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`Usage: natscope ${argv.find((word) => COMMANDS.includes(word))} `);
    expect(stdout).toContain('--json');
  },
);

test.each([
  { argv: ['improt'], says: "unknown command 'improt'" },
  { argv: ['--frobnicate'], says: "unknown option '--frobnicate'" },
])('$argv is wrong usage and says where help is', async ({ argv, says }) => {
  const { exitCode, stdout, stderr } = await runCli(argv);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain(`natscope: ${says}`);
  expect(stderr).toContain('natscope help lists the commands.');
});

test('help fits 80 columns', async () => {
  for (const argv of [['--help'], ...[...COMMANDS, ...GROUPS].map((command) => [command, '--help'])]) {
    const { stdout } = await runCli(argv);
    const wide = stdout.split('\n').filter((line) => line.length > 80);
    expect(wide).toEqual([]);
  }
});
