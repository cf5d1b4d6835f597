import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileQuery } from '../../../src-main/query/compile';
import { openSampleLog, plainValue, RELATION, WHOLE, type SampleLog } from './sample-log';

let log: SampleLog;
beforeAll(async () => {
  log = await openSampleLog();
});
afterAll(() => {
  log.close();
});

/** 2026-11-26 08:30:15 UTC */
const NOW_MS = 1_795_681_815_000;

/** The value of an expression in the one entry with 100 bytes. */
async function valueOf(expression: string, zone = 'UTC'): Promise<unknown> {
  const query = await compileQuery(
    {
      text: `* | select ${expression} as v from log where bytes = 100`,
      range: WHOLE,
      limit: null,
      offset: 0,
      reverse: false,
      zone,
      nowMs: NOW_MS,
    },
    RELATION,
    log.parser,
  );
  return plainValue((await log.run(query)).rows[0]?.[0] ?? null);
}

/** An expression, and what Presto gives for it. */
type Row = readonly [expression: string, result: unknown];

const EDGES: readonly Row[] = [
  ['7 / 2', 3],
  ['-7 / 2', -3],
  ['-7 % 4', -3],
  ['7 / 2.0', 3.5],
  ['7%-3', 1],
  ['7%+-3', 1],
  ['7*-3', -21],
  ['7+-3', 4],
  ['7/-3', -2],
  ['2*-+3', -6],
  ["'a'||-3 is null", false],
  ['7<-3', false],
  ['7>=-3', true],
  ['7<>-3', true],
  ['7!=-3', true],
  ['transform(array[1], x->-x)', [-1]],
  ['1.0 / 0', Infinity],
  ['bytes / 3', 33],
  ["substr('abc', 0)", ''],
  ["substr('abc', -2)", 'bc'],
  ["substr('abc', -5)", ''],
  ["substr('abc', 2, 0)", ''],
  ["substr('abc', 2, 9)", 'bc'],
  ["concat('a', null)", null],
  ["concat('a', 'b', 'c')", 'abc'],
  ["'a' || null", null],
  ["cast('abcdef' as varchar(3))", 'abc'],
  ["cast('ab' as varchar(3))", 'ab'],
  ['cast(123456 as varchar(2))', '12'],
  ['element_at(array[1, 2], 3)', null],
  ['element_at(array[1, 2], -1)', 2],
  ['element_at(array[1, 2], -3)', null],
  ["element_at(map(array['a'], array[1]), 'b')", null],
  ["regexp_extract('abc', 'x')", null],
  ["regexp_extract('abc', 'b')", 'b'],
  ["regexp_extract('key=value', '(\\w+)=(\\w+)', 2)", 'value'],
  ["split_part('a.b', '.', 3)", null],
  ["split_part('a.b', '.', 2)", 'b'],
  ["split_part('', '.', 1)", ''],
  ["regexp_extract('abc', '(b)(x)?', 2)", null],
  ["regexp_extract('abc', '(x*)b', 1)", ''],
  ["regexp_extract('xyz', '(b)(x)?', 2)", null],
  ["regexp_extract(null, '(b)(x)?', 2)", null],
  ['greatest(1, null)', null],
  ['least(2, 1, 3)', 1],
  ['sqrt(-1)', NaN],
  ['ln(0)', -Infinity],
  ['ln(-1)', NaN],
  ['log2(8)', 3],
  ['log(2, 8)', 3],
  ['acos(2)', NaN],
  ['cast(2.5 as bigint)', 3],
  ['cast(-2.5 as bigint)', -3],
  ['cast(3.5 as bigint)', 4],
  ["try_cast('12.5' as bigint)", null],
  ["try_cast('abc' as bigint)", null],
  ["try_cast(' 12' as bigint)", null],
  ['round(2.5)', 3],
  ['round(-2.5)', -3],
  ['round(1.25, 1)', 1.3],
  ['ceil(7) / 2', 3],
  ['array_position(array[1, 2], 5)', 0],
  ['array_max(array[1, null, 3])', null],
  ['array_distinct(array[3, 1, null, 3, null])', [3, 1, null]],
  ['array_sort(array[3, null, 1])', [1, 3, null]],
  ["array_join(array['a', null, 'b'], '-')", 'a-b'],
  ["array_join(array['a', null, 'b'], '-', '?')", 'a-?-b'],
  ['contains(array[1, null], 2)', null],
  ['contains(array[1, null], 1)', true],
  ['any_match(array[1, null], x -> x > 1)', null],
  ['all_match(array[1, 2], x -> x > 0)', true],
  ['none_match(array[1, 2], x -> x > 5)', true],
  ['json_extract_scalar(\'{"a": {"b": 1}}\', \'$.a\')', null],
  ['json_extract_scalar(\'{"a": {"b": 1}}\', \'$.a.b\')', '1'],
  ["json_extract_scalar('no json', '$.a')", null],
  ['json_extract(\'{"a-b": [1, 2]}\', \'$["a-b"]\')', '[1,2]'],
  ['nullif(1, 1)', null],
  ['if(1 = 2, 3)', null],
  ['try(1 / (bytes - 100))', null],
  ["try(cast('x' as bigint))", null],
  ['try(array[1][2])', null],
  ["date_diff('hour', timestamp '2020-01-01 00:59:00', timestamp '2020-01-01 01:01:00')", 0],
  ["length('é😀')", 2],
  ['typeof(bytes)', 'bigint'],
  ['typeof(array[bytes])', 'array(bigint)'],
  ['typeof(null)', 'unknown'],
];

