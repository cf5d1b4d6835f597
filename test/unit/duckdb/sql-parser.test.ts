import { expect, test } from 'vitest';
import { createSqlParser } from '../../../src-main/duckdb/sql-parser';
import { sharedDatabase } from './temporary-workspace';

const shared = sharedDatabase();

test.each([
  { name: 'a plain statement', sql: 'SELECT 1, a FROM log LIMIT 10' },
  { name: 'quotes in texts and names', sql: `SELECT 'it''s' AS "a""b" FROM log WHERE (x = '$1')` },
  { name: 'a 64-bit number', sql: 'SELECT 9223372036854775807' },
])('$name is printed as it was read', async ({ sql }) => {
  const parser = createSqlParser(shared());
  const json = await parser.serialize(sql);
  const printed = await parser.print(json);
  expect(printed.sql).toBe(sql);
  expect(printed.json).toBe(json);
});

test.each([
  { name: 'what is no SQL', sql: 'selec 1', said: { error: true, error_message: 'syntax error at or near "selec"' } },
  { name: 'what is no SELECT', sql: 'drop table x', said: { error: true, error_type: 'not implemented' } },
  { name: 'nothing', sql: '', said: { error: false, statements: [] } },
])('$name is answered as data', async ({ sql, said }) => {
  const parser = createSqlParser(shared());
  expect(JSON.parse(await parser.serialize(sql))).toMatchObject(said);
});

test('the text is a value, never a part of the statement', async () => {
  const parser = createSqlParser(shared());
  const json = await parser.serialize("select '1'); DROP SCHEMA catalogue CASCADE; --'");
  expect(JSON.parse(json)).toMatchObject({ error: true });
});
