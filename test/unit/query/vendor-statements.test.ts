import { DuckDBTimestampValue } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import {
  IN_RANGE,
  NOW_MS,
  openVendorLog,
  OTHER_LOGSTORES,
  RANGE,
  ROWS,
  START,
  type VendorLog,
  type VendorRow,
} from './vendor-log';

let log: VendorLog;
/** The same entries, with addresses that are stored as numbers. */
let numbersLog: VendorLog;
beforeAll(async () => {
  log = await openVendorLog();
  numbersLog = await openVendorLog('ipv4');
});
afterAll(() => {
  log.close();
  numbersLog.close();
});

type Rows = readonly VendorRow[];
type Results = readonly Readonly<Record<string, unknown>>[];

const num = (row: VendorRow | undefined, field: string): number => Number(row?.[field] ?? 0);
const sum = (rows: Rows, field: string): number => rows.reduce((total, row) => total + num(row, field), 0);
const text = (value: unknown): string => JSON.stringify(value);

/** The rows by the value of some fields, each group with what is computed of it. */
function grouped<Key extends Record<string, unknown>>(
  rows: Rows,
  keyOf: (row: VendorRow) => Key,
  valueOf: (group: Rows) => Record<string, unknown>,
): (Key & Record<string, unknown>)[] {
  const groups = new Map<string, { key: Key; rows: VendorRow[] }>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(text(key)) ?? { key, rows: [] };
    group.rows.push(row);
    groups.set(text(key), group);
  }
  return Array.from(groups.values(), (group) => ({ ...group.key, ...valueOf(group.rows) }));
}

const distinct = (rows: Rows, field: string): number => new Set(rows.map((row) => row[field])).size;
const shown = (epochSec: number): string => new Date(epochSec * 1000).toISOString().replace('T', ' ').slice(0, 19);
const isSubnet = (address: unknown, prefix: string): boolean => String(address).startsWith(prefix);
const nearest = (values: readonly number[], part: number): number => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
};

interface Statement {
  readonly number: string;
  readonly text: string;
  /** What the vendor's page says that the statement gives. */
  readonly prose: string;
  readonly gives: (rows: Rows) => Results;
  /** Columns whose order the statement fixes; the rest is compared as a set. */
  readonly order?: readonly string[];
}

const HOURLY = grouped(
  IN_RANGE,
  (row) => ({ time: Math.floor(row.__time__ / 3600) * 3600 }),
  (rows) => ({ PV: rows.length }),
);

