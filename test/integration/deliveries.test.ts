import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { exportsFolder } from '../../src-main/engine/exports-folder';
import { openEngine } from '../../src-main/engine/open-engine';
import { bundledSample } from '../support/captures';
import { natscopeHere } from '../support/command-here';
import { tempFolder } from '../support/temp';

let folder = '';
beforeEach(() => {
  folder = tempFolder();
});

async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return natscopeHere([...args, '--workspace', join(folder, 'workspace')]);
}
async function ask(...args: string[]): Promise<unknown> {
  return JSON.parse((await run(...args, '--json')).stdout);
}
function script(content: unknown, name = 'script.json'): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
const entries = async (...place: string[]): Promise<unknown> =>
  ask('query', '* | SELECT count(*) AS entries', '--format', 'json', ...place);

const OFF = {
  seed: 1,
  delaySec: { least: 60, most: 60, tailRate: 0 },
  faults: [{ fault: 'project_disabled', from: '+10m', to: '+22m' }],
};

describe('how entries are delivered', () => {
  test('is told by the import, shown with its status over time, tried with other scripts, and applied', async () => {
    const imported = await run('import', bundledSample, '--delivery', script(OFF), '--no-progress');
    expect(imported.code).toBe(0);
    expect(imported.stdout).toContain('! lost: ProjectForbidden  299');
    expect(await ask('delivery', 'show', '--run', '1')).toMatchObject({
      ...{ project: 'local', logstore: 'session-log', instance: 'ngw-default', window_seconds: 600 },
      ...{ sealed: 316, delivered: 17, lost: { ProjectForbidden: 299 }, pending: 0, duplicates: 0 },
      statuses: [
        { status: 'Successful', code: null },
        { status: 'Failed', code: 'ProjectForbidden' },
        { status: 'Failed', code: 'UnavaliableTarget' },
        { status: 'Failed', code: 'UnavaliableTarget' },
        { status: 'Successful', code: null },
      ],
    });
    const status = ['delivery', 'status', '--run', '1', '--at'];
    expect((await run(...status, '2026-03-10 09:07:00')).stdout).toBe(
      '2026-03-10 09:07:00 UTC  Failed UnavaliableTarget, off until 2026-03-10 09:11:00 UTC\n',
    );
    expect(await ask(...status, 'end')).toMatchObject({ status: 'Successful', code: null });
    const attempts = (await run('delivery', 'attempts', '--run', '1')).stdout;
    expect(attempts).toContain('Breaker opens');
    expect(attempts).toContain('Test delivery');

    const none = script({}, 'none.json');
    expect(await ask('delivery', 'show', '--run', '1', '--script', none)).toMatchObject({ delivered: 316 });
    expect(await entries()).toEqual([{ entries: 17 }]);
    expect((await run('query', '*', '--limit', '1')).stderr).toContain(
      'Delivery of run 1 is incomplete: 299 of the 299 entries of 2 windows',
    );
    expect(await ask('delivery', 'apply', none, '--run', '1')).toMatchObject({ delivered: 316, lost: {} });
    expect(await entries()).toEqual([{ entries: 316 }]);
  });

  test('a script that is wrong is refused before anything is read', async () => {
    const wrong = script({ lossRate: 2, faults: [{ fault: 'fire', from: 'noon' }] });
    const { code, stderr } = await run('import', bundledSample, '--delivery', wrong, '--no-progress');
    expect(code).toBe(1);
    for (const part of [
      'lossRate: 2 must be a share',
      'faults[0].fault: "fire"',
      'faults[0].from: "noon"',
      'DELIVERY_INVALID',
    ]) {
      expect(stderr).toContain(part);
    }
    const notJson = await run('import', bundledSample, '--delivery', script('{', 'half.json'), '--no-progress');
    expect(notJson).toMatchObject({ code: 1, stderr: expect.stringContaining('DELIVERY_INVALID') as string });
    expect((await run('delivery', 'show', '--run', '9')).stderr).toContain('there is no import 9');
  });

  test('a script that a window saves is a file as the command takes it, and one that is wrong leaves none', async () => {
    await run('import', bundledSample, '--no-progress');
    const engine = await openEngine(join(folder, 'workspace'));
    onTestFinished(() => engine.close());
    const written = await engine.client.call('delivery:export', { script: OFF }).outcome;
    if (!written.ok) throw new Error(written.error.message);
    const exports = exportsFolder(engine.workspace);
    const path = join(exports, written.value.file);
    expect(written.value.bytes).toBe(statSync(path).size);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(OFF);
    expect(await ask('delivery', 'show', '--run', '1', '--script', path)).toMatchObject({
      lost: { ProjectForbidden: 299 },
    });
    const wrong = { seed: 1, lossRate: 2 };
    expect(await engine.client.call('delivery:export', { script: wrong }).outcome).toMatchObject({
      ok: false,
      error: { code: 'DELIVERY_INVALID' },
    });
    expect(readdirSync(exports)).toEqual([written.value.file]);
  });

  test('what they cost follows from the index that is asked for', async () => {
    await run('import', bundledSample, '--no-progress');
    const cost = async (...index: string[]): Promise<{ indexed_bytes: number; raw_bytes: number } | undefined> => {
      const answer = await ask('delivery', 'cost', '--run', '1', '--window', '600', ...index);
      return (answer as { windows: { indexed_bytes: number; raw_bytes: number }[] }).windows[0];
    };
    const recommended = await cost();
    expect(recommended?.indexed_bytes).toBeGreaterThan(0);
    expect(await cost('--index', 'recommended')).toEqual(recommended);
    expect((await cost('--index', 'none'))?.indexed_bytes).toBe(0);
    expect((await cost('--index', 'full-text'))?.indexed_bytes).toBe(recommended?.raw_bytes);
    // Numbers of 8 bytes, whatever their text is.
    expect((await cost('--index', 'nat_port,pri_port'))?.indexed_bytes).toBe(316 * 16);
  });

  test('each preset can be applied, and shows its code', async () => {
    // They are what one looks at first.
    const presets = (await ask('delivery', 'presets')) as { name: string; script: object }[];
    await run('import', bundledSample, '--no-progress');
    expect(presets.length).toBe(9);
    for (const preset of presets) {
      const shown = await ask('delivery', 'apply', script(preset.script), '--run', '1');
      const codes = (shown as { statuses: { status: string; code: string | null }[] }).statuses;
      expect(codes.map(({ status, code }) => code ?? status)).toContain(preset.name);
    }
  });
});

