import { describe, expect, test } from 'vitest';
import { BUILT_IN_GATEWAY, type GatewayCalls } from '../../../src-main/contract/gateways';
import type { Database } from '../../../src-main/duckdb/database';
import {
  addEip,
  createGateway,
  createSnatEntry,
  deleteSnatEntry,
  readGatewayReport,
  removeEip,
  updateGateway,
} from '../../../src-main/engine/gateway-service';
import { createVpc, createVSwitch, deleteVpc, deleteVSwitch, listVpcs } from '../../../src-main/engine/vpc-service';
import { temporaryDatabase } from '../duckdb/temporary-workspace';

const VPC = { id: 'vpc-a', name: 'a', region: 'cn-shanghai', cidrBlock: '172.16.0.0/16', secondaryCidrBlocks: [] };
const GATEWAY: GatewayCalls['gateway:create']['request'] = {
  ...{ id: 'ngw-a', name: 'egress', region: 'cn-shanghai', vpc: 'vpc-a' },
  ...{ networkType: 'internet', billing: 'PayByLcu', bindMode: 'MULTI_BINDED' },
  ...{ eips: [{ ipAddress: '203.0.113.10', privateIpAddress: null }], natIps: [] },
};
const eip = (ipAddress: string) => ({ gateway: 'ngw-a', ipAddress, privateIpAddress: null });
const vSwitch = (id: string, cidrBlock: string) => ({ id, vpc: 'vpc-a', name: '', zone: 'b', cidrBlock });
const refused = (code: string): unknown => expect.objectContaining({ code });

async function withVpc(): Promise<Database> {
  const database = await temporaryDatabase();
  await createVpc(database, VPC);
  return database;
}

describe('a VPC', () => {
  test('has an id like the vendor makes them when none is given, and ids are of one thing only', async () => {
    const database = await withVpc();
    const { id } = await createVpc(database, { ...VPC, id: null, cidrBlock: '10.0.0.0/8' });
    expect(id).toMatch(/^vpc-[0-9a-z]{21}$/u);
    await expect(createVpc(database, VPC)).rejects.toEqual(refused('ID_TAKEN'));
    await expect(createVSwitch(database, vSwitch('vpc-a', '172.16.1.0/24'))).rejects.toEqual(refused('ID_TAKEN'));
    await expect(createVpc(database, { ...VPC, id: 'A b' })).rejects.toEqual(refused('OPTION_INVALID'));
    await expect(createVpc(database, { ...VPC, id: 'vpc-c', cidrBlock: '10.0.0.1/8' })).rejects.toEqual(
      refused('VPC_INVALID'),
    );
  });

  test('has vSwitches within it that do not overlap, and is deleted when nothing is in it', async () => {
    const database = await withVpc();
    await createVSwitch(database, vSwitch('vsw-1', '172.16.1.0/24'));
    await expect(createVSwitch(database, vSwitch('vsw-2', '172.16.0.0/20'))).rejects.toEqual(refused('VPC_INVALID'));
    await expect(createVSwitch(database, vSwitch('vsw-2', '172.17.0.0/24'))).rejects.toEqual(refused('VPC_INVALID'));
    await expect(deleteVpc(database, 'vpc-a')).rejects.toMatchObject({
      code: 'VPC_IN_USE',
      message: expect.stringContaining('vSwitch vsw-1'),
    });
    await deleteVSwitch(database, 'vsw-1');
    await deleteVpc(database, 'vpc-a');
    expect(await listVpcs(database)).toEqual([]);
    await expect(deleteVpc(database, 'vpc-a')).rejects.toEqual(refused('VPC_NOT_FOUND'));
  });
});

