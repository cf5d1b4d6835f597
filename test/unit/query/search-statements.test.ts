import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SqlParam } from '../../../src-main/query/log-relation';
import { parseSearch } from '../../../src-main/query/search-parser';
import { compileSearch, type SearchNote } from '../../../src-main/query/search-sql';
import { openRequestLog, REQUEST_RELATION, type RequestLog } from './request-log';

/** The delimiters of the vendor, as they stand in a class of characters. */
const DELIMITERS = '\\, \\\'\\"\\;\\=\\(\\)\\[\\]\\{\\}\\?\\@\\&\\<\\>\\/\\:\n\t\r';

/** A term between delimiters, in which `<any>` is what is none. */
function term(inner: string): string {
  return `(^|[${DELIMITERS}])${inner.replaceAll('<any>', `[^${DELIMITERS}]`)}($|[${DELIMITERS}])`;
}

/** `text ~ $1` in the table: the text has `$1` somewhere, and between delimiters, for which `$2` stands. */
function written(sql: string): string {
  return sql.replaceAll(/([\w.]+) ~ \$(\d+)/gu, (_, text: string, at: string) => {
    const lowered = (place: number): string => `lower(CAST($${place} AS VARCHAR))`;
    return `contains(lower(${text}), ${lowered(Number(at))}) AND regexp_matches(lower(${text}), ${lowered(Number(at) + 1)})`;
  });
}

interface Statement {
  /** Number in section 6 of the reference, or what it shows. */
  readonly name: string;
  readonly text: string;
  readonly sql: string;
  readonly params: readonly SqlParam[];
  /** Ordinals of the rows of the request log. */
  readonly rows: readonly number[];
  readonly notes?: readonly string[];
}

