import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { bundledSample } from '../support/captures';
import { natscopeHere as natscope } from '../support/command-here';
import { tempFolder } from '../support/temp';

let workspace = '';
beforeEach(async () => {
  workspace = join(tempFolder(), 'workspace');
  expect((await natscope(['import', bundledSample, '--workspace', workspace])).code).toBe(0);
});

interface Said {
  readonly code: number | null;
  readonly reply: unknown;
  readonly stderr: string;
}
async function ask(...args: string[]): Promise<Said> {
  const { code, stdout, stderr } = await natscope([...args, '--workspace', workspace, '--json']);
  return { code, reply: JSON.parse(stdout), stderr };
}
const saved = (...args: string[]): Promise<Said> => ask('saved-search', ...args);
const refused = (code: string): unknown => ({ error: expect.objectContaining({ code }) });
const BY_PORT = "pri_ip:${host} | SELECT count(*) AS n WHERE pub_port = ${port} OR '${note}' = '-'";

describe('a saved search', () => {
  test('is saved, listed, shown, run with values, replaced, renamed and deleted', async () => {
    expect((await saved('list')).reply).toEqual([]);
    const made = await saved('save', 'by port', BY_PORT, '--default', 'host=*', '--default', 'note=', '--from', '-1h');
    expect(made).toMatchObject({
      code: 0,
      reply: { name: 'by port', query: BY_PORT, range: { from: '-1h', to: null }, variables: { host: '*', note: '' } },
    });
    const again = await saved('save', 'by port', '*');
    expect(again).toMatchObject({ code: 1, reply: refused('SAVED_SEARCH_EXISTS') });
    expect(again.stderr).toContain('--replace');
    expect((await saved('show', 'by port')).reply).toEqual(made.reply);
    const shown = await natscope(['saved-search', 'list', '--workspace', workspace]);
    expect(shown.stdout).toContain('by port');
    expect(shown.stdout).toContain('host port note');

    const direct = await ask('query', '* | SELECT count(*) AS n WHERE pub_port = 443', '--from', '-1h');
    expect((await saved('run', 'by port', '--var', 'port=443')).reply).toEqual(direct.reply);
    const whole = await ask('query', 'pri_ip:10.0.1.12 | SELECT count(*) AS n');
    const ran = await saved(
      'run',
      'by port',
      '--var=port=1',
      '--var=host=10.0.1.12',
      '--var=note=-',
      '--from',
      'start',
    );
    expect(ran.reply).toEqual(whole.reply);

    const missing = await saved('run', 'by port');
    expect(missing).toMatchObject({ code: 2, reply: refused('QUERY_VARIABLE') });
    expect(missing.stderr).toContain('variable port cannot be used: it has no value');
    expect(missing.stderr).toContain('^^^^^^^');

    expect((await saved('save', 'by port', 'pub_port:443', '--replace')).reply).toMatchObject({ range: null });
    expect((await saved('rename', 'by port', 'https')).reply).toMatchObject({ name: 'https', query: 'pub_port:443' });
    expect((await saved('show', 'by port')).reply).toEqual(refused('SAVED_SEARCH_NOT_FOUND'));
    expect(await saved('delete', 'https')).toMatchObject({ code: 2, reply: refused('OPTION_INVALID') });
    expect((await saved('delete', 'https', '--yes')).code).toBe(0);
    expect((await saved('delete', 'https', '--yes')).reply).toEqual(refused('SAVED_SEARCH_NOT_FOUND'));
  });

  test('does not run more than was saved, whatever a value is', async () => {
    await saved('save', 'one host', "instance:${host} | SELECT count(*) AS n WHERE '${text}' <> 'x'");
    for (const hostile of ['ngw-default or pri_ip:*', '* | SELECT 1', '" or pri_ip:* or "', 'no such host']) {
      const { code, reply } = await saved('run', 'one host', `--var=host=${hostile}`, "--var=text=x' OR '1'='1");
      expect({ code, reply }).toEqual({ code: 0, reply: [{ n: 0 }] });
    }
  });

  test('has a name, and variables that have names', async () => {
    for (const name of ['', ' ', 'a\nb', ' a', 'x'.repeat(65)]) {
      expect(await saved('save', name, '*')).toMatchObject({ code: 2, reply: refused('SAVED_SEARCH_INVALID') });
    }
    expect(await saved('save', 'a', '*', '--default', '1=2')).toMatchObject({
      code: 2,
      reply: refused('OPTION_INVALID'),
    });
    expect((await saved('rename', 'no such', 'b')).reply).toEqual(refused('SAVED_SEARCH_NOT_FOUND'));
  });

  test('goes with its Logstore', async () => {
    await ask('logstore', 'create', 'other', '--schema', 'custom');
    await saved('save', 'kept', '*', '--logstore', 'other');
    await ask('logstore', 'delete', 'other', '--yes');
    expect((await saved('list', '--logstore', 'other')).reply).toEqual(refused('LOGSTORE_NOT_FOUND'));
    await ask('logstore', 'create', 'other', '--schema', 'custom');
    expect((await saved('list', '--logstore', 'other')).reply).toEqual([]);
  });
});
