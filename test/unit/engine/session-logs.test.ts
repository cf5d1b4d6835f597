import { describe, expect, test } from 'vitest';
import type { DestinationRequest, GatewayCalls } from '../../../src-main/contract/gateways';
import type { Database } from '../../../src-main/duckdb/database';
import {
  addEip,
  createGateway,
  deleteGateway,
  listGateways,
  updateGateway,
} from '../../../src-main/engine/gateway-service';
import {
  createProject,
  createLogstore,
  deleteLogstore,
  deleteProject,
  readProject,
} from '../../../src-main/engine/logstore-service';
import { setRecommendedIndex } from '../../../src-main/engine/index-service';
import {
  changeDestination,
  enableSessionLog,
  listReports,
  readReport,
  stopSessionLog,
  updateAccount,
} from '../../../src-main/engine/session-log-service';
import { createVpc } from '../../../src-main/engine/vpc-service';
import { temporaryDatabase } from '../duckdb/temporary-workspace';

type NewGateway = GatewayCalls['gateway:create']['request'];

async function withGateway(given: Partial<NewGateway> & { readonly cidrBlock?: string } = {}): Promise<Database> {
  const database = await temporaryDatabase();
  await addGateway(database, given);
  return database;
}

async function addGateway(
  database: Database,
  { cidrBlock = '172.16.0.0/16', ...given }: Partial<NewGateway> & { readonly cidrBlock?: string },
): Promise<void> {
  const { region = 'cn-shanghai', vpc = 'vpc-prod' } = given;
  await createVpc(database, { id: vpc, name: 'prod', region, cidrBlock, secondaryCidrBlocks: [] });
  const eips = [{ ipAddress: '203.0.113.10', privateIpAddress: null }];
  const kind = { networkType: 'internet', billing: 'PayByLcu', bindMode: 'MULTI_BINDED' } as const;
  await createGateway(database, { id: 'ngw-prod', name: 'egress', region, vpc, ...kind, eips, natIps: [], ...given });
}

const to = (project: string, logstore: string, mode: 'select' | 'create'): DestinationRequest => ({
  gateway: 'ngw-prod',
  project: { mode, name: project },
  logstore: { mode, name: logstore },
});
const created = to('natscope-lab', 'nat-session-log', 'create');
const refusedFor = (reason: string): object => ({ code: 'SESSION_LOG_REFUSED', detail: { reason } });