const STATEMENTS: readonly Statement[] = [
  ...['status', '1'].map((by) => ({
    number: `36 by ${by}`,
    text: `* | SELECT status, count(*) AS PV GROUP BY ${by}`,
    prose: 'the number of entries of each status',
    gives: (rows: Rows) =>
      grouped(
        rows,
        ({ status }) => ({ status }),
        (group) => ({ PV: group.length }),
      ),
  })),
  {
    number: '37',
    text: '* | SELECT sum(pv) FROM (SELECT count(*) AS pv FROM log GROUP BY method)',
    prose: 'the sum of the counts by method; the innermost SELECT has its FROM',
    gives: (rows) => [{ _col0: rows.length }],
  },
  {
    number: '38',
    text: '* | select count(1) as pv, __time__ - __time__ %300 as time group by time limit 100',
    prose: 'entries in stretches of five minutes',
    gives: (rows) =>
      grouped(
        rows,
        ({ __time__ }) => ({ time: __time__ - (__time__ % 300) }),
        (group) => ({ pv: group.length }),
      ),
  },
  {
    number: '39',
    text: "* | SELECT count(*) AS PV , cast(date_trunc('hour', __time__) as varchar) AS time GROUP BY time ORDER BY time limit 1000",
    prose: 'entries of each hour, in order',
    gives: () => HOURLY.map(({ time, PV }) => ({ time: `${shown(time)}.000`, PV })),
    order: ['time'],
  },
  {
    number: '40',
    text: "* | select time_series(__time__, '2h', '%Y-%m-%d %H:%i:%s', '0') as time, count(*) as num from log group by time order by time",
    prose: 'entries of every two hours of the range, 0 for those without any',
    gives: (rows) =>
      Array.from({ length: 12 }, (_, index) => {
        const from = RANGE.fromSec + index * 7200;
        const num = rows.filter(({ __time__ }) => __time__ >= from && __time__ < from + 7200).length;
        return { time: shown(from), num };
      }),
    order: ['time'],
  },
  {
    number: '41',
    text: '* | SELECT diff[1] AS today, diff[2] AS yesterday, diff[3] AS ratio FROM (SELECT compare(PV,86400) AS diff FROM (SELECT count(*) AS PV FROM log))',
    prose: 'the count of the range, that of the range a day earlier, and the ratio of the two',
    gives: () => {
      const before = ROWS.filter(({ __time__ }) => __time__ >= START && __time__ < RANGE.fromSec).length;
      return [{ today: IN_RANGE.length, yesterday: before, ratio: IN_RANGE.length / before }];
    },
  },
  {
    number: '42',
    text: "* | SELECT time, ts_compare(PV, 3600) AS data FROM(SELECT date_trunc('hour',__time__ ) AS time, count(*) AS PV from log GROUP BY time ORDER BY time ) GROUP BY time",
    prose: 'of each hour: its count, that of the hour before, their ratio, and the time of the hour before',
    gives: () =>
      HOURLY.map(({ time, PV }) => {
        const then = ROWS.filter(({ __time__ }) => __time__ >= time - 3600 && __time__ < time).length;
        const count = then === 0 ? null : then;
        return { time: shown(time), data: [PV, count, count === null ? null : Number(PV) / count, time - 3600] };
      }),
  },
  {
    number: '43',
    text: "* | SELECT count(*) AS PV where ip_to_domain(client_ip)!='intranet'",
    prose: 'entries of clients that are not in the intranet',
    gives: (rows) => [
      { PV: rows.filter((row) => ['203.0.113.9', '8.8.8.8'].includes(String(row['client_ip']))).length },
    ],
  },
  {
    number: '44',
    text: "* | SELECT is_subnet_of('192.168.0.1/24',client_ip)",
    prose: 'whether each client is in the network',
    gives: (rows) => rows.map((row) => ({ _col0: isSubnet(row['client_ip'], '192.168.0.') })),
  },
  {
    number: '45',
    text: '* | SELECT ip_prefix(client_ip,24)',
    prose: 'the network of 24 bits of each client',
    gives: (rows) => rows.map((row) => ({ _col0: `${String(row['client_ip']).replace(/\d+$/u, '0')}/24` })),
  },
  {
    number: '46',
    text: "* | SELECT ip_subnet_range(concat(client_ip,'/24'))",
    prose: 'the first and the last address of the network of each client',
    gives: (rows) =>
      rows.map((row) => {
        const base = String(row['client_ip']).replace(/\d+$/u, '');
        return { _col0: [`${base}0`, `${base}255`] };
      }),
  },
  {
    number: '49',
    text: '* | select count(*) as pv, approx_distinct(client_ip) as uv',
    prose: 'entries, and about how many clients there are',
    gives: (rows) => [{ pv: rows.length, uv: distinct(rows, 'client_ip') }],
  },
  {
    number: '50',
    text: '*| select approx_percentile(request_time,array[0.1,0.2,0.7])',
    prose: 'the values below which 10, 20 and 70 % of the request times lie',
    gives: (rows) => [
      {
        _col0: [0.1, 0.2, 0.7].map((part) =>
          nearest(
            rows.map((row) => num(row, 'request_time')),
            part,
          ),
        ),
      },
    ],
  },
  {
    number: '51',
    text: 'request_method:POST | select numeric_histogram(10,request_time)',
    prose: 'at most ten bins of the request times of POST, each with how many values it has',
    gives: (rows) => {
      const times = rows.filter((row) => row['request_method'] === 'POST').map((row) => num(row, 'request_time'));
      return [{ _col0: Object.fromEntries(times.map((time) => [time, 1])) }];
    },
  },
  {
    number: '52',
    text: 'method: PostLogstoreLogs | SELECT avg(latency) AS avg_latency, Project GROUP BY Project HAVING avg_latency > 1000',
    prose: 'projects whose writes take more than 1000 on average',
    gives: (rows) =>
      grouped(
        rows.filter((row) => row['method'] === 'PostLogstoreLogs'),
        ({ Project }) => ({ Project }),
        (group) => ({ avg_latency: sum(group, 'latency') / group.length }),
      ).filter((row) => Number(row.avg_latency) > 1000),
  },
  {
    number: '53',
    text: '* | SELECT status, arbitrary(request_time) is not null as any, count(*) AS PV GROUP BY status',
    prose: 'the number of entries of each status, and any of its request times',
    gives: (rows) =>
      grouped(
        rows,
        ({ status }) => ({ status }),
        (group) => ({ any: true, PV: group.length }),
      ),
  },
  {
    number: '54',
    text: "* | select split_part(request_uri,'?',1) as path, count(1) as pv group by path order by pv desc limit 10",
    prose: 'the ten paths that are asked for most',
    gives: (rows) =>
      grouped(
        rows,
        (row) => ({ path: String(row['request_uri']).split('?')[0] }),
        (group) => ({ pv: group.length }),
      ),
    order: ['pv'],
  },
  {
    number: '55',
    text: '* | select request_method , pv, pv *1.0/sum(pv) over() as percentage from( select count(1) as pv , "request_method" from (select "request_method" from log limit 100000) group by "request_method" order by pv desc) order by pv desc limit 10',
    prose: 'the methods with their counts and their shares',
    gives: (rows) =>
      grouped(
        rows,
        ({ request_method }) => ({ request_method }),
        (group) => ({ pv: group.length, percentage: group.length / rows.length }),
      ),
    order: ['pv'],
  },
  {
    number: '56',
    text: '* | select "__tag__:__hostname__" , count(1) as count group by "__tag__:__hostname__"',
    prose: 'entries of each host',
    gives: (rows) =>
      grouped(
        rows,
        (row) => ({ '__tag__:__hostname__': row['__tag__:__hostname__'] }),
        (group) => ({ count: group.length }),
      ),
  },
  {
    number: '57',
    text: "* | SELECT requestId FROM log WHERE __time__ < to_unixtime(current_date) AND __time__ > to_unixtime(date_add('day', -1, current_date))",
    prose: 'the entries of yesterday (none of them is in the range of the query)',
    gives: (rows) => {
      const today = Math.floor(NOW_MS / 86_400_000) * 86_400;
      return rows
        .filter(({ __time__ }) => __time__ < today && __time__ > today - 86_400)
        .map(({ requestId }) => ({ requestId }));
    },
  },
  {
    number: '58',
    text: '* | select COALESCE(client_ip, slbid, host) as source, COALESCE(host, slbid, client_ip) as dest, sum(request_length) as inflow group by grouping sets( (client_ip, slbid), (slbid, host))',
    prose: 'the flow from clients to balancers and from balancers to hosts, each of them a set of groups',
    gives: (rows) => [
      ...grouped(
        rows,
        ({ client_ip, slbid }) => ({ client_ip, slbid }),
        (group) => ({ inflow: sum(group, 'request_length') }),
      ).map(({ client_ip, slbid, inflow }) => ({ source: client_ip ?? slbid, dest: slbid ?? client_ip, inflow })),
      ...grouped(
        rows,
        ({ slbid, host }) => ({ slbid, host }),
        (group) => ({ inflow: sum(group, 'request_length') }),
      ).map(({ slbid, host, inflow }) => ({ source: slbid ?? host, dest: host ?? slbid, inflow })),
    ],
  },
  {
    number: '59',
    text: '* | select __time__ - __time__% 60 as minute, count(1) as c, request_method group by minute, request_method order by minute asc limit 100000',
    prose: 'entries of each minute and method, by minute',
    gives: (rows) =>
      grouped(
        rows,
        ({ __time__, request_method }) => ({ minute: __time__ - (__time__ % 60), request_method }),
        (group) => ({ c: group.length }),
      ),
    order: ['minute'],
  },
  {
    number: '60',
    text: "* | select requestId from log where key like '192.168.%.%'",
    prose: 'entries whose key begins as an address of the network does',
    gives: (rows) => rows.filter((row) => isSubnet(row['key'], '192.168.')).map(({ requestId }) => ({ requestId })),
  },
  {
    number: '61',
    text: '* | set session mode=scan; SELECT api, count(1) AS pv FROM log GROUP BY api',
    prose: 'entries of each interface, read without an index',
    gives: (rows) =>
      grouped(
        rows,
        ({ api }) => ({ api }),
        (group) => ({ pv: group.length }),
      ),
  },
  {
    number: '62',
    text: "* | SELECT requestId FROM log WHERE search('status: 200') AND request_time > 100",
    prose: 'entries that the search finds and the condition keeps',
    gives: (rows) =>
      rows
        .filter((row) => row['status'] === 200 && num(row, 'request_time') > 100)
        .map(({ requestId }) => ({ requestId })),
  },
  {
    number: '64',
    text: 'status: 401 | SELECT remote_addr,COUNT(*) as pv GROUP by remote_addr ORDER by pv desc limit 5',
    prose: 'the five addresses that were refused most',
    gives: (rows) =>
      grouped(
        rows.filter(({ status }) => status === 401),
        ({ remote_addr }) => ({ remote_addr }),
        (group) => ({ pv: group.length }),
      ),
    order: ['pv'],
  },
  {
    number: '65a',
    text: 'log_type:internet_log and direction:"in" and dst_ip:1.2.*.* | select sum(in_packet_bytes) as flow, sum(in_packet_count) as packet',
    prose: 'what came in to a range of our addresses',
    gives: (rows) => {
      const inbound = rows.filter((row) => row['direction'] === 'in' && isSubnet(row['dst_ip'], '1.2.'));
      return [{ flow: sum(inbound, 'in_packet_bytes'), packet: sum(inbound, 'in_packet_count') }];
    },
  },
  {
    number: '65b',
    text: '* | SELECT "internal-diagnostic_log".consumer_group, "internal-diagnostic_log".logstore, "internal-operation_log".Latency, "internal-operation_log".Method FROM "internal-diagnostic_log" INNER JOIN "internal-operation_log" ON "internal-diagnostic_log".logstore = "internal-operation_log".logstore LIMIT 10000',
    prose: 'the entries of two Logstores that name the same one',
    gives: () =>
      OTHER_LOGSTORES['internal-diagnostic_log'].flatMap((left) =>
        OTHER_LOGSTORES['internal-operation_log']
          .filter((right) => right['logstore'] === left['logstore'])
          .map((right) => ({
            ...{ consumer_group: left['consumer_group'], logstore: left['logstore'] },
            ...{ Latency: right['Latency'], Method: right['Method'] },
          })),
      ),
  },
  {
    number: '65d',
    text: '* | SELECT request_time ORDER BY request_time LIMIT 10,5',
    prose: 'rows 11 to 15',
    gives: (rows) =>
      rows
        .map((row) => num(row, 'request_time'))
        .toSorted((one, other) => one - other)
        .slice(10, 15)
        .map((request_time) => ({ request_time })),
    order: ['request_time'],
  },
  {
    number: '65e',
    text: '* | select array_column, a from log, unnest( cast( json_parse(array_column) as array(bigint) ) ) as t(a)',
    prose: 'a row for each element of the array',
    gives: (rows) =>
      rows.flatMap(({ array_column }) =>
        (JSON.parse(String(array_column)) as number[]).map((a) => ({ array_column, a })),
      ),
  },
  {
    number: '69',
    text: '* | select pri_ip, sum(bytes_from_vpc) as up, sum(bytes_from_pub) as down, count(*) as sessions group by pri_ip order by up+down desc limit 20',
    prose: 'the hosts with the most bytes',
    gives: (rows) =>
      grouped(
        rows,
        ({ pri_ip }) => ({ pri_ip }),
        (group) => ({
          ...{ up: sum(group, 'bytes_from_vpc'), down: sum(group, 'bytes_from_pub'), sessions: group.length },
        }),
      ),
    order: ['up'],
  },
  {
    number: '70',
    text: '* | select nat_ip, approx_distinct(nat_port) as ports, count(*) as s group by nat_ip order by ports desc',
    prose: 'how many ports of each address are used',
    gives: (rows) =>
      grouped(
        rows,
        ({ nat_ip }) => ({ nat_ip }),
        (group) => ({ ports: distinct(group, 'nat_port'), s: group.length }),
      ),
    order: ['ports'],
  },
  {
    number: '71',
    text: '* | select nat_ip, pub_ip, pub_port, protocol, count(distinct nat_port) as ports group by nat_ip, pub_ip, pub_port, protocol order by ports desc limit 100',
    prose: 'how many ports are used for each destination',
    gives: (rows) =>
      grouped(
        rows,
        ({ nat_ip, pub_ip, pub_port, protocol }) => ({ nat_ip, pub_ip, pub_port, protocol }),
        (group) => ({ ports: distinct(group, 'nat_port') }),
      ),
    order: ['ports'],
  },
  {
    number: '72',
    text: "protocol:17 and pub_port:53 | select time_series(__time__,'1m','%H:%i','0') as t, count(*) as q group by t order by t",
    prose: 'name queries of every minute, 0 where there is none',
    gives: (rows) => {
      const found = rows.filter((row) => row['protocol'] === 17 && row['pub_port'] === 53);
      return Array.from({ length: 1440 }, (_, index) => {
        const from = RANGE.fromSec + index * 60;
        return {
          t: shown(from).slice(11, 16),
          q: found.filter(({ __time__ }) => __time__ >= from && __time__ < from + 60).length,
        };
      });
    },
    order: ['t'],
  },
  {
    number: '73',
    text: '* | select ip_prefix(pri_ip,24) as subnet, sum(bytes_from_vpc) as b group by subnet order by b desc',
    prose: 'the networks by what they sent',
    gives: (rows) =>
      grouped(
        rows,
        (row) => ({ subnet: `${String(row['pri_ip']).replace(/\d+$/u, '0')}/24` }),
        (group) => ({ b: sum(group, 'bytes_from_vpc') }),
      ),
    order: ['b'],
  },
  {
    number: '74',
    text: "* | select case protocol when 6 then 'TCP' when 17 then 'UDP' when 1 then 'ICMP' else cast(protocol as varchar) end as p, sum(bytes_from_vpc+bytes_from_pub) as b group by p",
    prose: 'bytes of each protocol by its name',
    gives: (rows) =>
      grouped(
        rows,
        (row) => ({ p: { 6: 'TCP', 17: 'UDP', 1: 'ICMP' }[num(row, 'protocol')] }),
        (group) => ({
          b: sum(group, 'bytes_from_vpc') + sum(group, 'bytes_from_pub'),
        }),
      ),
  },
  {
    number: '75',
    text: '* | select pri_ip as source, pub_ip as target, sum(bytes_from_vpc) as value group by source, target order by value desc limit 50',
    prose: 'who sent how much to whom',
    gives: (rows) =>
      grouped(
        rows,
        ({ pri_ip, pub_ip }) => ({ source: pri_ip, target: pub_ip }),
        (group) => ({ value: sum(group, 'bytes_from_vpc') }),
      ),
    order: ['value'],
  },
  {
    number: '77',
    text: '* | select approx_percentile(end_time-start_time, array[0.5,0.95,0.99])',
    prose: 'how long half, 95 % and 99 % of the sessions last at most',
    gives: (rows) => {
      const lasting = rows.map((row) => num(row, 'end_time') - num(row, 'start_time'));
      return [{ _col0: [0.5, 0.95, 0.99].map((part) => nearest(lasting, part)) }];
    },
  },
  {
    number: '78',
    text: 'action:REJECT and direction:in | select srcaddr, dstport, count(*) as c group by srcaddr, dstport order by c desc limit 10',
    prose: 'who was refused at which port most',
    gives: (rows) =>
      grouped(
        rows.filter((row) => row['action'] === 'REJECT' && row['direction'] === 'in'),
        ({ srcaddr, dstport }) => ({ srcaddr, dstport }),
        (group) => ({ c: group.length }),
      ),
    order: ['c'],
  },
  {
    number: '79',
    text: '"vpc-id":vpc-abc | select "eni-id", sum(bytes) as b group by "eni-id"',
    prose: 'bytes of each interface of one network',
    gives: (rows) =>
      grouped(
        rows.filter((row) => row['vpc-id'] === 'vpc-abc'),
        (row) => ({ 'eni-id': row['eni-id'] }),
        (group) => ({ b: sum(group, 'bytes') }),
      ),
  },
  {
    number: '80',
    text: '* | select pri_ip, b, rank() over(order by b desc) as r from (select pri_ip, sum(bytes_from_vpc) as b from log group by pri_ip) limit 10',
    prose: 'the hosts with their place by what they sent',
    gives: (rows) => {
      const hosts = grouped(
        rows,
        ({ pri_ip }) => ({ pri_ip }),
        (group) => ({ b: sum(group, 'bytes_from_vpc') }),
      );
      return hosts.map((host) => ({
        ...host,
        r: 1 + hosts.filter((other) => Number(other.b) > Number(host.b)).length,
      }));
    },
  },
];