/** The searches of the vendor's pages and those of NAT logs, @see sls-logstore.md §6; then what is ours. */
const STATEMENTS: readonly Statement[] = [
  {
    name: '1',
    text: 'request_method:GET and status in [200 299]',
    sql: '((entry.method ~ $1) AND (entry.status) BETWEEN 200 AND 299)',
    params: ['GET', term('GET')],
    rows: [0],
  },
  {
    name: '2',
    text: 'request_method:GET not region:cn-hangzhou',
    sql: '((entry.method ~ $1) AND (((entry.region ~ $3)) IS DISTINCT FROM TRUE))',
    params: ['GET', term('GET'), 'cn-hangzhou', term('cn\\-hangzhou')],
    rows: [1],
  },
  {
    name: '3',
    text: 'request_method:GET or request_method:POST',
    sql: '((entry.method ~ $1) OR (entry.method ~ $3))',
    params: ['GET', term('GET'), 'POST', term('POST')],
    rows: [0, 1, 2],
  },
  {
    name: '4',
    text: 'not request_method:GET',
    sql: '(((entry.method ~ $1)) IS DISTINCT FROM TRUE)',
    params: ['GET', term('GET')],
    rows: [2, 3, 4, 5],
  },
  {
    name: '5',
    text: '(request_method:GET or request_method:POST) and status in [200 299]',
    sql: '(((entry.method ~ $1) OR (entry.method ~ $3)) AND (entry.status) BETWEEN 200 AND 299)',
    params: ['GET', term('GET'), 'POST', term('POST')],
    rows: [0, 2],
  },
  {
    name: '6',
    text: '(request_method:GET or request_method:POST) not status in [200 299]',
    sql: '(((entry.method ~ $1) OR (entry.method ~ $3)) AND (((entry.status) BETWEEN 200 AND 299) IS DISTINCT FROM TRUE))',
    params: ['GET', term('GET'), 'POST', term('POST')],
    rows: [1],
  },
  {
    name: '7',
    text: 'request_method:GET and status in [200 299] not request_time>=60',
    sql: '((entry.method ~ $1) AND (entry.status) BETWEEN 200 AND 299 AND ((((entry.request_time) >= CAST($3 AS DOUBLE) AND NOT isnan(entry.request_time))) IS DISTINCT FROM TRUE))',
    params: ['GET', term('GET'), '60'],
    rows: [],
  },
  { name: '8', text: 'request_time:60', sql: '(entry.request_time) = CAST($1 AS DOUBLE)', params: ['60'], rows: [0] },
  {
    name: '9',
    text: 'request_time=60',
    sql: '((entry.request_time) >= CAST($1 AS DOUBLE) AND (entry.request_time) <= CAST($2 AS DOUBLE))',
    params: ['60', '60'],
    rows: [0],
  },
  {
    name: '10',
    text: 'request_time>=60 and request_time<200',
    sql: '(((entry.request_time) >= CAST($1 AS DOUBLE) AND NOT isnan(entry.request_time)) AND ((entry.request_time) < CAST($2 AS DOUBLE)))',
    params: ['60', '200'],
    rows: [0, 1],
  },
  {
    name: '11',
    text: 'request_time in [60 200)',
    sql: '((entry.request_time) >= CAST($1 AS DOUBLE) AND (entry.request_time) < CAST($2 AS DOUBLE))',
    params: ['60', '200'],
    rows: [0, 1],
  },
  { name: '12', text: 'request_time:*', sql: '(entry.request_time) IS NOT NULL', params: [], rows: [0, 1, 2] },
  {
    name: '13',
    text: 'not remote_user:*',
    sql: '(((entry.remote_user) IS NOT NULL) IS DISTINCT FROM TRUE)',
    params: [],
    rows: [2, 3, 4, 5],
  },
  { name: '14', text: 'remote_user:""', sql: '(entry.remote_user) = CAST($1 AS VARCHAR)', params: [''], rows: [1] },
  {
    name: '15',
    text: 'not remote_user:""',
    sql: '(((entry.remote_user) = CAST($1 AS VARCHAR)) IS DISTINCT FROM TRUE)',
    params: [''],
    rows: [0, 2, 3, 4, 5],
  },
  {
    name: '16',
    text: '(request_time:"") or (not request_time > -10000000000)',
    sql: '(FALSE OR ((((entry.request_time) > CAST($1 AS DOUBLE) AND NOT isnan(entry.request_time))) IS DISTINCT FROM TRUE))',
    params: ['-10000000000'],
    rows: [3, 4, 5],
  },
  {
    name: '17',
    text: '"and"',
    sql: '((entry.message ~ $1) OR (entry.method ~ $3))',
    params: ['and', term('and'), 'and', term('and')],
    rows: [1],
  },
  { name: '18', text: '"request method":PUT', sql: '(entry.method ~ $1)', params: ['PUT', term('PUT')], rows: [3] },
  {
    name: '19',
    text: '__topic__:HTTPS or __topic__:HTTP',
    sql: '(lower(entry.topic) = lower(CAST($1 AS VARCHAR)) OR lower(entry.topic) = lower(CAST($2 AS VARCHAR)))',
    params: ['HTTPS', 'HTTP'],
    rows: [0, 1],
  },
  {
    name: '20',
    text: '__tag__:__client_ip__:192.0.2.1',
    sql: 'lower(entry.client_ip) = lower(CAST($1 AS VARCHAR))',
    params: ['192.0.2.1'],
    rows: [0],
  },
  {
    name: '21',
    text: '__source__:192.0.2.*',
    sql: '(entry.source ~ $1)',
    params: ['192.0.2.', '(?s)^192\\.0\\.2\\..*$'],
    rows: [0],
  },
  {
    name: '21 in short',
    text: 'source:192.0.2.*',
    sql: '(entry.source ~ $1)',
    params: ['192.0.2.', '(?s)^192\\.0\\.2\\..*$'],
    rows: [0],
  },
  {
    name: '22',
    text: 'cn*',
    sql: '((entry.message ~ $1) OR (entry.method ~ $3))',
    params: ['cn', term('cn<any>*'), 'cn', term('cn<any>*')],
    rows: [0, 1, 2],
  },
  { name: '23', text: 'region:cn*', sql: '(entry.region ~ $1)', params: ['cn', term('cn<any>*')], rows: [0, 1, 2] },
  { name: '24', text: 'region:"cn*"', sql: '(entry.region ~ $1)', params: ['cn*', term('cn\\*')], rows: [2] },
  {
    name: '25',
    text: 'mozi?la',
    sql: '((entry.message ~ $1) OR (entry.method ~ $3))',
    params: ['mozi', term('mozi<any>la'), 'mozi', term('mozi<any>la')],
    rows: [3],
  },
  {
    name: '26',
    text: 'mo*la',
    sql: '((entry.message ~ $1) OR (entry.method ~ $3))',
    params: ['mo', term('mo<any>*la'), 'mo', term('mo<any>*la')],
    rows: [3],
  },
  {
    name: '27',
    text: 'moz* and sa*',
    sql: '(((entry.message ~ $1) OR (entry.method ~ $3)) AND ((entry.message ~ $5) OR (entry.method ~ $7)))',
    params: ['moz', term('moz<any>*'), 'moz', term('moz<any>*'), 'sa', term('sa<any>*'), 'sa', term('sa<any>*')],
    rows: [3],
  },
  {
    name: '28',
    text: 'request_uri:/request* not request_uri:/file-0',
    sql: '((entry.uri ~ $1) AND (((entry.uri ~ $3)) IS DISTINCT FROM TRUE))',
    params: ['request', term('request<any>*'), 'file-0', term('file\\-0')],
    rows: [1],
  },
  {
    name: '29',
    text: 'http_user_agent:"Linux Chrome"',
    sql: '((entry.agent ~ $1) AND (entry.agent ~ $3))',
    params: ['Linux', term('Linux'), 'Chrome', term('Chrome')],
    rows: [0, 1],
  },
  {
    name: '30',
    text: 'time_local: #"22/Dec"',
    sql: '(contains(lower(entry.time_local), lower(CAST($1 AS VARCHAR))) AND ((entry.time_local ~ $2) AND (entry.time_local ~ $4)))',
    params: ['22/Dec', '22', term('22'), 'Dec', term('Dec')],
    rows: [0],
  },
  {
    name: '30 without its phrase',
    text: 'time_local: 22/Dec',
    sql: '((entry.time_local ~ $1) AND (entry.time_local ~ $3))',
    params: ['22', term('22'), 'Dec', term('Dec')],
    rows: [0, 1],
  },
  {
    name: '31',
    text: 'user.id:usr-9a2b3c4d and error.details.last_response.status_code :504',
    sql: '((entry.user_id ~ $1) AND (entry.error_status) = 504)',
    params: ['usr-9a2b3c4d', term('usr\\-9a2b3c4d')],
    rows: [0],
  },
  {
    name: '32',
    text: 'GET 200 cn-shanghai',
    sql: '(((entry.message ~ $1) OR (entry.method ~ $3)) AND ((entry.message ~ $5) OR (entry.method ~ $7)) AND ((entry.message ~ $9) OR (entry.method ~ $11)))',
    params: [
      'GET',
      term('GET'),
      'GET',
      term('GET'),
      '200',
      term('200'),
      '200',
      term('200'),
      'cn-shanghai',
      term('cn\\-shanghai'),
      'cn-shanghai',
      term('cn\\-shanghai'),
    ],
    rows: [0],
  },
  {
    name: '33',
    text: 'not OK not Unknown',
    sql: '(((((entry.message ~ $1) OR (entry.method ~ $3))) IS DISTINCT FROM TRUE) AND ((((entry.message ~ $5) OR (entry.method ~ $7))) IS DISTINCT FROM TRUE))',
    params: ['OK', term('OK'), 'OK', term('OK'), 'Unknown', term('Unknown'), 'Unknown', term('Unknown')],
    rows: [1, 3, 4, 5],
  },
  {
    name: '34',
    text: '*known',
    sql: '((entry.message ~ $1) OR (entry.method ~ $3))',
    params: ['known', term('<any>*known'), 'known', term('<any>*known')],
    rows: [2],
  },
  {
    name: '65a',
    text: 'dst_ip:1.2.*.*',
    sql: '(entry.dst_ip ~ $1)',
    params: ['1.2.', term('1\\.2\\.<any>*\\.<any>*')],
    rows: [1],
  },
  {
    name: '66',
    text: 'nat_ip:47.1.2.85 and protocol:6 and pub_port:443',
    sql: '((entry.nat_ip) = 788595285 AND (entry.protocol) = 6 AND (entry.pub_port) = 443)',
    params: [],
    rows: [3],
  },
  {
    name: '67',
    text: 'pri_ip:172.16.* not pub_port in [1 1023]',
    sql: '((entry.pri_ip) BETWEEN 2886729728 AND 2886795263 AND (((entry.pub_port) BETWEEN 1 AND 1023) IS DISTINCT FROM TRUE))',
    params: [],
    rows: [5],
  },
  {
    name: '68',
    text: 'nat_ip:"47.1.2.85" and nat_port=48155',
    sql: '((entry.nat_ip) = 788595285 AND (entry.nat_port) = 48155)',
    params: [],
    rows: [3],
  },
  {
    name: '72',
    text: 'protocol:17 and pub_port:53',
    sql: '((entry.protocol) = 17 AND (entry.pub_port) = 53)',
    params: [],
    rows: [4],
  },
  {
    name: '76',
    text: 'bytes_from_pub=0 and pkts_from_vpc>0',
    sql: '((entry.bytes_from_pub) = 0 AND (entry.pkts_from_vpc) >= 1)',
    params: [],
    rows: [3],
  },
  { name: '79', text: '"vpc-id":vpc-abc', sql: '(entry.vpc ~ $1)', params: ['vpc-abc', term('vpc\\-abc')], rows: [2] },
  {
    name: 'a network',
    text: 'pri_ip:172.16.0.0/12',
    sql: '(entry.pri_ip) BETWEEN 2886729728 AND 2887778303',
    params: [],
    rows: [3, 4, 5],
  },
  {
    name: 'a list of ports',
    text: 'pub_port:53,400-500',
    sql: '((entry.pub_port) BETWEEN 400 AND 500 OR (entry.pub_port) = 53)',
    params: [],
    rows: [3, 4],
  },
  {
    name: 'a list of addresses',
    text: 'nat_ip:47.1.2.0-47.1.2.85,10.0.0.0/8,10.1.2.3',
    sql: '((entry.nat_ip) BETWEEN 167772160 AND 184549375 OR (entry.nat_ip) BETWEEN 788595200 AND 788595285)',
    params: [],
    rows: [3, 5],
  },
  {
    name: 'addresses compared',
    text: 'pri_ip in (172.16.0.1 172.17.0.1]',
    sql: '(entry.pri_ip) BETWEEN 2886729730 AND 2886795265',
    params: [],
    rows: [4, 5],
  },
  {
    name: 'octets that are no range',
    text: 'pri_ip:172.*.0.1',
    sql: "((entry.pri_ip) BETWEEN 2885681152 AND 2902458367 AND CASE WHEN (entry.pri_ip) IS NOT NULL THEN concat(((entry.pri_ip) >> 24) & 255, '.', ((entry.pri_ip) >> 16) & 255, '.', ((entry.pri_ip) >> 8) & 255, '.', ((entry.pri_ip) >> 0) & 255) END LIKE CAST($1 AS VARCHAR))",
    params: ['172.%.0.1'],
    rows: [3, 4],
    notes: ['`172.*.0.1` is no range of addresses, so pri_ip is compared as text, which is slower.'],
  },
  {
    name: 'a pattern that leads a word',
    text: 'region:*shanghai',
    sql: '(entry.region ~ $1)',
    params: ['shanghai', term('<any>*shanghai')],
    rows: [1],
  },
  {
    name: 'a phrase that is not there',
    text: 'not time_local:#"22/Dec"',
    sql: '(((contains(lower(entry.time_local), lower(CAST($1 AS VARCHAR))) AND ((entry.time_local ~ $2) AND (entry.time_local ~ $4)))) IS DISTINCT FROM TRUE)',
    params: ['22/Dec', '22', term('22'), 'Dec', term('Dec')],
    rows: [1, 2, 3, 4, 5],
  },
  {
    name: 'a range of text',
    text: 'region > cn',
    sql: '(((entry.message ~ $1) OR (entry.method ~ $3)) AND ((entry.message ~ $5) OR (entry.method ~ $7)))',
    params: ['region', term('region'), 'region', term('region'), 'cn', term('cn'), 'cn', term('cn')],
    rows: [],
    notes: [
      'The range was searched as the words "region", ">", "cn", as region is a field of text: compare it with `:`, or index it as long or double.',
    ],
  },
  {
    name: 'a range without a number',
    text: 'status > high',
    sql: '(((entry.message ~ $1) OR (entry.method ~ $3) OR (entry.status) IS NOT NULL) AND ((entry.message ~ $5) OR (entry.method ~ $7)))',
    params: ['status', term('status'), 'status', term('status'), 'high', term('high'), 'high', term('high')],
    rows: [],
    notes: ['The range was searched as the words "status", ">", "high", as a bound is no number, as status holds.'],
  },
  {
    name: 'a fraction below a whole number',
    text: 'status > 299.5 status < 404.5',
    sql: '((entry.status) >= 300 AND (entry.status) <= 404)',
    params: [],
    rows: [1],
  },
  {
    name: 'numbers beyond 64 bits',
    text: 'status < 99999999999999999999 and not status <= -99999999999999999999',
    sql: '((entry.status) IS NOT NULL AND ((FALSE) IS DISTINCT FROM TRUE))',
    params: [],
    rows: [0, 1, 2],
  },
  {
    name: 'a name of a field',
    text: 'STATUS',
    sql: '((entry.message ~ $1) OR (entry.method ~ $3) OR (entry.status) IS NOT NULL)',
    params: ['STATUS', term('STATUS'), 'STATUS', term('STATUS')],
    rows: [0, 1, 2],
  },
  {
    name: 'a name of a field that is text',
    text: 'request_method',
    sql: '((entry.message ~ $1) OR (entry.method ~ $3) OR (entry.method) IS NOT NULL)',
    params: ['request_method', term('request\\_method'), 'request_method', term('request\\_method')],
    rows: [0, 1, 2, 3],
  },
];

