import { describe, expect, test } from 'vitest';
import { isPosix, readWrittenPaths } from '../../../src-renderer/features/captures/written-paths';
import { importRate } from '../../../src-renderer/features/captures/import-rate';
import { isOfLog, readRoute, routeText } from '../../../src-renderer/route';
import { fileName, folderName, shortName } from '../../../src-renderer/services/file-name';
import { byteText, countText, grouped, numberText, share } from '../../../src-renderer/services/number-format';
import { visibleLine, visibleText } from '../../../src-renderer/services/visible-text';
import { aboutText, durationText, widthText, ZoneClock } from '../../../src-renderer/services/time-format';

/** Narrow no-break spaces as plain ones, to be read here. */
const plain = (text: string): string => text.replaceAll('\u202f', ' ');

describe('numbers', () => {
  test.each([
    { value: 0, text: '0 B' },
    { value: 999, text: '999 B' },
    { value: 1000, text: '1.00 kB' },
    { value: 999_499, text: '999 kB' },
    { value: 999_500, text: '1.00 MB' },
    { value: 4_618_904_264, text: '4.62 GB' },
    { value: 2 ** 63, text: '9.22 EB' },
  ])('$value bytes are $text', ({ value, text }) => {
    expect(plain(byteText(value))).toBe(text);
  });

  test('counts are whole up to ten million', () => {
    expect(plain(countText(9_999_999))).toBe('9,999,999');
    expect(plain(countText(18_402_117))).toBe('18.4 M');
    expect(grouped(9_223_372_036_854_775_807n)).toBe('9,223,372,036,854,775,807');
  });

  test.each([
    { value: 0, text: '0' },
    { value: -0, text: '0' },
    { value: 0.1 + 0.2, text: '0.3' },
    { value: 0.025, text: '0.025' },
    { value: -0.5, text: '-0.5' },
    { value: 199.5, text: '199.5' },
    { value: 12_345.6, text: '12,346' },
    { value: 9_999_999, text: '9,999,999' },
    { value: -20_000_000, text: '-20.0 M' },
    { value: 0.000_012_34, text: '0.00001234' },
    { value: 1e-320, text: '1e-320' },
    { value: 1e300, text: '1e+300' },
    { value: -Infinity, text: '-Infinity' },
  ])('the number $value is $text', ({ value, text }) => {
    expect(plain(numberText(value))).toBe(text);
  });

  test.each([
    { part: 0, whole: 10, text: '0 %' },
    { part: 10, whole: 10, text: '100 %' },
    { part: 1, whole: 1_000_000, text: '< 0.01 %' },
    { part: 999_999, whole: 1_000_000, text: '> 99.99 %' },
    { part: 1, whole: 3, text: '33.33 %' },
    { part: 0, whole: 0, text: '–' },
  ])('$part of $whole is $text', ({ part, whole, text }) => {
    expect(plain(share(part, whole, 2))).toBe(text);
  });
});