describe('a gateway', () => {
  test('is what an import takes, with its VPC in it, and translates the VPC as long as it has no SNAT entry', async () => {
    const database = await withVpc();
    const made = await createGateway(database, GATEWAY);
    expect(made.gateway).toMatchObject({ id: 'ngw-a', name: 'egress', snatEntries: 1, sessionLog: 'NotEnabled' });
    expect(made.hasDefaultEntries).toBe(true);
    expect(made.entries).toEqual([
      { id: 'snat-1', scope: 'vpc', source: 'vpc-a', addresses: null, eipAffinity: false },
    ]);
    expect(made.config).toMatchObject({ natGatewayId: 'ngw-a', vpc: { vpcId: 'vpc-a', cidrBlock: '172.16.0.0/16' } });
    expect(made.quotas).toEqual([
      { counts: 'eips', there: 1, most: 20 },
      { counts: 'snatEntries', there: 0, most: 40 },
      { counts: 'dnatIpMappings', there: 0, most: 100 },
    ]);
    await expect(deleteVpc(database, 'vpc-a')).rejects.toEqual(refused('VPC_IN_USE'));
  });

  test('that is built in counts what it has by default', async () => {
    const { gateway, quotas } = await readGatewayReport(await withVpc(), BUILT_IN_GATEWAY);
    const there = (counts: string) => quotas.find((quota) => quota.counts === counts)?.there;
    expect(gateway.snatEntries).toBeGreaterThan(0);
    expect([there('eips'), there('snatEntries')]).toEqual([gateway.addresses.length, gateway.snatEntries]);
  });

  test('is in the region of its VPC, which has five at most, with EIPs that no other has', async () => {
    const database = await withVpc();
    await expect(createGateway(database, { ...GATEWAY, region: 'cn-qingdao' })).rejects.toEqual(
      refused('GATEWAY_INVALID'),
    );
    await expect(createGateway(database, { ...GATEWAY, eips: [] })).rejects.toEqual(refused('GATEWAY_INVALID'));
    for (let at = 1; at <= 5; at++) {
      const eips = [{ ipAddress: `203.0.113.${at}`, privateIpAddress: null }];
      await createGateway(database, { ...GATEWAY, id: at === 1 ? 'ngw-a' : null, eips });
    }
    await expect(addEip(database, eip('203.0.113.2'))).rejects.toEqual(refused('EIP_TAKEN'));
    await expect(createGateway(database, { ...GATEWAY, id: 'ngw-6' })).rejects.toEqual(refused('QUOTA_EXCEEDED'));
  });

  test('has 40 SNAT entries and no 41st, until one is deleted', async () => {
    const database = await withVpc();
    await createGateway(database, GATEWAY);
    const entry = (no: number): Parameters<typeof createSnatEntry>[1] => {
      const source = { scope: 'host', ipAddress: `172.16.0.${no}` } as const;
      return { gateway: 'ngw-a', id: `snat-${no}`, source, addresses: [], eipAffinity: null };
    };
    for (let no = 1; no <= 40; no++) await createSnatEntry(database, entry(no));
    await expect(createSnatEntry(database, entry(41))).rejects.toMatchObject({
      code: 'GATEWAY_INVALID',
      message: expect.stringContaining('SNAT entries of a gateway: at most 40') as string,
    });
    expect((await readGatewayReport(database, 'ngw-a')).quotas).toContainEqual({
      ...{ counts: 'snatEntries', there: 40, most: 40 },
    });
    await deleteSnatEntry(database, { gateway: 'ngw-a', snatEntry: 'snat-7' });
    expect((await createSnatEntry(database, entry(41))).entries).toHaveLength(40);
  });

  test('has addresses and SNAT entries that fit together at any time', async () => {
    const database = await withVpc();
    await createGateway(database, GATEWAY);
    await createVSwitch(database, vSwitch('vsw-1', '172.16.1.0/24'));
    await addEip(database, eip('203.0.113.11'));
    const source = { scope: 'vSwitch', vSwitch: 'vsw-1' } as const;
    const entry = { gateway: 'ngw-a', id: 'snat-web', source, addresses: ['203.0.113.11'], eipAffinity: true };
    expect(await createSnatEntry(database, entry)).toMatchObject({
      hasDefaultEntries: false,
      entries: [{ id: 'snat-web', scope: 'vSwitch', source: 'vsw-1', addresses: ['203.0.113.11'], eipAffinity: true }],
    });
    await expect(removeEip(database, { gateway: 'ngw-a', ipAddress: '203.0.113.11' })).rejects.toMatchObject({
      code: 'GATEWAY_INVALID',
      message: expect.stringContaining("is none of the gateway's eips"),
    });
    await expect(removeEip(database, { gateway: 'ngw-a', ipAddress: '203.0.113.99' })).rejects.toEqual(
      refused('EIP_NOT_FOUND'),
    );
    await expect(deleteVSwitch(database, 'vsw-1')).rejects.toEqual(refused('VSWITCH_IN_USE'));
    await expect(deleteSnatEntry(database, { gateway: 'ngw-a', snatEntry: 'snat-web' })).rejects.toEqual(
      refused('GATEWAY_INVALID'),
    );
    const host = { ...entry, id: null, source: { scope: 'host', ipAddress: '172.16.9.9' } as const, addresses: [] };
    const { entries } = await createSnatEntry(database, host);
    expect(entries[1]?.id).toMatch(/^snat-[0-9a-z]{21}$/u);
    expect(await deleteSnatEntry(database, { gateway: 'ngw-a', snatEntry: 'snat-web' })).toMatchObject({
      entries: [{ scope: 'host', source: '172.16.9.9' }],
    });
    await removeEip(database, { gateway: 'ngw-a', ipAddress: '203.0.113.11' });
    await expect(removeEip(database, { gateway: 'ngw-a', ipAddress: '203.0.113.10' })).rejects.toEqual(
      refused('GATEWAY_INVALID'),
    );
  });

  test('binds EIPs to free addresses of its vSwitches in bind mode NAT', async () => {
    const database = await withVpc();
    await createVSwitch(database, vSwitch('vsw-1', '172.16.1.0/29'));
    await createGateway(database, { ...GATEWAY, bindMode: 'NAT' });
    const { gateway } = await addEip(database, eip('203.0.113.11'));
    expect(gateway.addresses).toEqual([
      { ipAddress: '203.0.113.10', privateIpAddress: '172.16.1.1' },
      { ipAddress: '203.0.113.11', privateIpAddress: '172.16.1.2' },
    ]);
    await expect(deleteVSwitch(database, 'vsw-1')).rejects.toEqual(refused('VSWITCH_IN_USE'));
  });

  test('binds no EIP to the address of a host', async () => {
    const database = await withVpc();
    await createVSwitch(database, vSwitch('vsw-1', '172.16.1.0/28'));
    const { config } = await createGateway(database, { ...GATEWAY, bindMode: 'NAT' });
    const own = { ipAddress: '203.0.113.90', privateIpAddress: '172.16.1.2' };
    const snatEntries = [{ sourceVpc: true }, { sourceIp: '172.16.1.3' }];
    await updateGateway(database, { gateway: 'ngw-a', config: { ...config, hostEips: [own], snatEntries } });
    const { gateway } = await addEip(database, eip('203.0.113.11'));
    expect(gateway.addresses.map(({ privateIpAddress }) => privateIpAddress)).toEqual(['172.16.1.1', '172.16.1.4']);
  });

  test('is a VPC NAT gateway with NAT IPs', async () => {
    const database = await withVpc();
    const made = await createGateway(database, {
      ...GATEWAY,
      networkType: 'intranet',
      eips: [],
      natIps: ['172.16.1.9'],
    });
    expect(made.gateway).toMatchObject({ networkType: 'intranet', addresses: [{ ipAddress: '172.16.1.9' }] });
    expect(made.quotas[0]).toEqual({ counts: 'natIps', there: 1, most: 15 });
  });

  test('is changed as a whole by a file, but for what it is', async () => {
    const database = await withVpc();
    await createGateway(database, GATEWAY);
    const config = { name: 'renamed', profile: 'linux', eips: ['203.0.113.30'], portMin: 2000 };
    const changed = await updateGateway(database, { gateway: 'ngw-a', config });
    expect(changed).toMatchObject({
      gateway: { name: 'renamed', addresses: [{ ipAddress: '203.0.113.30' }] },
      config: { natGatewayId: 'ngw-a', regionId: 'cn-shanghai', portMin: 2000, vpc: { vpcId: 'vpc-a' } },
    });
    expect(await updateGateway(database, { gateway: 'ngw-a', config: changed.config })).toEqual(changed);
    const wrong = [{ ...config, natGatewayId: 'ngw-b' }, { ...config, portMin: 0 }, { name: 'without EIP' }];
    for (const each of wrong) {
      await expect(updateGateway(database, { gateway: 'ngw-a', config: each })).rejects.toEqual(
        refused('GATEWAY_INVALID'),
      );
    }
    expect(await readGatewayReport(database, 'ngw-a')).toEqual(changed);
    await expect(readGatewayReport(database, 'ngw-x')).rejects.toEqual(refused('GATEWAY_NOT_FOUND'));
  });
});
