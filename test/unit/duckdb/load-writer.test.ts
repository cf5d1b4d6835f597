import { describe, expect, test } from 'vitest';
import { LoadWriter } from '../../../src-main/duckdb/load-writer';
import { addColumnSql, createLogTableSql, logTable } from '../../../src-main/duckdb/log-table';
import { temporaryDatabase } from './temporary-workspace';

const LOGSTORE = 5;
/** Over the border of a chunk, twice. */
const ROWS = 5000;
const TEXTS = ['', 'twelve bytes', 'thirteen byte', 'a\0b', 'é', '😀'.repeat(1000), "it's", '\u0000'];

describe('rows of any columns', () => {
  test('are written as they were set, over the borders of chunks', async () => {
    const database = await temporaryDatabase();
    await database.withConnection(async (connection) => {
      await connection.run(createLogTableSql(LOGSTORE, 'custom'));
      await connection.run(addColumnSql(LOGSTORE, 'f1', 'text'));
      await connection.run(addColumnSql(LOGSTORE, 'f2', 'long'));
      await connection.run(addColumnSql(LOGSTORE, 'f3', 'double'));
      await connection.run(addColumnSql(LOGSTORE, 'f4', 'ipv4'));
    });
    const writer = await LoadWriter.open(database, LOGSTORE);
    const [text, long, double, address] = [
      writer.text('f1'),
      writer.wide('f2'),
      writer.number('f3'),
      writer.number('f4'),
    ];
    for (let row = 0; row < ROWS; row++) {
      writer.wide('entry_no').setNumber(row);
      writer.wide('__time__').setNumber(-row);
      writer.number('run_id').set(0xffff_fffe);
      writer.number('shard_id').set(0xffff);
      if (row % 3 !== 0) text.setText(TEXTS[row % TEXTS.length] ?? '');
      if (row % 2 === 0) long.setWhole(row % 4 === 0 ? -(2n ** 63n) : 2n ** 63n - 1n);
      if (row % 5 === 0) double.set(row % 10 === 0 ? -0 : Number.MIN_VALUE);
      if (row >= 2048) address.set(0xffff_ffff);
      writer.endRow();
    }
    writer.close();
    const rows = await database.withConnection(async (connection) => {
      const reader = await connection.runAndReadAll(`SELECT * FROM ${logTable(LOGSTORE)} ORDER BY entry_no`);
      return reader.getRowObjects();
    });
    const expected = Array.from({ length: ROWS }, (_, row) => ({
      __time__: BigInt(-row),
      run_id: 0xffff_fffe,
      entry_no: BigInt(row),
      shard_id: 0xffff,
      extra: null,
      f1: row % 3 === 0 ? null : TEXTS[row % TEXTS.length],
      f2: row % 2 !== 0 ? null : row % 4 === 0 ? -(2n ** 63n) : 2n ** 63n - 1n,
      f3: row % 5 !== 0 ? null : row % 10 === 0 ? -0 : Number.MIN_VALUE,
      f4: row < 2048 ? null : 0xffff_ffff,
    }));
    expect(rows).toEqual(expected);
  });

  test('have no columns but those of the table, and of their kinds', async () => {
    const database = await temporaryDatabase();
    await database.withConnection((connection) => connection.run(createLogTableSql(LOGSTORE, 'session_log')));
    const writer = await LoadWriter.open(database, LOGSTORE);
    expect(() => writer.text('f1')).toThrow(RangeError);
    expect(() => writer.text('pri_ip')).toThrow(RangeError);
    writer.abandon();
  });
});
