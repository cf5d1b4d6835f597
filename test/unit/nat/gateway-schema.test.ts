import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { gatewayJsonSchema, readGateway } from '../../../src-main/nat/configuration';

const path = join(import.meta.dirname, '../../../resources/gateway.schema.json');

test('the schema that is shipped is the one of the code', () => {
  const schema = JSON.stringify(gatewayJsonSchema(), null, 2);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, `${schema}\n`);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(schema));
});

test('the schema describes every key, and refuses others', () => {
  const { properties, additionalProperties } = gatewayJsonSchema() as {
    properties: Record<string, { description?: string }>;
    additionalProperties: boolean;
  };
  expect(additionalProperties).toBe(false);
  expect(Object.keys(properties)).toEqual(expect.arrayContaining(['profile', 'eips', 'snatEntries', 'timeoutsSec']));
  const clear = ['vpc', 'vSwitches', 'portMin', 'portMax'];
  const undescribed = Object.entries(properties).filter(([key, each]) => !each.description && !clear.includes(key));
  expect(undescribed).toEqual([]);
});

/** The shape alone: rules between several values are no matter of a schema. */
test.each<{ name: string; configuration: object; isRight: boolean }>([
  { name: 'nothing', configuration: {}, isRight: true },
  {
    name: 'one value of each kind',
    configuration: {
      $schema: './gateway.schema.json',
      natGatewayId: 'ngw-1',
      name: 'Büro',
      eips: ['203.0.113.10', { ipAddress: '203.0.113.11', privateIpAddress: '172.16.0.1' }],
      snatEntries: [{ sourceCidr: '10.0.0.0/8', eips: ['203.0.113.10'], eipAffinity: 1 }, { sourceIp: '10.0.0.7' }],
      timeoutsSec: { udp: 30 },
      limits: { maxSessions: null, maxNewPerSec: 5 },
      windowPhase: 137,
      dedupe: true,
    },
    isRight: true,
  },
  { name: 'a phase with a name', configuration: { windowPhase: 'perGateway' }, isRight: true },
  { name: 'another key', configuration: { colour: 'red' }, isRight: false },
  { name: 'an address that is none', configuration: { eips: ['x'] }, isRight: false },
  { name: 'an id with a space', configuration: { natGatewayId: 'ngw 1' }, isRight: false },
  { name: 'a profile that there is not', configuration: { profile: 'linus' }, isRight: false },
  { name: 'a port beyond the last', configuration: { portMax: 65536 }, isRight: false },
  { name: 'an EIP without its address', configuration: { eips: [{}] }, isRight: false },
  {
    name: 'a change in milliseconds',
    configuration: { changes: [{ atSec: 1_700_000_500_000, snatEntries: [] }] },
    isRight: false,
  },
  { name: 'a list that is too short', configuration: { snatEntries: [] }, isRight: false },
])('schema and reader agree on $name', ({ configuration, isRight }) => {
  const schema = z.fromJSONSchema(gatewayJsonSchema());
  expect(schema.safeParse(configuration).success).toBe(isRight);
  const read = expect(() => readGateway(configuration));
  if (isRight) read.not.toThrow();
  else read.toThrow('the gateway configuration is invalid');
});
