import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gatewayJsonSchema } from '../../../src-main/nat/configuration';

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
