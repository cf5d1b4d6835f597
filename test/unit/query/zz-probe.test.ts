import { test } from 'vitest';
import { compileQuery } from '../../../src-main/query/compile';
import { openSampleLog, RELATION, WHOLE } from './sample-log';
test('probe', { timeout: 300000 }, async () => {
  const log = await openSampleLog();
  const go = async (label: string, sql: string) => {
    const t0 = performance.now();
    let q;
    try {
      q = await compileQuery({ text: '* | ' + sql, range: WHOLE, limit: null, reverse: false }, RELATION, log.parser);
    } catch (e) {
      console.log(label, 'refused', (e as Error).message.slice(0, 150), Math.round(performance.now() - t0));
      return;
    }
    const t1 = performance.now();
    try {
      await log.connection.runAndReadAll('EXPLAIN ' + q.sql, [...q.params]);
      console.log(label, 'compile', Math.round(t1 - t0), 'bind', Math.round(performance.now() - t1));
    } catch (e) {
      console.log(label, 'bind fail', (e as Error).message.slice(0, 200), Math.round(performance.now() - t1));
    }
  };
  for (const n of [4, 8, 10, 12, 13])
    await go(
      'scalar ' + n,
      'select ' + '(select '.repeat(n) + 'max(bytes) from log' + ') from log'.repeat(n) + ' from log',
    );
  for (const n of [8, 11, 12, 13])
    await go('table ' + n, 'select * from ' + '(select * from '.repeat(n) + 'log' + ')'.repeat(n));
  for (const n of [8, 10, 12])
    await go(
      'where ' + n,
      'select bytes from log where bytes in ' +
        '(select bytes from log where bytes in '.repeat(n) +
        '(1)' +
        ')'.repeat(n),
    );
  for (const n of [4, 8, 10, 12])
    await go(
      'cte dbl ' + n,
      'with c0 as (select bytes from log)' +
        Array.from(
          { length: n },
          (_, i) => `, c${i + 1} as (select a.bytes from c${i} a join c${i} b on a.bytes = b.bytes)`,
        ).join('') +
        ` select * from c${n}`,
    );
  for (const n of [4, 8, 12, 14])
    await go(
      'cte scalar ' + n,
      'with c0 as (select bytes from log)' +
        Array.from(
          { length: n },
          (_, i) => `, c${i + 1} as (select (select max(bytes) from c${i}) as bytes from log)`,
        ).join('') +
        ` select * from c${n}`,
    );
  for (const n of [4, 8, 12, 14])
    await go(
      'cte nested ' + n,
      Array.from({ length: n }, (_, i) => `with c${i} as (`).join('') +
        'select bytes from log' +
        Array.from({ length: n }, (_, i) => `) select * from c${n - 1 - i}`).join(''),
    );
  for (const n of [100, 200]) await go('union ' + n, Array(n).fill('select bytes from log').join(' union all '));
  for (const n of [100, 200])
    await go(
      'joins ' + n,
      'select 1 from log l0 ' +
        Array.from({ length: n - 1 }, (_, i) => `join log l${i + 1} on l${i + 1}.bytes = l0.bytes`).join(' '),
    );
});