/** A timestamp as text; columns in the order of their names. */
function comparable(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof DuckDBTimestampValue ? value.toString() : value,
  ]);
  return Object.fromEntries(entries.toSorted(([one], [other]) => (String(one) < String(other) ? -1 : 1))) as Record<
    string,
    unknown
  >;
}
const sorted = (rows: Results): Results =>
  rows.map(comparable).toSorted((one, other) => (text(one) < text(other) ? -1 : 1));

describe('the statements of the vendor’s pages give what these say:', () => {
  test.each(STATEMENTS)('$number: $prose', async ({ text: statement, gives, order }) => {
    const { rows } = await log.run(statement);
    const expected = gives(IN_RANGE);
    expect(sorted(rows)).toEqual(sorted(expected));
    for (const column of order ?? []) {
      const values = rows.map((row) => row[column]);
      const ascending = values.toSorted((one, other) =>
        typeof one === 'number' ? one - Number(other) : String(one) < String(other) ? -1 : 1,
      );
      expect(values).toEqual(/desc(?: limit \d+)?$/iu.test(statement) ? ascending.toReversed() : ascending);
    }
  });
});

describe('addresses that are stored as numbers are the same in them:', () => {
  test.each(STATEMENTS)('$number', async ({ text: statement, gives }) => {
    for (const keepAddressNumbers of [true, false]) {
      const { rows } = await numbersLog.run(statement, { keepAddressNumbers });
      expect(sorted(rows)).toEqual(sorted(gives(IN_RANGE)));
    }
  });
});