describe('times', () => {
  const shanghai = new ZoneClock('Asia/Shanghai');
  const newYork = new ZoneClock('America/New_York');
  /** 2026-11-20 15:17:42 in Shanghai. */
  const SEC = Date.UTC(2026, 10, 20, 7, 17, 42) / 1000;

  test('are written in their zone', () => {
    expect(shanghai.dateTime(SEC)).toBe('2026-11-20 15:17:42');
    expect(shanghai.prose(SEC)).toBe('20 Nov 2026 15:17');
    expect(newYork.dateTime(SEC)).toBe('2026-11-20 02:17:42');
  });

  test('follow a change of the clock', () => {
    const before = Date.UTC(2026, 10, 1, 5, 59, 59) / 1000;
    expect(newYork.dateTime(before)).toBe('2026-11-01 01:59:59');
    expect(newYork.dateTime(before + 1)).toBe('2026-11-01 01:00:00');
  });

  test('show midnight as 00, and numbers where no calendar reaches', () => {
    expect(shanghai.time(Date.UTC(2026, 10, 20, 16) / 1000)).toBe('00:00');
    expect(shanghai.dateTime(2 ** 60)).toBe(String(2 ** 60));
    expect(shanghai.prose(2 ** 60)).toBe(String(2 ** 60));
    expect(shanghai.dateTime(0)).toBe('1970-01-01 08:00:00');
  });

  test('name the second day of a range only when it is another one', () => {
    expect(shanghai.range(SEC, SEC + 60)).toBe('20 Nov 2026 15:17:42 – 15:18:42');
    expect(shanghai.range(SEC, SEC + 86_400)).toBe('20 Nov 2026 15:17 – 21 Nov 2026 15:17');
  });

  test.each([
    { ms: 38, text: '38 ms' },
    { ms: 1200, text: '1.2 s' },
    { ms: 59_400, text: '59 s' },
    { ms: 59_600, text: '1 min 00 s' },
    { ms: 1_461_000, text: '24 min 21 s' },
    { ms: 7_440_000, text: '2 h 04 min' },
    { ms: 180_000_000, text: '2 d 02 h' },
  ])('$ms ms are $text', ({ ms, text }) => {
    expect(plain(durationText(ms))).toBe(text);
  });

  test('a guess has whole seconds and is never nothing', () => {
    expect(plain(aboutText(80))).toBe('1 s');
    expect(plain(aboutText(11_200))).toBe('12 s');
  });

  test('widths of bins are in their largest unit', () => {
    expect([1, 30, 60, 900, 7200, 604_800].map((sec) => plain(widthText(sec)))).toEqual([
      ...['1 s', '30 s', '1 min', '15 min', '2 h', '7 d'],
    ]);
  });
});

test('paths of any system are cut at their separators, and long names in their middle', () => {
  expect(fileName('C:\\captures\\a.pcap')).toBe('a.pcap');
  expect(fileName('\\\\server\\share\\a.pcap')).toBe('a.pcap');
  expect(fileName('C:/captures\\a.pcap')).toBe('a.pcap');
  expect(folderName('/captures/x/a.pcap')).toBe('/captures/x/');
  expect(shortName('edge-shanghai-2026-11-20-part-0001.pcapng', 20)).toBe('edge-shang…01.pcapng');
});

test('a backslash is a letter of a name where paths begin with a slash', () => {
  expect(fileName('/captures/a\\b.pcap')).toBe('a\\b.pcap');
  expect(folderName('/captures/a\\b.pcap')).toBe('/captures/');
  expect(fileName('/')).toBe('/');
});

test('written paths may be quoted, repeated, addresses, or wrong', () => {
  const text = `  "/a b.pcap"\n'/c.pcap'\r\n\n/c.pcap\nfile:///d%20e.pcap\nC:\\f.pcap\nrelative.pcap`;
  expect(readWrittenPaths(text, false)).toEqual({
    paths: ['/a b.pcap', '/c.pcap', '/d e.pcap', 'C:\\f.pcap'],
    refused: ['relative.pcap'],
  });
});

test.each([
  { name: 'in double quotes', text: ' "/a.pcap " ', path: '/a.pcap ' },
  { name: 'in single quotes', text: "'/a.pcap\t'", path: '/a.pcap\t' },
  { name: 'as an address', text: 'file:///a.pcap%20', path: '/a.pcap ' },
  { name: 'with quotes in it', text: `"/it's "a".pcap "`, path: `/it's "a".pcap ` },
  { name: 'bare', text: '  /a b.pcap \t', path: '/a b.pcap' },
  { name: 'with a quote on one side alone', text: '/a.pcap" ', path: '/a.pcap"' },
])('a written path $name is taken as it stands there, and only what is bare loses its spaces', ({ text, path }) => {
  expect(readWrittenPaths(text, true)).toEqual({ paths: [path], refused: [] });
});

test('what begins with a space within quotes is no absolute path', () => {
  expect(readWrittenPaths('" /a.pcap"', true)).toEqual({ paths: [], refused: [' /a.pcap'] });
});

