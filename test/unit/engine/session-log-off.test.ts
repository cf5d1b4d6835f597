import { expect, test } from 'vitest';
import type { ImportRequest } from '../../../src-main/contract/imports';
import type { ResultBatch } from '../../../src-main/contract/result-batch';
import type { Database } from '../../../src-main/duckdb/database';
import { createGateway, createSnatEntry } from '../../../src-main/engine/gateway-service';
import { importByRoutes } from '../../../src-main/engine/import-routes';
import { importInThread } from '../../../src-main/engine/importer';
import { readLedgerPackets } from '../../../src-main/engine/ledger-packets';
import { readNatEvents } from '../../../src-main/engine/nat-events-service';
import { readNatTable } from '../../../src-main/engine/nat-table-service';
import { enableSessionLog, stopSessionLog, updateAccount } from '../../../src-main/engine/session-log-service';
import { createVpc } from '../../../src-main/engine/vpc-service';
import { bundledSample } from '../../support/captures';
import { temporaryDatabase } from '../duckdb/temporary-workspace';

const SIGNAL = new AbortController().signal;
const GATEWAY = 'ngw-a';
const PLACES = {
  off: { project: 'local', logstore: 'session-log' },
  on: { project: 'lab-project', logstore: 'nat-log' },
};
/** In the midst of the sample. */
const AT_SEC = 1_773_133_200;

/** It translates a part of its VPC. @returns its configuration */
async function makeGateway(database: Database): Promise<Readonly<Record<string, unknown>>> {
  const region = 'cn-shanghai';
  await createVpc(database, { id: 'vpc-a', name: '', region, cidrBlock: '10.0.0.0/8', secondaryCidrBlocks: [] });
  await createGateway(database, {
    ...{ id: GATEWAY, name: '', region, vpc: 'vpc-a', networkType: 'internet', billing: 'PayByLcu' },
    ...{ bindMode: 'MULTI_BINDED', eips: [{ ipAddress: '203.0.113.10', privateIpAddress: null }], natIps: [] },
  });
  const source = { scope: 'cidr', cidrBlock: '10.0.1.0/24' } as const;
  const entry = { gateway: GATEWAY, id: 'snat-a', source, addresses: ['203.0.113.10'], eipAffinity: null };
  return (await createSnatEntry(database, entry)).config;
}

async function toldOf(database: Database, place: (typeof PLACES)['on']): Promise<string> {
  const batches: unknown[] = [];
  const sendBatch = ({ columns }: ResultBatch): Promise<void> => {
    for (const { name, data } of columns) batches.push([name, Array.from(data as ArrayLike<number>, String)]);
    return Promise.resolve();
  };
  const where = { ...place, run: null, zone: 'UTC', host: null };
  const context = { signal: SIGNAL, sendBatch };
  const table = await readNatTable(database, { ...where, at: String(AT_SEC), nat: null }, context);
  const events = await readNatEvents(database, { ...where, from: '1773100000', to: '1773200000' }, context);
  const verdicts = [];
  for (const of of ['in_entries', 'no_snat_entry', 'intra', 'not_routable'] as const) {
    verdicts.push([
      of,
      (await readLedgerPackets(database, { run: 1, of, offset: 0, limit: 1000 }, { signal: SIGNAL })).packets,
    ]);
  }
  const { runs, sessions, destinations, totals } = table;
  return JSON.stringify({
    runs,
    sessions,
    destinations,
    totals,
    events: { ...events, notices: [] },
    verdicts,
    batches,
  });
}

const REQUEST: ImportRequest = {
  ...{ captures: [bundledSample], ...PLACES.off, inside: [], eips: [], seed: 0 },
  ...{ layer: 'auto', createIndex: true, again: false, keepGoing: false },
};

test('verdicts, NAT table and events are byte-identical with the session log on, off, stopped and failing', async () => {
  const told: string[] = [];
  for (const state of ['off', 'stopped', 'on', 'role missing', 'Logstore missing', 'lossy'] as const) {
    const database = await temporaryDatabase();
    const config = await makeGateway(database);
    const isOff = state === 'off' || state === 'stopped';
    if (state !== 'off') {
      const [project, logstore] = [PLACES.on.project, PLACES.on.logstore].map((name) => ({
        mode: 'create' as const,
        name,
      }));
      if (project === undefined || logstore === undefined) throw new RangeError('a destination has two names');
      await enableSessionLog(database, { gateway: GATEWAY, project, logstore });
    }
    if (state === 'stopped') await stopSessionLog(database, GATEWAY);
    if (state === 'role missing') await updateAccount(database, { serviceLinkedRole: false, previewAccess: null });
    const faults = [{ fault: 'logstore_deleted', from: '+0m', to: '+1d' }];
    const delivery = { 'Logstore missing': { faults }, lossy: { lossRate: 0.5, seed: 7, duplicateRate: 0.3 } };
    const script = state in delivery ? { delivery: delivery[state as keyof typeof delivery] } : {};
    const request = { ...REQUEST, ...script, ...(isOff ? { gateway: config } : { sessionLogs: [GATEWAY] }) };
    const context = { signal: SIGNAL, emit: () => undefined, passNoReturn: () => undefined };
    const report = await importByRoutes(database, request, context, importInThread);
    expect(report.ledger.packets.notInEntries.no_snat_entry).toBeGreaterThan(0);
    told.push(await toldOf(database, isOff ? PLACES.off : PLACES.on));
  }
  expect(JSON.parse(told[0] ?? '')).toMatchObject({
    sessions: expect.toSatisfy((count: number) => count > 5) as number,
  });
  for (const each of told) expect(each).toBe(told[0]);
});