describe('the statements that are refused say why:', () => {
  test.each([
    [
      '47',
      '* | SELECT count(*) as PV, ip_to_province(client_ip) AS province GROUP BY province ORDER BY PV desc LIMIT 10',
      'Function ip_to_province not registered: it needs a database of places',
    ],
    [
      '48',
      '* | SELECT AVG(latency) AS avg_latency, MAX(latency) AS max_latency, MAX_BY(requestId, latency) AS requestId, ip_to_country(client_ip) AS country GROUP BY country',
      'Function ip_to_country not registered: it needs a database of places',
    ],
    [
      '63',
      '* | select a.pattern, a.count,a.signature, a.origin_signatures from (select log_reduce(3) as a from log) limit 1000',
      'Function log_reduce not registered: grouping logs by pattern is a service',
    ],
    [
      '65',
      'status:200 | extend timediff = cast(endTime as bigint) - cast(beginTime as bigint) | where timediff > 100',
      '`extend` begins a pipeline of SPL',
    ],
    [
      '65c',
      'method:GetLogs | select count(1) , histogram(Project) from log l join join_meta m on l.Project = cast( m.ikey as varchar)',
      '"join_meta" cannot be read',
    ],
  ])('%s', async (_, statement, sentence) => {
    const error = await log.run(statement).then(
      () => null,
      (cause: unknown) => cause,
    );
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'QUERY_UNSUPPORTED', message: expect.stringContaining(sentence) });
  });
});
