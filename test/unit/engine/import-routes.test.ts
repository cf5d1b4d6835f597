import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { ImportRequest } from '../../../src-main/contract/imports';
import type { Database } from '../../../src-main/duckdb/database';
import { visibleRuns } from '../../../src-main/duckdb/run-reads';
import { createGateway } from '../../../src-main/engine/gateway-service';
import { choiceOfSessionLog, importByRoutes } from '../../../src-main/engine/import-routes';
import { previewImport } from '../../../src-main/engine/import-preview';
import { importInThread, type Importer } from '../../../src-main/engine/importer';
import { deleteLogstore, deleteProject, listLogstores } from '../../../src-main/engine/logstore-service';
import { enableSessionLog, updateAccount } from '../../../src-main/engine/session-log-service';
import { createVpc } from '../../../src-main/engine/vpc-service';
import { bundledSample } from '../../support/captures';
import { tempFolder } from '../../support/temp';
import { temporaryDatabase } from '../duckdb/temporary-workspace';

let database: Database;

async function enable(id: string, cidrBlock: string, ipAddress: string, isFirst: boolean): Promise<void> {
  const region = 'cn-shanghai';
  await createVpc(database, { id: `vpc-${id}`, name: '', region, cidrBlock, secondaryCidrBlocks: [] });
  await createGateway(database, {
    ...{ id: `ngw-${id}`, name: '', region, vpc: `vpc-${id}`, networkType: 'internet', billing: 'PayByLcu' },
    ...{ bindMode: 'MULTI_BINDED', eips: [{ ipAddress, privateIpAddress: null }], natIps: [] },
  });
  const project = { mode: isFirst ? 'create' : 'select', name: 'lab-project' } as const;
  await enableSessionLog(database, { gateway: `ngw-${id}`, project, logstore: { mode: 'create', name: `log-${id}` } });
}

beforeEach(async () => {
  database = await temporaryDatabase();
  await enable('a', '10.0.1.0/24', '203.0.113.10', true);
  await enable('b', '10.0.2.0/24', '203.0.113.20', false);
});

const REQUEST: ImportRequest = {
  ...{ captures: [bundledSample], project: 'local', logstore: 'session-log', inside: [], eips: [], seed: 0 },
  ...{ layer: 'auto', createIndex: true, again: false, keepGoing: false, sessionLogs: 'enabled' },
};
const CONTEXT = { signal: new AbortController().signal, emit: () => undefined, passNoReturn: () => undefined };

async function entries(): Promise<unknown[]> {
  const logstores = await listLogstores(database, 'lab-project');
  return logstores.map(({ logstore, entries: count }) => [logstore, count]);
}

test('captures are in the Logstores of all gateways at once, and before that in none', async () => {
  const seen: number[] = [];
  const watching: Importer = async (...args) => {
    for (const id of [1, 2]) seen.push((await visibleRuns(database, id)).committed.length);
    return importInThread(...args);
  };
  const report = await importByRoutes(database, REQUEST, CONTEXT, watching);
  expect(seen).toEqual([0, 0, 0, 0]);
  expect([report.logstore, ...(report.others ?? []).map(({ logstore }) => logstore)]).toEqual(['log-a', 'log-b']);
  expect(await entries()).toEqual([
    ['log-a', report.logEntries],
    ['log-b', report.others?.[0]?.logEntries],
  ]);
});

test('what is behind another gateway is told from what is behind none, and the ledgers share all packets', async () => {
  const report = await importByRoutes(database, REQUEST, CONTEXT, importInThread);
  const [first, second] = [report.ledger.packets, report.others?.[0]?.ledger.packets];
  expect(first.notInEntries.other_gateway).toBeGreaterThanOrEqual(second?.inEntries ?? Infinity);
  expect(second?.notInEntries.other_gateway).toBeGreaterThanOrEqual(first.inEntries);
  expect(first.notInEntries.no_snat_entry).toBe(second?.notInEntries.no_snat_entry);
});

test('a capture that both gateways have is named where another one comes with it', async () => {
  await importByRoutes(database, REQUEST, CONTEXT, importInThread);
  const fresh = join(tempFolder(), 'fresh.pcapng');
  writeFileSync(fresh, readFileSync(bundledSample).subarray(0, -4));
  const both = { ...REQUEST, captures: [fresh, bundledSample] };
  await expect(importByRoutes(database, both, CONTEXT, importInThread)).rejects.toMatchObject({
    message: expect.stringContaining(`${bundledSample} went through gateways`) as string,
    detail: { file: bundledSample, files: 1 },
  });
});

