import { expect, test } from 'vitest';
import { readEntryOrigin } from '../../../src-main/duckdb/entry-origin';
import { readGateway } from '../../../src-main/nat/configuration';
import { tempFolder } from '../../support/temp';
import { temporaryDatabase } from '../duckdb/temporary-workspace';
import { entriesAt, importInto, writeCapture } from './imported-database';

const SEC = 1_773_133_200;
const OFFICE = {
  natGatewayId: 'ngw-office',
  vpc: { vpcId: 'vpc-office' },
  eips: ['203.0.113.10'],
  snatEntries: [{ sourceCidr: '10.0.0.0/8', eips: ['203.0.113.10'] }],
  seed: 4,
};

test('a run keeps the whole of the gateway that was configured, as gateway check shows it', async () => {
  const database = await temporaryDatabase();
  const capture = writeCapture(tempFolder(), 'a.pcap', entriesAt([SEC]));
  const { run } = await importInto(database, [capture], { gateway: OFFICE });
  const origin = await readEntryOrigin(database, { run, entryNo: 0 });
  expect(JSON.parse(origin.gateway)).toEqual(readGateway(OFFICE).gateway);
  expect(JSON.parse(origin.options)).toMatchObject({ gateway: OFFICE });
  expect(origin.entry).toMatchObject({ natIp: 0xcb00710a });
});

test('an import tells of SNAT entries that can never match', async () => {
  const database = await temporaryDatabase();
  const capture = writeCapture(tempFolder(), 'a.pcap', entriesAt([SEC]));
  const snatEntries = [...OFFICE.snatEntries, { sourceCidr: '224.0.0.0/4', eips: OFFICE.eips }];
  const byFile = await importInto(database, [capture], { gateway: { ...OFFICE, snatEntries } });
  expect(byFile.notices).toContainEqual({
    kind: 'info',
    text: 'SNAT entry snat-2 (224.0.0.0/4) never matches: no gateway forwards packets from there.',
  });
  const byOption = await importInto(database, [capture], { inside: ['10.0.0.0/8', '10.0.0.0/8', '127.0.0.0/8'] });
  expect(byOption.notices.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^SNAT entry snat-2 \(10\.0\.0\.0\/8\) never matches: other entries/),
    expect.stringMatching(/^SNAT entry snat-3 \(127\.0\.0\.0\/8\) never matches: no gateway/),
  ]);
});

test('another gateway makes another import of the same capture', async () => {
  const database = await temporaryDatabase();
  const capture = writeCapture(tempFolder(), 'a.pcap', entriesAt([SEC]));
  await importInto(database, [capture], { gateway: OFFICE });
  await expect(importInto(database, [capture], { gateway: OFFICE })).rejects.toMatchObject({
    code: 'CAPTURE_ALREADY_IMPORTED',
  });
  expect(await importInto(database, [capture], { gateway: { ...OFFICE, seed: 5 } })).toMatchObject({ run: 2 });
});

test('a gateway whose default address was named is another one, as captures may show that', async () => {
  const database = await temporaryDatabase();
  const capture = writeCapture(tempFolder(), 'a.pcap', entriesAt([SEC]));
  await importInto(database, [capture]);
  expect(await importInto(database, [capture], { eips: ['203.0.113.1'] })).toMatchObject({ run: 2 });
  await expect(importInto(database, [capture], { eips: ['203.0.113.1'] })).rejects.toMatchObject({
    code: 'CAPTURE_ALREADY_IMPORTED',
  });
});

test('the engine checks the configuration itself, before anything is made', async () => {
  const database = await temporaryDatabase();
  await expect(importInto(database, ['/none.pcap'], { gateway: { ...OFFICE, portMin: 'x' } })).rejects.toMatchObject({
    code: 'GATEWAY_INVALID',
    message: 'the gateway configuration is invalid: portMin: "x" must be a whole number from 1 to 65535',
  });
});