describe('session logs of gateways', () => {
  async function enable(id: string, cidr: string, eip: string): Promise<void> {
    await ask('vpc', 'create', '--id', `vpc-${id}`, '--region', 'cn-shanghai', '--cidr', cidr);
    await ask('gateway', 'create', '--id', `ngw-${id}`, '--vpc', `vpc-${id}`, '--eip', eip);
    const project = id === 'a' ? '--create-project' : '--project';
    await ask('session-log', 'enable', `ngw-${id}`, project, 'lab-project', '--create-logstore', `log-${id}`);
  }
  const place = (id: string): string[] => ['--project', 'lab-project', '--logstore', `log-${id}`];

  test('take what is of their VPC, all of them or none', async () => {
    await enable('a', '10.0.1.0/24', '203.0.113.10');
    await enable('b', '10.0.2.0/24', '203.0.113.20');
    const { code, stdout } = await run('import', bundledSample, '--no-progress');
    expect([code, stdout]).toEqual([0, expect.stringContaining('has no index')]);
    for (const id of ['a', 'b']) {
      await ask('index', 'create-recommended', ...place(id));
      // It holds for what comes from now on.
      await ask('index', 'reindex', ...place(id));
      const sql = "* | SELECT DISTINCT instance, vpc_id, nat_ip, split_part(pri_ip, '.', 3) AS net";
      expect(await ask('query', sql, '--format', 'json', ...place(id))).toEqual([
        {
          instance: `ngw-${id}`,
          vpc_id: `vpc-${id}`,
          nat_ip: id === 'a' ? '203.0.113.10' : '203.0.113.20',
          net: id === 'a' ? '1' : '2',
        },
      ]);
    }
    const again = await run('import', bundledSample, '--no-progress');
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('CAPTURE_ALREADY_IMPORTED') as string });
    // The entries of one are the same, whichever are asked for.
    const alone = await run('import', bundledSample, '--gateway-id', 'ngw-a', '--no-progress');
    expect(alone).toMatchObject({ code: 1, stderr: expect.stringContaining('CAPTURE_ALREADY_IMPORTED') as string });
    const twice = ['--gateway-id', 'ngw-b,ngw-b', '--again', '--no-progress'];
    expect((await run('import', bundledSample, ...twice)).code).toBe(0);
    // One gateway, and none.
    expect((await run('import', bundledSample, '--gateway-id', 'ngw-a', '--again', '--no-progress')).code).toBe(0);
    expect((await run('import', bundledSample, '--no-session-logs', '--no-progress')).stdout).toContain(
      'project local',
    );
    await run('logstore', 'delete', 'log-b', '--project', 'lab-project', '--yes');
    const gone = await run('import', bundledSample, '--no-progress');
    expect(gone).toMatchObject({ code: 1 });
    for (const part of ['(LogStoreNotExist)', 'session-log change ngw-b', 'session-log stop ngw-b', '--gateway-id']) {
      expect(gone.stderr).toContain(part);
    }
    expect(gone.stderr).not.toContain('--project');
    const both = await run('import', bundledSample, '--gateway-id', 'ngw-a', '--eip', '203.0.113.9', '--no-progress');
    expect(both.stderr).toContain('--eip cannot be given with --gateway-id');
  });

  test('a status that is Successful does not hide that entries were lost by chance', async () => {
    await enable('a', '10.0.1.0/24', '203.0.113.10');
    const lossy = script({ lossRate: 1 }, 'lossy.json');
    await run('import', bundledSample, '--delivery', lossy, '--no-progress');
    const { stdout } = await run('session-log', 'show', 'ngw-a');
    expect(stdout).toMatch(/delivery status +Successful\n/u);
    expect(stdout).toContain(
      '! 124 of the 124 entries of import 1 are not in the Logstore; natscope delivery show --run 1 tells why',
    );
    expect((await run('session-log', 'list')).stdout).toContain('Successful, ! 124 entries missing');
    expect(await ask('session-log', 'show', 'ngw-a')).toMatchObject({
      ...{ delivery_status: 'Successful', delivery_code: null },
      missing: { sealed: 124, entries: 124, imports: 1, last_run: 1 },
    });
    expect(await ask('session-log', 'show', 'ngw-default')).toMatchObject({ missing: null });
    await run('delivery', 'apply', script({}, 'whole.json'), '--run', '1');
    expect((await run('session-log', 'show', 'ngw-a')).stdout).not.toContain('are not in the Logstore');
  });

  test('nothing arrives without the role, and a changed destination is Modifying until it has had a capture', async () => {
    await enable('a', '10.0.1.0/24', '203.0.113.10');
    await run('account', 'set', '--service-linked-role', 'off');
    await run('import', bundledSample, '--no-progress');
    expect(await ask('delivery', 'show', '--run', '1')).toMatchObject({
      delivered: 0,
      lost: { InvalidAccessKeyId: 124 },
    });
    await run('account', 'set', '--service-linked-role', 'on');
    await ask('session-log', 'change', 'ngw-a', '--project', 'lab-project', '--create-logstore', 'log-new');
    const show = ['session-log', 'show', 'ngw-a'];
    expect((await run(...show)).stdout).toContain('Modifying');
    // What is missing of the old destination is no matter of the new one.
    expect((await run(...show)).stdout).not.toContain('are not in the Logstore');
    await run('import', bundledSample, '--no-progress');
    expect((await run(...show)).stdout).toContain('Successful');
    expect(await ask('delivery', 'show', '--run', '2')).toMatchObject({
      logstore: 'log-new',
      statuses: [{ status: 'Modifying' }, { status: 'Successful' }],
    });
  });
});