test('networks of other gateways alone make no other import', async () => {
  const { sessionLogs: _, ...request } = REQUEST;
  await importByRoutes(database, { ...request, gateway: {} }, CONTEXT, importInThread);
  const again = { ...request, gateway: { otherGatewayCidrs: ['172.20.0.0/16'] } };
  const importing = importByRoutes(database, again, CONTEXT, importInThread);
  await expect(importing).rejects.toMatchObject({ code: 'CAPTURE_ALREADY_IMPORTED' });
});

test('where one fails, nothing of the others is kept', async () => {
  let calls = 0;
  const failing: Importer = (...args) => {
    calls++;
    return calls === 2 ? Promise.reject(new Error('as the test has it')) : importInThread(...args);
  };
  await expect(importByRoutes(database, REQUEST, CONTEXT, failing)).rejects.toThrow('as the test has it');
  expect(await entries()).toEqual([
    ['log-a', 0],
    ['log-b', 0],
  ]);
  expect((await importByRoutes(database, REQUEST, CONTEXT, importInThread)).logEntries).toBeGreaterThan(50);
});

test('what one gateway has already is refused before any of the captures is read', async () => {
  await importByRoutes(database, { ...REQUEST, sessionLogs: ['ngw-b'] }, CONTEXT, importInThread);
  let calls = 0;
  const counting: Importer = (...args) => {
    calls++;
    return importInThread(...args);
  };
  const importing = importByRoutes(database, REQUEST, CONTEXT, counting);
  await expect(importing).rejects.toMatchObject({
    code: 'CAPTURE_ALREADY_IMPORTED',
    message: expect.stringContaining(
      'went through gateway ngw-b (run 1, Logstore log-b) already, with the same options, so nothing was imported: --gateway-id ngw-a imports through the others',
    ) as string,
    detail: { run: 1, project: 'lab-project', logstore: 'log-b', gateways: 'ngw-b', left: 'ngw-a' },
  });
  expect(calls).toBe(0);
  // As it says.
  await importByRoutes(database, { ...REQUEST, sessionLogs: ['ngw-a'] }, CONTEXT, importInThread);
  await expect(importByRoutes(database, REQUEST, CONTEXT, counting)).rejects.toMatchObject({
    message: expect.stringMatching(
      /gateways ngw-a \(run 2.*\), ngw-b \(run 1.*so nothing was imported: --again/u,
    ) as string,
  });
});

test.each([
  { name: 'Logstore', vendorCode: 'LogStoreNotExist', what: 'Logstore log-b of project lab-project' },
  { name: 'project', vendorCode: 'ProjectNotExist', what: 'project lab-project' },
])('a $name that was deleted is told with the gateway that delivers to it', async ({ name, vendorCode, what }) => {
  await deleteLogstore(database, { project: 'lab-project', logstore: 'log-b' });
  if (name === 'project') {
    await deleteLogstore(database, { project: 'lab-project', logstore: 'log-a' });
    await deleteProject(database, 'lab-project');
  }
  const importing = importByRoutes(database, { ...REQUEST, sessionLogs: ['ngw-b'] }, CONTEXT, importInThread);
  await expect(importing).rejects.toMatchObject({
    code: 'DESTINATION_NOT_FOUND',
    message: `the session log of gateway ngw-b goes to ${what}, which is not there (${vendorCode}), so nothing was imported`,
    detail: { gateway: 'ngw-b', vendorCode },
  });
});

test('a preview through a session log is that of the import through it', async () => {
  const choice = await choiceOfSessionLog(database, 'ngw-b');
  const preview = await previewImport(
    { captures: [bundledSample], layer: 'auto', sessionLog: 'ngw-b', ...choice },
    CONTEXT,
  );
  const { ledger } = await importByRoutes(database, { ...REQUEST, sessionLogs: ['ngw-b'] }, CONTEXT, importInThread);
  expect(preview.translated.packets).toBe(ledger.packets.inEntries);
  expect(preview.notTranslated).toEqual(ledger.packets.notInEntries);
  await expect(choiceOfSessionLog(database, 'ngw-c')).rejects.toMatchObject({ code: 'GATEWAY_NOT_FOUND' });
});

test('the role that is missing is a fault beside as many as a script may have', async () => {
  await updateAccount(database, { serviceLinkedRole: false, previewAccess: null });
  const faults = Array.from({ length: 1000 }, () => ({ fault: 'network', from: '+1d', delaySec: 1 }));
  const request = { ...REQUEST, sessionLogs: ['ngw-a'], delivery: { faults } };
  const report = await importByRoutes(database, request, CONTEXT, importInThread);
  expect(report.delivery?.lost).toEqual({ InvalidAccessKeyId: report.delivery?.sealed });
});