test.each(EDGES)('%s gives what Presto gives', async (expression, result) => {
  expect(await valueOf(expression)).toEqual(result);
});

/** A function of what itself gives, again and again. */
const nested = (name: string, times: number): string =>
  `${`${name}(`.repeat(times)}lpad('', 9999, 'a')${')'.repeat(times)}`;

test.each([
  ['array[1, 2][3]', 'Array subscript out of bounds'],
  ['array[1, 2][0]', 'SQL array indices start at 1'],
  ['array[1, 2][-1]', 'Array subscript is negative'],
  ['element_at(array[1], 0)', 'SQL array indices start at 1'],
  ["map(array['a'], array[1])['b']", 'Key not present in map'],
  ["split_part('a', '.', 0)", 'Index must be greater than zero'],
  ["cast('12.5' as bigint)", "Cannot cast '12.5' to BIGINT"],
  ["json_parse('no json')", 'Cannot convert'],
  ['1 / (bytes - 100)', 'Division by zero'],
  ['sequence(1, 100000)', 'result of sequence function must not have more than 10000 entries'],
  ["lpad('a', 100000, 'b')", 'lpad pads to 16384 characters at most'],
  ["rpad('a', 100000, 'b')", 'rpad pads to 16384 characters at most'],
  ["repeat('a', 1000000000)", 'count argument of repeat function must be less than or equal to 10000'],
  ["array_join(repeat(lpad('', 99, 'a'), 9999), ', ')", 'array_join may give 1000000 bytes at most'],
  ["repeat(lpad('', 9999, 'a'), 9999)", 'repeat may give 1000000 bytes at most'],
  ['repeat(repeat(repeat(1, 100), 100), 100)', 'repeat may give 1000000 bytes at most'],
  [nested('to_hex', 20), 'to_hex may give 1000000 bytes at most'],
  [nested('to_base64', 50), 'to_base64 may give 1000000 bytes at most'],
  ["replace(lpad('', 9999, 'a'), 'a', lpad('', 9999, 'b'))", 'replace may give 1000000 bytes at most'],
  [
    "regexp_replace(lpad('', 9999, 'a'), 'a', 'a long text that is put in the place of each, again and again, until there is so much of it that it would not end well for anyone who waits')",
    'regexp_replace may give 1000000 bytes at most',
  ],
  [
    "levenshtein_distance(lpad('', 9999, 'a'), lpad('', 9999, 'b'))",
    'The combined inputs for Levenshtein distance exceed max of 1000000',
  ],
])('%s fails with the sentence of the vendor, or of the bound', async (expression, sentence) => {
  await expect(valueOf(expression)).rejects.toThrow(sentence);
});

const FUNCTIONS: Readonly<Record<string, readonly Row[]>> = {
  maths: [
    ['abs(-3)', 3],
    ['ceil(1.2)', 2],
    ['floor(-1.2)', -2],
    ['e() > 2.718 and e() < 2.719', true],
    ['pi() > 3.14', true],
    ['power(2, 10)', 1024],
    ['cbrt(27)', 3],
    ['mod(7, 4)', 3],
    ['log10(1000)', 3],
    ['sign(-2.5)', -1],
    ['sign(bytes)', 1],
    ['truncate(2.9)', 2],
    ['truncate(1.257, 2)', 1.25],
    ['round(7)', 7],
    ['is_nan(nan())', true],
    ['infinity()', Infinity],
    ['random() >= 0 and random() < 1', true],
    ['random(10) between 0 and 9', true],
    ['width_bucket(3.14, 0, 4, 3)', 3],
    ['to_base(255, 16)', 'ff'],
    ['bit_count(7, 64)', 3],
    ['bit_count(-1, 8)', 8],
    ['bitwise_and(12, 10)', 8],
    ['bitwise_or(12, 10)', 14],
    ['bitwise_xor(12, 10)', 6],
    ['bitwise_not(0)', -1],
    ['atan2(0, 1)', 0],
    ['degrees(pi())', 180],
  ],
  text: [
    ["lower('ÀB')", 'àb'],
    ["upper('àb')", 'ÀB'],
    ["upper('straße')", 'STRAßE'],
    ["upper('ẞß')", 'ẞß'],
    ["trim(' \ta\n ')", 'a'],
    ["ltrim('  a ')", 'a '],
    ["rtrim(' a  ')", ' a'],
    ["lpad('a', 3, 'xy')", 'xya'],
    ["rpad('abc', 2, 'x')", 'ab'],
    ["replace('aXbX', 'X')", 'ab'],
    ["replace('aXbX', 'X', '--')", 'a--b--'],
    ["reverse('abc')", 'cba'],
    ['reverse(array[1, 2])', [2, 1]],
    ["split('a,b,c', ',')", ['a', 'b', 'c']],
    ["split('a,b,c', ',', 2)", ['a', 'b,c']],
    ["split_to_map('a=1&b=2', '&', '=')", { a: '1', b: '2' }],
    ["strpos('abc', 'c')", 3],
    ["position('c' in 'abc')", 3],
    ['chr(97)', 'a'],
    ["codepoint('a')", 97],
    ["levenshtein_distance('kitten', 'sitting')", 3],
    ["hamming_distance('karolin', 'kathrin')", 3],
    ["normalize('a')", 'a'],
    ["starts_with('abc', 'ab')", true],
    ["concat('a', cast(1 as varchar))", 'a1'],
    ['concat(array[1], array[2], 3)', [1, 2, 3]],
    ['array[1] || array[2]', [1, 2]],
  ],
  'regular expressions': [
    ["regexp_like('1a 2b', '\\d+b')", true],
    ["regexp_extract_all('1a 2b', '(\\d+)([a-z])', 2)", ['a', 'b']],
    ["regexp_extract_all('1a 2b', '\\d+')", ['1', '2']],
    ["regexp_replace('1a 2b', '\\d+[ab] ')", '2b'],
    ["regexp_replace('1a 2b', '(\\d)([ab])', '$2-$1')", 'a-1 b-2'],
    ["regexp_replace('a', 'a', '\\$1')", '$1'],
    ["regexp_split('1a 2b', '\\s+')", ['1a', '2b']],
  ],
  JSON: [
    ['json_extract(\'{"a": {"b": [1, 2]}}\', \'$.a.b[1]\')', '2'],
    ["json_extract_scalar('[true, \"x\"]', '$[1]')", 'x'],
    ["json_array_length('[1, 2, 3]')", 3],
    ["json_array_length('{}')", null],
    ["json_array_get('[5, 6]', 1)", '6'],
    ["json_array_get('[5, 6]', -1)", '6'],
    ["json_array_contains('[1, 2]', 2)", true],
    ["json_array_contains('[\"a\"]', 'b')", false],
    ['json_size(\'{"a": {"b": 1, "c": 2}}\', \'$.a\')', 2],
    ["json_size('{\"a\": 1}', '$.a')", 0],
    ["json_size('{\"a\": 1}', '$.b')", null],
    ["json_format(json_parse('[1,  2]'))", '[1,2]'],
    ["cast(json_parse('[1, 2]') as array(bigint))", [1, 2]],
    ['cast(json_parse(\'{"a": 1}\') as map(varchar, bigint))', { a: 1 }],
    ['cast(json_parse(\'"a"\') as varchar)', 'a'],
    ['json_format(cast(array[1, 2] as json))', '[1,2]'],
    ["json_format(cast('a' as json))", '"a"'],
  ],
  URLs: [
    ["url_extract_host('https://u@example.com:8080/a/b?x=1&y=%20b#f')", 'example.com'],
    ["url_extract_port('https://example.com:8080/')", 8080],
    ["url_extract_port('https://example.com/')", null],
    ["url_extract_protocol('https://example.com/')", 'https'],
    ["url_extract_path('https://example.com/a/b?x=1')", '/a/b'],
    ["url_extract_query('https://example.com/a?x=1&y=2#f')", 'x=1&y=2'],
    ["url_extract_fragment('https://example.com/a#f')", 'f'],
    ["url_extract_fragment('https://example.com/a')", ''],
    ["url_extract_parameter('https://example.com/a?x=1&y=%20b', 'y')", ' b'],
    ["url_extract_parameter('https://example.com/a?x=1', 'z')", null],
    ["url_extract_host('no url')", null],
    ["url_encode('a b&c')", 'a+b%26c'],
    ["url_decode('a+b%26c')", 'a b&c'],
    ["url_decode('%e4%b8%ad+%C3%A9é%zz%')", '中 éé%zz%'],
    ["url_decode('%E4%B8')", '\u{fffd}'],
    ["url_decode('%E4%8z')", '\u{fffd}%8z'],
    ["url_decode('a%ffb%E4%B8%ADc%F0%9F%98')", 'a\u{fffd}b中c\u{fffd}'],
    ["url_decode('%C0%AF%ED%A0%80é%0A%80')", '\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}é\n\u{fffd}'],
    ["url_extract_parameter('https://example.com/a?x=%FF', 'x')", '\u{fffd}'],
  ],
  'binary values': [
    ["to_hex(to_utf8('abc'))", '616263'],
    ["from_utf8(from_hex('616263'))", 'abc'],
    ["from_utf8(to_utf8('é%中😀'))", 'é%中😀'],
    ["from_utf8(from_hex('FF41'))", '\u{fffd}A'],
    ["from_utf8(from_hex('E4B8'))", '\u{fffd}'],
    ["from_utf8(from_hex(''))", ''],
    ["to_base64(to_utf8('abc'))", 'YWJj'],
    ["from_utf8(from_base64('YWJj'))", 'abc'],
    ["to_hex(md5(to_utf8('abc')))", '900150983CD24FB0D6963F7D28E17F72'],
    ["to_hex(sha1(to_utf8('abc')))", 'A9993E364706816ABA3E25717850C26C9CD0D89D'],
    ["length(to_utf8('é'))", 2],
    ['to_hex(to_big_endian_64(258))', '0000000000000102'],
    ['from_big_endian_64(to_big_endian_64(-2))', -2],
  ],
  dates: [
    ["date_format(from_unixtime(0), '%Y-%m-%d %H:%i:%s')", '1970-01-01 00:00:00'],
    [
      "date_format(__time__, '%Y/%c/%e %k:%i:%S %T %p %W %b %j %y %%')",
      '1970/1/1 0:16:40 00:16:40 AM Thursday Jan 001 70 %',
    ],
    ["cast(date_parse('2017-01-02 03:04', '%Y-%m-%d %H:%i') as varchar)", '2017-01-02 03:04:00.000'],
    ["cast(date_trunc('hour', __time__) as varchar)", '1970-01-01 00:00:00.000'],
    ["cast(date_trunc('week', timestamp '2026-11-26 01:02:03') as varchar)", '2026-11-23 00:00:00.000'],
    ["cast(date_add('day', -1, current_date) as varchar)", '2026-11-25'],
    ["cast(date_add('minute', 90, timestamp '2020-01-01 00:00:00') as varchar)", '2020-01-01 01:30:00.000'],
    ["date_diff('day', date '2020-01-01', date '2020-03-01')", 60],
    ["date_diff('month', timestamp '2020-01-31 00:00:00', timestamp '2020-02-28 00:00:00')", 0],
    ['cast(current_date as varchar)', '2026-11-26'],
    ['cast(now() as varchar)', '2026-11-26 08:30:15.000'],
    ['to_unixtime(current_timestamp)', 1_795_681_815],
    ["to_unixtime(from_iso8601_timestamp('2020-01-01T00:00:00Z'))", 1_577_836_800],
    ["cast(from_iso8601_date('2020-01-02') as varchar)", '2020-01-02'],
    ['hour(__time__)', 0],
    ["day_of_week(date '2026-11-26')", 4],
    ['year(from_unixtime(0))', 1970],
    ['current_timezone()', 'UTC'],
    ["cast(from_unixtime(0, 'Asia/Shanghai') as varchar)", '1970-01-01 08:00:00.000 Asia/Shanghai'],
    ["to_iso8601(date '2020-01-02')", '2020-01-02'],
  ],
  'arrays and maps': [
    ['cardinality(array[1, 2])', 2],
    ["cardinality(map(array['a'], array[1]))", 1],
    ["map(array['a', 'b'], array[1, 2])['b']", 2],
    ["map_keys(map(array['a', 'b'], array[1, 2]))", ['a', 'b']],
    ["map_values(map(array['a', 'b'], array[1, 2]))", [1, 2]],
    ["map_concat(map(array['a'], array[1]), map(array['a'], array[2]))", { a: 2 }],
    ["map_filter(map(array['a', 'b'], array[1, 2]), (k, v) -> v > 1 and k <> 'x')", { b: 2 }],
    ["transform_values(map(array['a'], array[1]), (k, v) -> v + 1)", { a: 2 }],
    ["transform_keys(map(array['a'], array[1]), (k, v) -> k || 'x')", { ax: 1 }],
    ['array_intersect(array[1, 2, 2], array[2, 3])', [2]],
    ['array_union(array[1, 2], array[2, 3])', [1, 2, 3]],
    ['array_except(array[1, 2], array[2, 3])', [1]],
    ['array_remove(array[1, 2, 1], 1)', [2]],
    ['array_min(array[2, 1])', 1],
    ['slice(array[1, 2, 3, 4], 2, 2)', [2, 3]],
    ['slice(array[1, 2, 3, 4], -2, 2)', [3, 4]],
    ['flatten(array[array[1], array[2, 3]])', [1, 2, 3]],
    ['sequence(1, 3)', [1, 2, 3]],
    ['sequence(5, 1, -2)', [5, 3, 1]],
    ['cardinality(shuffle(array[1, 2, 3]))', 3],
    ["repeat('a', 2)", ['a', 'a']],
    ['filter(array[1, 2, 3], x -> x % 2 = 1)', [1, 3]],
    ['transform(array[1, 2], x -> x * bytes)', [100, 200]],
    ['reduce(array[1, 2, 3], 0, (s, x) -> s + x, s -> s)', 6],
    ["reduce(array[1, 2], '', (s, x) -> s || cast(x as varchar), s -> s || '!')", '12!'],
    ['reduce(array[5, 20, 50], 0.0, (s, x) -> s + x, s -> s / 2)', 37.5],
    ['zip_with(array[1, 2], array[3, 4], (x, y) -> x + y)', [4, 6]],
    [
      "zip(array[1, 2], array['a', 'b', 'c'])",
      [
        { field0: 1, field1: 'a' },
        { field0: 2, field1: 'b' },
        { field0: null, field1: 'c' },
      ],
    ],
    ['zip(array[1], array[2], array[3])', [{ field0: 1, field1: 2, field2: 3 }]],
    ['transform(array[array[1, 2], array[3]], a -> cardinality(a))', [2, 1]],
  ],
  addresses: [
    ["ip_to_domain('10.1.2.3')", 'intranet'],
    ["ip_to_domain('172.32.0.1')", 'internet'],
    ["ip_to_domain('no address')", null],
    ["ip_prefix('192.168.1.77', 24)", '192.168.1.0/24'],
    ["ip_prefix('192.168.1.77', 0)", '0.0.0.0/0'],
    ["ip_subnet_min('192.168.1.77/24')", '192.168.1.0'],
    ["ip_subnet_max('192.168.1.77/24')", '192.168.1.255'],
    ["ip_subnet_range('192.168.1.77/32')", ['192.168.1.77', '192.168.1.77']],
    ["is_subnet_of('192.168.0.1/24', '192.168.0.200')", true],
    ["is_subnet_of('192.168.0.1/24', '192.168.1.200')", false],
    ["is_subnet_of('0.0.0.0/0', '255.255.255.255')", true],
    ["is_prefix_subnet_of('192.168.0.0/16', '192.168.3.0/24')", true],
    ["is_prefix_subnet_of('192.168.3.0/24', '192.168.0.0/16')", false],
    ["ip_prefix('1.2.3.256', 24)", null],
  ],
};

describe.each(Object.entries(FUNCTIONS))('%s:', (_, rows) => {
  test.each(rows)('%s', async (expression, result) => {
    expect(await valueOf(expression)).toEqual(result);
  });
});

/** Over the entries with 1, 7, 84, 100 and 250 bytes. */
const AGGREGATES: readonly Row[] = [
  ['count(*)', 5],
  ['sum(bytes) / count(*)', 88],
  ['avg(bytes)', 88.4],
  ['max(bytes, 2)', [250, 100]],
  ['min(bytes, 2)', [1, 7]],
  ['max_by(protocol, bytes)', 6],
  ['min_by(protocol, bytes, 1)', [47]],
  ['array_sort(array_agg(bytes))', [1, 7, 84, 100, 250]],
  ['cardinality(array_agg(bytes) filter (where bytes > 80))', 3],
  ['approx_distinct(bytes)', 5],
  ['approx_distinct(bytes, 0.01) filter (where bytes > 50)', 3],
  ['sum(bytes%-7)', 8],
  ['approx_percentile(bytes, 0.5)', 84],
  ['approx_percentile(bytes, array[0.1, 0.5, 0.9])', [1, 84, 250]],
  ['cardinality(approx_set(protocol))', 3],
  ['cardinality(empty_approx_set())', 0],
  ['histogram(protocol)', { 1: 1, 6: 2, 47: 1 }],
  ['map_agg(bytes, protocol)', { 1: 47, 7: null, 84: 1, 100: 6, 250: 6 }],
  ['multimap_agg(protocol, bytes)[1]', [84]],
  ['bitwise_and_agg(bytes)', 0],
  ['bitwise_or_agg(bytes)', 255],
  ['bool_and(bytes > 0)', true],
  ['round(geometric_mean(bytes))', 27],
  ['geometric_mean(bytes - 1)', 0],
  ['geometric_mean(bytes - 5)', NaN],
  ['geometric_mean(if(bytes > 1000, 1))', null],
  ['round(stddev(bytes), 6)', 100.664294],
  ['round(stddev_pop(cast(bytes as double)), 6)', 90.036881],
  ['round(variance(bytes * 1.0), 6)', 10133.3],
  ['stddev(bytes * 1e300)', Infinity],
  ['stddev_pop(if(bytes = 7, 1e300, if(bytes = 84, -1e300)))', Infinity],
  ['var_pop(1e300)', 0],
  ['var_samp(if(bytes = 7, 1e300))', null],
  ['variance(if(bytes = 7, infinity(), 1))', NaN],
  ['stddev(if(bytes > 1000, 1.5))', null],
  ['round(skewness(bytes), 6)', 0.826037],
  ['round(skewness(bytes * 1e40), 6)', 0.826037],
  ['round(skewness(bytes * 1e80), 6)', 0.826037],
  ['skewness(bytes * 1e300)', NaN],
  ['skewness(1e300)', NaN],
  ['skewness(if(bytes = 7, infinity(), 1.0 * bytes))', NaN],
  ['skewness(if(bytes < 10, 1e300))', null],
  ['round(kurtosis(bytes), 6)', 1.546819],
  ['round(kurtosis(bytes * 1e40), 6)', 1.546819],
  ['round(kurtosis(bytes * 1e70), 6)', 1.546819],
  ['kurtosis(bytes * 1e300)', NaN],
  ['kurtosis(1.5)', NaN],
  ['kurtosis(if(bytes < 90, 1e300))', null],
  ['round(corr(bytes, bytes + 5), 6)', 1],
  ['round(corr(bytes * 1e130, bytes * -1e100), 6)', -1],
  ['corr(bytes * 1e300, bytes)', null],
  ['corr(bytes, nan())', null],
  ['corr(bytes, 5)', null],
  ['round(corr(bytes, if(bytes < 90, 2 * bytes)), 6)', 1],
  ['round(corr(if(bytes > 90, 1e300, bytes), if(bytes < 90, 2 * bytes)), 6)', 1],
  ['regr_slope(bytes * 1e300, bytes)', null],
  ['regr_intercept(bytes, bytes * 1e300)', null],
  ['round(regr_slope(3 * bytes, bytes), 6)', 3],
  ['round(regr_slope(bytes, pri_port), 6) is null', false],
  ['count_if(bytes > 50) * 100 / count(*)', 60],
  ['numeric_histogram(5, bytes)', { 1: 1, 7: 1, 84: 1, 100: 1, 250: 1 }],
  ['numeric_histogram(2, bytes)', { 48: 4, 250: 1 }],
  ['numeric_histogram(10, bytes)[84]', 1],
  // Values that are one step apart are cut evenly.
  [
    'numeric_histogram(3, if(bytes = 1, 10, if(bytes = 7, 20, if(bytes = 84, 30, if(bytes = 100, 40, 50)))))',
    { 15: 2, 35: 2, 50: 1 },
  ],
  ['numeric_histogram(2, if(bytes > 1000, 1))', null],
  ['multimap_agg(protocol, bytes order by bytes)', { 1: [84], 6: [100, 250], 47: [1] }],
  [
    'multimap_agg(bytes > 50, protocol order by bytes desc) filter (where bytes <> 250)',
    { false: [null, 47], true: [6, 1] },
  ],
  ['multimap_agg(if(bytes > 1000, 1), bytes)', null],
];

test.each(AGGREGATES)('the aggregate %s', async (expression, result) => {
  const text = `bytes > 0 and bytes < 300 | select ${expression} as v`;
  const query = await compileQuery(
    { text, range: WHOLE, limit: null, offset: 0, reverse: false },
    RELATION,
    log.parser,
  );
  expect(plainValue((await log.run(query)).rows[0]?.[0] ?? null)).toEqual(result);
});

test('aggregates that stand for others keep FILTER, and windows OVER', async () => {
  const text =
    '* | select bytes, cardinality(map_agg(bytes, 1) over (order by bytes)) as m, approx_distinct(bytes) over (order by bytes) as d, stddev_pop(bytes * 1e300) over (order by bytes) as p, (select skewness(bytes) filter (where bytes < 100) from log) as s, kurtosis(bytes * 1e70) over (order by bytes) as k from log where bytes between 1 and 100 order by bytes';
  const query = await compileQuery(
    { text, range: WHOLE, limit: null, offset: 0, reverse: false },
    RELATION,
    log.parser,
  );
  const rows = (await log.run(query)).rows.map((row) => row.map(plainValue));
  expect(rows.map(([bytes, m, d, p]) => [bytes, m, d, p])).toEqual([
    [1, 1, 1, 0],
    [7, 2, 2, Infinity],
    [84, 3, 3, Infinity],
    [100, 4, 4, Infinity],
  ]);
  // of fewer than four values there is none
  expect(rows.map((row) => row[5] === null)).toEqual([true, true, true, false]);
});

describe('times are those of the zone', () => {
  test.each<readonly [string, string, unknown]>([
    ['Asia/Shanghai', "cast(date_trunc('day', __time__) as varchar)", '1970-01-01 00:00:00.000'],
    ['Asia/Shanghai', "date_format(__time__, '%H:%i')", '08:16'],
    ['+05:30', "date_format(__time__, '%H:%i')", '05:46'],
    ['Asia/Shanghai', "to_unixtime(date_trunc('day', __time__))", -28_800],
    ['+05:30', 'to_unixtime(from_unixtime(__time__))', 1000],
    ['Asia/Shanghai', 'cast(current_date as varchar)', '2026-11-26'],
    ['Asia/Shanghai', 'hour(now())', 16],
    ['America/New_York', 'current_timezone()', 'America/New_York'],
  ])('%s: %s', async (zone, expression, result) => {
    expect(await valueOf(expression, zone)).toEqual(result);
  });
});

test.each(['asc', 'desc'])('null comes last, %s', async (direction) => {
  const text = `* | select protocol, row_number() over (order by protocol ${direction}) as n order by protocol ${direction}, n limit 20`;
  const query = await compileQuery(
    { text, range: WHOLE, limit: null, offset: 0, reverse: false },
    RELATION,
    log.parser,
  );
  const { rows } = await log.run(query);
  expect(rows.at(-1)).toEqual([null, 10n]);
});
