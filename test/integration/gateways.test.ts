import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { natscopeHere as natscope } from '../support/command-here';
import { tempFolder } from '../support/temp';

let folder = '';
let workspace = '';
beforeEach(() => {
  folder = tempFolder();
  workspace = join(folder, 'workspace');
});

async function ask(
  ...args: string[]
): Promise<{ readonly code: number | null; readonly reply: unknown; readonly stderr: string }> {
  const { code, stdout, stderr } = await natscope([...args, '--workspace', workspace, '--json']);
  return { code, reply: JSON.parse(stdout), stderr };
}
const tell = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await natscope([...args, '--workspace', workspace]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
};
const refused = (code: string): unknown => ({ error: expect.objectContaining({ code }) });

describe('the console on the command line', () => {
  test('goes the way of the product page: VPC, gateway, SNAT entry, session log, view, stop', async () => {
    await tell('vpc', 'create', '--id', 'vpc-prod', '--region', 'cn-shanghai', '--cidr', '172.16.0.0/16,10.9.0.0/16');
    expect(await tell('vpc', 'list')).toContain('172.16.0.0/16 10.9.0.0/16');
    const vSwitch = ['--id', 'vsw-web', '--vpc', 'vpc-prod', '--cidr', '172.16.1.0/24', '--zone', 'cn-shanghai-b'];
    expect((await ask('vswitch', 'create', ...vSwitch)).reply).toMatchObject({ id: 'vsw-web', zone: 'cn-shanghai-b' });
    expect((await ask('vswitch', 'list')).reply).toMatchObject([{ id: 'vsw-web', vpc: 'vpc-prod' }]);
    const gateway = ['--id', 'ngw-prod', '--name', 'egress', '--vpc', 'vpc-prod', '--eip', '203.0.113.10'];
    expect((await ask('gateway', 'create', ...gateway)).reply).toMatchObject({ id: 'ngw-prod', region: 'cn-shanghai' });
    expect((await ask('eip', 'add', 'ngw-prod', '203.0.113.11')).reply).toHaveLength(2);
    const entry = ['--id', 'snat-web', '--vswitch', 'vsw-web', '--eip', '203.0.113.11', '--affinity', 'on'];
    expect((await ask('snat', 'create', 'ngw-prod', ...entry)).reply).toEqual([
      {
        ...{ id: 'snat-web', scope: 'vSwitch', source: 'vsw-web', addresses: ['203.0.113.11'] },
        ...{ eip_affinity: true, is_default: false },
      },
    ]);
    const shown = await tell('gateway', 'show', 'ngw-prod');
    for (const text of ['Internet NAT', '2 of at most 20', 'snat-web', 'not enabled']) expect(shown).toContain(text);

    const said = await tell('session-log', 'enable', 'ngw-prod', '--create-project', 'lab', '--create-logstore', 'nat');
    expect(said).toContain('AliyunServiceRolePolicyForNatgwLogDelivery');
    expect(said).toContain('acs:log:cn-shanghai:local:project/lab/logstore/nat');
    expect(said).toContain('natscope index create-recommended --project lab --logstore nat');
    expect((await ask('session-log', 'show', 'ngw-prod')).reply).toMatchObject({
      ...{ session_log_status: 'Enabled', delivery_status: 'Successful', delivery_code: null, delivery_type: 'sls' },
      ...{ destination: { project: 'lab', logstore: 'nat', exists: true }, index: { exists: false } },
    });
    expect((await ask('gateway', 'delete', 'ngw-prod', '--yes')).reply).toEqual(refused('GATEWAY_IN_USE'));
    const changed = await ask('session-log', 'change', 'ngw-prod', '--project', 'lab', '--create-logstore', 'new');
    expect(changed.reply).toMatchObject({ delivery_status: 'Modifying', created: { project: false, logstore: true } });
    await tell('project', 'delete', 'lab', '--yes');
    expect(await tell('session-log', 'list')).toMatch(/ngw-prod .*Failed ProjectNotExist/u);

    expect(await ask('session-log', 'stop', 'ngw-prod')).toMatchObject({ code: 2, reply: refused('OPTION_INVALID') });
    expect(await tell('session-log', 'stop', 'ngw-prod', '--yes')).toContain('stay');
    await tell('eip', 'remove', 'ngw-prod', '203.0.113.10', '--yes');
    await tell('gateway', 'delete', 'ngw-prod', '--yes');
    await tell('vswitch', 'delete', 'vsw-web', '--yes');
    await tell('vpc', 'delete', 'vpc-prod', '--yes');
    expect((await ask('gateway', 'list')).reply).toMatchObject([{ id: 'ngw-default', built_in: true }]);
  }, 240_000);

  test('takes a gateway file in the place of another, and says what is wrong with it', async () => {
    await tell('vpc', 'create', '--id', 'vpc-a', '--cidr', '10.0.0.0/8');
    await tell('gateway', 'create', '--id', 'ngw-a', '--vpc', 'vpc-a', '--eip', '203.0.113.10');
    const file = join(folder, 'edge.json');
    writeFileSync(
      file,
      JSON.stringify({ profile: 'linux', eips: ['198.51.100.7'], name: 'edge', snatEntries: [{ sourceVpc: true }] }),
    );
    const { reply } = await ask('gateway', 'update', 'ngw-a', file);
    expect(reply).toMatchObject({ name: 'edge', config: { profile: 'linux', natGatewayId: 'ngw-a' } });
    const whole = join(folder, 'whole.json');
    writeFileSync(whole, JSON.stringify((reply as { readonly config: object }).config));
    expect((await natscope(['gateway', 'check', whole])).code).toBe(0);
    expect((await ask('snat', 'create', 'ngw-a', '--host', '192.0.2.1', '--cidr', '10.0.0.0/9')).code).toBe(2);
    const missing = await ask('gateway', 'show', 'ngw-b');
    expect(missing.reply).toEqual(refused('GATEWAY_NOT_FOUND'));
    expect(missing.stderr).toContain('natscope gateway list');
  }, 120_000);

  test('has regions, and an account whose switches session logs need', async () => {
    const { stdout } = await natscope(['region', 'list', '--json', '--workspace', '/as/for/other/commands']);
    const regions = JSON.parse(stdout) as { readonly id: string; readonly closing_down: boolean }[];
    expect(regions).toHaveLength(18);
    expect(regions.filter((region) => region.closing_down).map(({ id }) => id)).toEqual(['ap-southeast-2']);
    const { reply } = await ask('account', 'set', '--preview-access', 'off');
    expect(reply).toEqual({ preview_access: false, service_linked_role: false });
    await tell('vpc', 'create', '--id', 'vpc-a', '--cidr', '10.0.0.0/8');
    await tell('gateway', 'create', '--id', 'ngw-a', '--vpc', 'vpc-a', '--eip', '203.0.113.10');
    const enable = ['session-log', 'enable', 'ngw-a', '--create-project', 'lab', '--create-logstore', 'nat'];
    expect(await ask(...enable)).toMatchObject({ code: 1, reply: refused('SESSION_LOG_REFUSED') });
    expect(await tell('session-log', 'show', 'ngw-a')).toContain('turn preview access on');
    expect((await ask('account', 'set')).code).toBe(2);
    await tell('account', 'set', '--preview-access', 'on');
    expect((await ask(...enable)).code).toBe(0);
    expect(await tell('account', 'show')).toMatch(/service-linked role +on/u);
    expect((await ask('session-log', 'enable', 'ngw-a', '--project', 'lab')).code).toBe(2);
  }, 120_000);
});