let log: RequestLog;
beforeAll(async () => {
  log = await openRequestLog();
});
afterAll(() => {
  log.close();
});

test.each(STATEMENTS)('$name: $text', async ({ text, sql, params, rows, notes = [] }) => {
  const { root, errors } = parseSearch(text);
  expect(errors).toEqual([]);
  const [bound, noted]: [SqlParam[], SearchNote[]] = [[], []];
  const condition = compileSearch(root, REQUEST_RELATION, bound, noted);
  expect({ condition, bound }).toEqual({ condition: written(sql), bound: params });
  expect(await log.find(condition, bound)).toEqual(rows);
  expect(noted.map((note) => note.text)).toEqual(notes);
});

test('35: a field that the index lacks is refused in the words of the vendor, with what there is', () => {
  const compile = (text: string) => () => compileSearch(parseSearch(text).root, REQUEST_RELATION, []);
  expect(compile('category:x')).toThrow(
    expect.objectContaining({
      code: 'QUERY_UNKNOWN_FIELD',
      message: expect.stringMatching(
        /^key \(category\) is not config as key value config,if symbol : is in your log,please wrap : with quotation mark ": .*request_method/u,
      ),
      detail: expect.objectContaining({ position: 0, length: 8, fix: '"category:x"', fixPosition: 0, fixLength: 10 }),
    }),
  );
  expect(compile('GET and stauts:200')).toThrow(
    expect.objectContaining({
      message: expect.stringContaining('Did you mean status?'),
      detail: expect.objectContaining({ position: 8, length: 6, fix: 'status', fixPosition: 8, fixLength: 6 }),
    }),
  );
  expect(compile('user:7')).toThrow(expect.objectContaining({ message: expect.stringMatching(/of it: user\.id\./u) }));
});