test('a path with a drive or of a share is refused where the workspace lies below a slash', () => {
  const text = '/a.pcap\nC:\\x.pcap\n\\\\server\\y.pcap';
  const refused = ['C:\\x.pcap', '\\\\server\\y.pcap'];
  expect(readWrittenPaths(text, isPosix('/home/a/natscope'))).toEqual({ paths: ['/a.pcap'], refused });
  expect(readWrittenPaths(text, isPosix('C:\\natscope')).refused).toEqual([]);
  expect(readWrittenPaths(text, isPosix(null)).refused).toEqual([]);
});

test('the rest of an import is guessed from what it has done, and not at its start', () => {
  const progress = { readBytes: 250, totalBytes: 1000, packets: 50, windows: 0, elapsedMs: 1000 };
  expect(importRate(progress)).toEqual({ bytesPerSec: 250, packetsPerSec: 50, part: 0.25, leftMs: 3000 });
  expect(importRate({ ...progress, elapsedMs: 100 }).leftMs).toBeNull();
  expect(importRate({ ...progress, totalBytes: null })).toMatchObject({ part: null, leftMs: null });
});

test('every page has an address, and rubbish is the captures page', () => {
  const route = { page: 'logs', project: 'a/b', logstore: 'c %' } as const;
  expect(readRoute(routeText(route))).toEqual(route);
  expect(readRoute(routeText({ ...route, saved: 'd/e %' }))).toEqual({ ...route, saved: 'd/e %' });
  expect(readRoute(routeText({ page: 'captures' }))).toEqual({ page: 'captures' });
  const gateway = { page: 'gateways', gateway: { id: 'ngw/1', tab: 'session-log' } } as const;
  expect(readRoute(routeText(gateway))).toEqual(gateway);
  expect(readRoute('#/gateways/ngw-1/x')).toEqual({ page: 'gateways', gateway: { id: 'ngw-1', tab: 'basic' } });
  expect(readRoute(routeText({ page: 'gateways', gateway: null }))).toEqual({ page: 'gateways', gateway: null });
  const rubbish = ['#/logs/%/x', '#/logs//', '#/logs/a/', '#/logs//b', `#/logs/a/${'b'.repeat(129)}`];
  for (const hash of rubbish) expect(readRoute(hash)).toEqual({ page: 'captures' });
});

test.each([
  { hash: '#/logs/local/edge', isOf: true },
  { hash: '#/logs/local/edge/top', isOf: true },
  { hash: '#/logs/local/other', isOf: false },
  { hash: '#/logs/lab/edge', isOf: false },
  { hash: '#/who', isOf: false },
])('whether $hash is of the log local/edge: $isOf', ({ hash, isOf }) => {
  expect(isOfLog(readRoute(hash), { project: 'local', logstore: 'edge' })).toBe(isOf);
});

test('what turns the direction of a text is written out, and no other letters', () => {
  expect(visibleText('a\u202egnp.exe')).toBe('a\\u202egnp.exe');
  expect(visibleText('\u200f\u2066x\u2069\u061c')).toBe('\\u200f\\u2066x\\u2069\\u061c');
  expect(visibleText('שלום, 很长 👩\u200d💻 "é"')).toBe('שלום, 很长 👩\u200d💻 "é"');
  expect(shortName('edge\u202egnp')).toBe('edge\\u202egnp');
});

test('what controls a device is written out, and the ends of lines where there is room for one', () => {
  expect(visibleText('\u0000a\u001b[31mb\u009bc\u007f')).toBe('\\u0000a\\u001b[31mb\\u009bc\\u007f');
  expect(visibleText('a\tb\nc')).toBe('a\tb\nc');
  expect(visibleLine('a\tb\r\nc\u2028d')).toBe('a\tb\\r\\nc\\u2028d');
  expect(shortName('two\nlines.pcap')).toBe('two\\nlines.pcap');
});