describe('the session log of a gateway', () => {
  test('is enabled with a project, a Logstore and the role that are made for it, and shows where it goes', async () => {
    const database = await withGateway();
    expect(await readReport(database, 'ngw-prod')).toMatchObject({
      status: 'NotEnabled',
      delivery: null,
      destination: null,
      refusal: null,
    });
    const enabled = await enableSessionLog(database, created);
    expect(enabled).toMatchObject({
      gatewayName: 'egress',
      status: 'Enabled',
      delivery: { status: 'Successful', code: null },
      deliveryType: 'sls',
      destination: {
        project: 'natscope-lab',
        logstore: 'nat-session-log',
        exists: true,
        arn: 'acs:log:cn-shanghai:local:project/natscope-lab/logstore/nat-session-log',
      },
      index: { exists: false, fields: 0 },
      created: { project: true, logstore: true, role: true },
      refusal: { reason: 'enabled' },
    });
    expect(await readProject(database, 'natscope-lab')).toMatchObject({ region: 'cn-shanghai', logstores: 1 });
    await setRecommendedIndex(database, { project: 'natscope-lab', logstore: 'nat-session-log' });
    expect((await readReport(database, 'ngw-prod')).index).toEqual({ exists: true, fields: 15 });
    await expect(enableSessionLog(database, created)).rejects.toMatchObject(refusedFor('enabled'));
  });

  test('fails with the code of what is missing, and delivers again when it is back', async () => {
    const database = await withGateway();
    await enableSessionLog(database, created);
    const delivery = async (): Promise<unknown> => (await readReport(database, 'ngw-prod')).delivery;
    await deleteLogstore(database, { project: 'natscope-lab', logstore: 'nat-session-log' });
    expect(await delivery()).toEqual({ status: 'Failed', code: 'LogStoreNotExist' });
    await deleteProject(database, 'natscope-lab');
    expect(await delivery()).toEqual({ status: 'Failed', code: 'ProjectNotExist' });
    await updateAccount(database, { serviceLinkedRole: false, previewAccess: null });
    expect(await delivery()).toEqual({ status: 'Failed', code: 'InvalidAccessKeyId' });
    await updateAccount(database, { serviceLinkedRole: true, previewAccess: null });
    await createProject(database, { project: 'natscope-lab', region: 'cn-shenzhen', description: '' });
    expect(await delivery()).toEqual({ status: 'Failed', code: 'ProjectNotExist' });
    await deleteProject(database, 'natscope-lab');
    await createProject(database, { project: 'natscope-lab', region: 'cn-shanghai', description: '' });
    const store = {
      project: 'natscope-lab',
      logstore: 'nat-session-log',
      schema: 'session_log',
      ttlDays: null,
    } as const;
    await createLogstore(database, { ...store, shards: 1 });
    expect(await delivery()).toEqual({ status: 'Successful', code: null });
  });

  test('is modifying from a change of its destination on, stopped with its destination, and enabled again', async () => {
    const database = await withGateway();
    await expect(changeDestination(database, created)).rejects.toMatchObject({ code: 'SESSION_LOG_NOT_ENABLED' });
    await enableSessionLog(database, created);
    const changed = {
      ...to('natscope-lab', 'other', 'create'),
      project: { mode: 'select', name: 'natscope-lab' },
    } as const;
    expect(await changeDestination(database, changed)).toMatchObject({
      delivery: { status: 'Modifying', code: null },
      destination: { logstore: 'other', exists: true },
      created: { project: false, logstore: true, role: false },
    });
    await expect(deleteGateway(database, 'ngw-prod')).rejects.toMatchObject({ code: 'GATEWAY_IN_USE' });
    const stopped = await stopSessionLog(database, 'ngw-prod');
    expect(stopped).toMatchObject({ status: 'Stopped', delivery: null, refusal: null });
    expect(stopped.destination).toMatchObject({ logstore: 'other', exists: true });
    await expect(stopSessionLog(database, 'ngw-prod')).rejects.toMatchObject({ code: 'SESSION_LOG_NOT_ENABLED' });
    expect(await enableSessionLog(database, to('natscope-lab', 'other', 'select'))).toMatchObject({
      status: 'Enabled',
      delivery: { status: 'Successful' },
      created: { project: false, logstore: false, role: false },
    });
    await stopSessionLog(database, 'ngw-prod');
    await deleteGateway(database, 'ngw-prod');
    expect(await readProject(database, 'natscope-lab')).toMatchObject({ logstores: 2 });
  });

  test.each([
    { name: 'a region that is not on the list', given: { region: 'cn-hangzhou' }, reason: 'region' },
    { name: 'a pay-by-specification gateway', given: { billing: 'PayBySpec' as const }, reason: 'billing' },
  ])('is refused for $name', async ({ given, reason }) => {
    const database = await withGateway(given);
    expect((await readReport(database, 'ngw-prod')).refusal).toMatchObject({ reason });
    await expect(enableSessionLog(database, created)).rejects.toMatchObject(refusedFor(reason));
    await expect(readProject(database, 'natscope-lab')).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' });
  });

  test('is refused without preview access, and cannot become pay-by-specification once it is enabled', async () => {
    const database = await withGateway();
    await updateAccount(database, { serviceLinkedRole: null, previewAccess: false });
    await expect(enableSessionLog(database, created)).rejects.toMatchObject(refusedFor('preview'));
    await updateAccount(database, { serviceLinkedRole: null, previewAccess: true });
    await enableSessionLog(database, created);
    const config = { internetChargeType: 'PayBySpec', eips: ['203.0.113.10'] };
    await expect(updateGateway(database, { gateway: 'ngw-prod', config })).rejects.toMatchObject({
      code: 'GATEWAY_IN_USE',
    });
  });

  test('goes to a project of its region only, and to a Logstore of session logs', async () => {
    const database = await withGateway();
    await createProject(database, { project: 'far', region: 'eu-central-1', description: '' });
    await expect(enableSessionLog(database, to('far', 'logs', 'select'))).rejects.toMatchObject(
      refusedFor('project-region'),
    );
    await expect(enableSessionLog(database, to('none', 'logs', 'select'))).rejects.toMatchObject({
      code: 'PROJECT_NOT_FOUND',
    });
    await expect(enableSessionLog(database, to('far', 'logs', 'create'))).rejects.toMatchObject({
      code: 'PROJECT_EXISTS',
    });
    await expect(enableSessionLog(database, to('near', 'Logs', 'create'))).rejects.toMatchObject({
      code: 'LOGSTORE_NAME_INVALID',
    });
    await createProject(database, { project: 'near', region: 'cn-shanghai', description: '' });
    await createLogstore(database, { project: 'near', logstore: 'own', schema: 'custom', ttlDays: null, shards: 1 });
    await expect(enableSessionLog(database, to('near', 'own', 'select'))).rejects.toMatchObject({
      code: 'LOGSTORE_MISMATCH',
    });
  });

  test('is refused while another VPC with the same addresses logs', async () => {
    const database = await withGateway();
    const eips = [{ ipAddress: '203.0.113.20', privateIpAddress: null }];
    await addGateway(database, { id: 'ngw-b', vpc: 'vpc-b', cidrBlock: '172.16.128.0/17', eips });
    await enableSessionLog(database, created);
    const second = { ...to('natscope-lab', 'nat-session-log', 'select'), gateway: 'ngw-b' };
    await expect(enableSessionLog(database, second)).rejects.toMatchObject({
      ...refusedFor('overlap'),
      message: expect.stringContaining(
        '172.16.128.0/17 of gateway ngw-b overlaps with 172.16.0.0/16 of gateway ngw-prod',
      ),
    });
    await stopSessionLog(database, 'ngw-prod');
    expect(await enableSessionLog(database, second)).toMatchObject({ status: 'Enabled' });
  });

  test('is always enabled of the default gateway, which is first and stays as it is', async () => {
    const database = await withGateway();
    expect((await listGateways(database)).map(({ id, builtIn }) => [id, builtIn])).toEqual([
      ['ngw-default', true],
      ['ngw-prod', false],
    ]);
    const [first] = await listReports(database);
    expect(first).toMatchObject({
      builtIn: true,
      status: 'Enabled',
      delivery: { status: 'Successful' },
      destination: { project: 'local', logstore: 'session-log', exists: false },
      refusal: { reason: 'enabled' },
    });
    const builtIn = { code: 'GATEWAY_BUILT_IN' };
    await expect(stopSessionLog(database, 'ngw-default')).rejects.toMatchObject(builtIn);
    await expect(deleteGateway(database, 'ngw-default')).rejects.toMatchObject(builtIn);
    const address = { ipAddress: '203.0.113.11', privateIpAddress: null };
    await expect(addEip(database, { gateway: 'ngw-default', ...address })).rejects.toMatchObject(builtIn);
  });
});
