import { describe, expect, test } from 'vitest';
import type { Complaint } from '../../../../src-main/contract/attribution';
import { findTimes, type WrittenTime } from '../../../../src-main/engine/attribution/complaint-time';
import type { ComplaintReader } from '../../../../src-main/engine/attribution/complaint-incidents';
import { readComplaints } from '../../../../src-main/engine/attribution/complaints';

const EIP = '203.0.113.1';
const reader = { isOurs: (address: string) => address === EIP, skewSec: 2, year: 2026, zone: 'UTC' };
const all = (text: string, others: Partial<ComplaintReader> = {}): Complaint[] =>
  [...readComplaints(text, { ...reader, ...others })].filter((complaint) => complaint !== null);
const firstTime = (text: string): WrittenTime | undefined => findTimes(text, { year: 1999, zone: 'UTC' }).times[0];
const one = (text: string): Complaint => {
  const complaints = all(text);
  expect(complaints).toHaveLength(1);
  return complaints[0]!;
};

test.each([
  ['2026-03-10T14:03:21Z', '2026-03-10T14:03:21Z'],
  ['2026-03-10T14:03:21.123456+08:00', '2026-03-10T14:03:21.123456+08:00'],
  ['2026-03-10 14:03:21,5 +0800', '2026-03-10T14:03:21.5+08:00'],
  ['2026/03/10 14:03 (UTC)', '2026-03-10T14:03:00Z'],
  ['2026-03-10 14:03:21 UTC+8', '2026-03-10T14:03:21+08:00'],
  ['10/Mar/2026:14:03:21 -0500', '2026-03-10T14:03:21-05:00'],
  ['Tue, 10 Mar 2026 14:03:21 +0000', '2026-03-10T14:03:21+00:00'],
  ['10-Mar-2026 4:03:21 CEST', '2026-03-10T04:03:21+02:00'],
  ['Tue Mar 10 14:03:21 EDT 2026', '2026-03-10T14:03:21-04:00'],
  ['March 9, 2026 14:03:21 GMT', '2026-03-09T14:03:21Z'],
  ['2026-03-10 14:03:21-05', '2026-03-10T14:03:21-05:00'],
  ['2026-03-10 14:03:21 GMT+8', '2026-03-10T14:03:21+08:00'],
  ['2026-03-10 14:03:21 UTC +05:30', '2026-03-10T14:03:21+05:30'],
  ['2026-03-10 14:03:21 [GMT-0330]', '2026-03-10T14:03:21-03:30'],
  ['2026-03-10 14:03:21.5 Europe/Berlin', '1773147801.5'],
  ['2026-07-10 14:03:21 America/Argentina/Buenos_Aires', '1783703001'],
  ['2026-03-10 14:03:21 MEZ', '2026-03-10T14:03:21+01:00'],
  ['20260310T140321Z', '2026-03-10T14:03:21Z'],
  ['20260310 14:03:21.25 +0100', '2026-03-10T14:03:21.25+01:00'],
  ['10.03.2026 14:03:21 CET', '2026-03-10T14:03:21+01:00'],
  ['03/25/2026 2:03:21 PM EST', '2026-03-25T14:03:21-05:00'],
  ['25/03/2026 12:03 AM UTC', '2026-03-25T00:03:00Z'],
  ['March 9, 2026 12:03 p.m. GMT', '2026-03-09T12:03:00Z'],
  ['2026-3-9 4:03:21 UTC', '2026-03-09T04:03:21Z'],
  ['10-MAR-2026\t14:03:21 Z', '2026-03-10T14:03:21Z'],
  ['1773151401', '1773151401'],
  ['[1773151401.25]', '1773151401.25'],
  ['1773151401250', '1773151401.250'],
])('the time of a complaint is found in %s', (text, at) => {
  expect(firstTime(`before ${text} behind`)).toMatchObject({ at, isLocal: false });
});

test.each([
  ['2026-03-10 14:03:21 from a host', '2026-03-10 14:03:21'],
  ['Mar  9 14:03:21 honeypot', '1999-03-09 14:03:21'],
  ['2026-03-10 14:03:21 +99:99', '2026-03-10 14:03:21'],
  ['2026-03-10 14:03:21 Nowhere/At', '2026-03-10 14:03:21'],
  ['2026-03-10 14:03-15:03', '2026-03-10 14:03:00'],
  ['March 9, 2026 2:03:21 PM', '2026-03-09 14:03:21'],
  ['20260310140321', '2026-03-10 14:03:21'],
  ['2026-03-10 14:03:21,250 from a host', '2026-03-10 14:03:21.250'],
])('a time without a zone that is one, as in %s, is the reader’s', (text, at) => {
  expect(firstTime(text)).toMatchObject({ at, isLocal: true });
});

test.each([
  '',
  'port 1234567890123456',
  '2026-02-30 14:03:21',
  '2026-03-10 25:03:21',
  '203.0.113.1:40000',
  'May 2026',
  '2026-03-10 13:03 PM',
  '2026-03-10 24:00:00',
  '2300-01-01 00:00:00Z',
  '1066-10-14 09:00:00Z',
])('no time is found in %j', (text) => {
  expect(firstTime(text)).toBeUndefined();
});

test.each([
  { name: 'a day or month', text: '03/10/2026 14:03:21 UTC', remark: ['day_unclear', '03/10/2026 14:03:21 UTC'] },
  {
    name: 'a time shown twice',
    text: '2026-10-25 02:30:00 Europe/Berlin',
    remark: ['twice', '2026-10-25 02:30:00 Europe/Berlin'],
  },
  { name: 'a zone of several', text: '2026-03-10 14:03:21 CST', remark: ['zone_unclear', 'CST'] },
  { name: 'a zone of several, in the label', text: 'Time (IST): 2026-03-10 14:03:21', remark: ['zone_unclear', 'IST'] },
])('$name cannot be told, and is no time', ({ text, remark: [kind, subject] }) => {
  expect(firstTime(text)).toMatchObject({ at: null, remark: { kind, subject } });
});

test.each([
  { written: '2026-03-10 14:03:21 CST', zone: 'America/Chicago' },
  { written: '2026-03-10 14:03:21 CST', zone: 'Asia/Shanghai' },
  { written: '2026-03-10 14:03:21 IST', zone: '+05:30' },
  { written: '2026-03-10 14:03:21 (local time)', zone: 'UTC' },
])('$written is taken as $zone, and it is said so', ({ written, zone }) => {
  const { times } = findTimes(written, { year: 1999, zone });
  expect(times).toMatchObject([{ at: '2026-03-10 14:03:21', isLocal: true, remark: { kind: 'zone_assumed' } }]);
});

test.each([
  'Date/Time (UTC): 2026-03-10 14:03:21',
  'time_utc=2026-03-10 14:03:21',
  '"timestampUtc": "2026-03-10T14:03:21"',
  'GMT: Tue, 10 Mar 2026 14:03:21',
  '14:03:21 UTC on 10 March 2026',
  '2:03:21 PM UTC, March 10th, 2026',
])('the zone of a time is known in %s', (text) => {
  const { times } = findTimes(text, { year: 1999, zone: 'Asia/Tokyo' });
  expect(times).toMatchObject([{ at: '2026-03-10T14:03:21Z', isLocal: false, remark: null }]);
});

describe('a line of a log or mail', () => {
  const at = '2026-03-10T14:03:21Z';

  test.each([
    [`${at} ${EIP}:40001 -> 198.51.100.7:443 TCP`, 40_001, '198.51.100.7', 443, 6],
    [`${at} 198.51.100.7:443 <- ${EIP}:40001`, 40_001, '198.51.100.7', 443, null],
    [`${at} IP ${EIP}.40001 > 198.51.100.7.53: UDP, length 20`, 40_001, '198.51.100.7', 53, 17],
    [`${at} sshd[7]: Failed password for root from ${EIP} port 40001 ssh2`, 40_001, null, null, null],
    [`${at} IN=eth0 SRC=${EIP} DST=198.51.100.7 LEN=60 PROTO=TCP SPT=40001 DPT=22`, 40_001, '198.51.100.7', 22, 6],
    [`${at} 203[.]0[.]113[.]1:40001 -> hxxp://198(.)51(dot)100[.]7/404`, 40_001, '198.51.100.7', null, null],
    [`${at} [${EIP}]:40001`, 40_001, null, null, null],
    [`${at} client ${EIP}#40001 (example.com): query`, 40_001, null, null, null],
    [
      `${at} %ASA-6-302013: Built TCP for outside:${EIP}/40001 to inside:198.51.100.7/443`,
      40_001,
      '198.51.100.7',
      443,
      6,
    ],
    [`${at} ${EIP} 40001 198.51.100.7 443 tcp`, 40_001, '198.51.100.7', 443, 6],
    [`${at} ::ffff:${EIP}, source port 40001/tcp`, 40_001, null, null, 6],
    [`2026-03-10T09:03:21\u221205:00\u00a0${EIP}:40001`, 40_001, null, null, null, '2026-03-10T09:03:21-05:00'],
    [`${at} {"src_ip":"${EIP}","src_port":40001,"dst_port":"22"}`, 40_001, null, null, null],
  ])('%s', (text, port, address, destinationPort, protocol, written = at) => {
    expect(one(text)).toMatchObject({
      line: 1,
      missing: [],
      isLocal: false,
      question: {
        ...{ address: EIP, port, at: written, skewSec: 2, protocol },
        destination: address === null ? null : { address, port: destinationPort },
      },
    });
  });

  test('of addresses that are not known is about the one that is no destination', () => {
    const { question } = one(`${at} to 192.0.2.1:80 from 192.0.2.9:5555`);
    expect(question).toMatchObject({
      address: '192.0.2.9',
      port: 5555,
      destination: { address: '192.0.2.1', port: 80 },
    });
  });

  test('says what it does not say', () => {
    expect(one(`${EIP} - - [10/Mar/2026:14:03:21 +0000] "GET / HTTP/1.1" 200`)).toMatchObject({
      question: null,
      missing: ['port'],
    });
    expect(one(`${EIP}:40001 was bad`)).toMatchObject({ question: null, missing: ['time'] });
    expect(one(`${EIP}:99999 at ${at}`)).toMatchObject({ question: null, missing: ['port'] });
  });

  test('without an address is no complaint; others keep their numbers', () => {
    const text = `Dear colleagues,\r\n\r\n${EIP}:1 ${at}\r\nYours, 999.1.1.1\r\n${EIP}:2 ${at}`;
    expect(all(text).map(({ line, question }) => [line, question?.port])).toEqual([
      [3, 1],
      [5, 2],
    ]);
  });
});

test.each([
  {
    name: 'a preposition at the end',
    text: `your host ${EIP} (source port 2403) attacked 198.51.100.7:443 on\nTue, 10 Mar 2026 08:58:10 +0000.`,
  },
  {
    name: 'one at the beginning',
    text: `we saw a scan from ${EIP} port 2403 to 198.51.100.7 port 443\nat 2026-03-10 08:58:10 (UTC).`,
  },
  {
    name: 'one within a quote',
    text: `> ${EIP}:2403 attacked 198.51.100.7:443 at\n> 2026-03-10T08:58:10Z and was stopped.`,
  },
])('a sentence that is wrapped before its time has it: $name', ({ text }) => {
  const complaint = one(`Hello,\n\n${text}\n\nRegards`);
  expect(complaint).toMatchObject({ line: 3, missing: [], remarks: [] });
  expect(complaint.question).toMatchObject({ port: 2403, destination: { address: '198.51.100.7', port: 443 } });
  expect(new Date(complaint.question?.at ?? '').toISOString()).toBe('2026-03-10T08:58:10.000Z');
  expect(complaint.text.split('\n')).toHaveLength(2);
});

test.each([
  { name: 'no word that leads to it', text: `${EIP}:2403\n2026-03-10 08:58:10 UTC` },
  { name: 'a blank line between', text: `${EIP}:2403 was seen at\n\n2026-03-10 08:58:10 UTC` },
  { name: 'an endpoint of its own', text: `${EIP}:2403 was seen at\n2026-03-10 08:58:10 UTC ${EIP}:5883` },
])('a time in the next line is not taken that has $name', ({ text }) => {
  expect(all(text)[0]).toMatchObject({ line: 1, missing: ['time'] });
});

test('a time of its own is kept, whatever is in the next line', () => {
  const complaint = one(`2026-03-10 08:58:10 UTC ${EIP}:2403 was seen on\n2026-03-11 09:00:00 UTC`);
  expect(complaint.question?.at).toBe('2026-03-10T08:58:10Z');
});

test('neighbouring lines of names and values are one complaint', () => {
  const report = [
    'Report-Type: login-attack',
    `Source: ${EIP}`,
    'Source-Port: 40001',
    'Destination-IP: 198.51.100.7',
    'Destination-Port: 22',
    'Protocol: tcp',
    'Date: Tue, 10 Mar 2026 14:03:21 +0800',
  ].join('\n');
  const complaints = all(`${report}\n\n${report.replaceAll('40001', '40002')}`);
  expect(complaints).toMatchObject(
    [40_001, 40_002].map((port) => ({
      missing: [],
      question: {
        ...{ address: EIP, port, protocol: 6, at: '2026-03-10T14:03:21+08:00' },
        destination: { address: '198.51.100.7', port: 22 },
      },
    })),
  );
});

describe('a CSV file', () => {
  test('is read by the names of its columns, whatever their order and delimiter', () => {
    const text = [
      '\uFEFFDst Port;Zone;Source-IP;Time;src_port;Date;Dst IP;Proto;remark',
      `22;+08:00;${EIP};14:03:21;40001;2026-03-10;198.51.100.7;TCP;"a;b"`,
      '',
      `;;${EIP};14:03;7;2026-03-10;;;`,
    ].join('\r\n');
    expect(all(text)).toMatchObject([
      {
        line: 2,
        isLocal: false,
        question: {
          ...{ address: EIP, port: 40_001, protocol: 6, at: '2026-03-10T14:03:21+08:00', skewSec: 2 },
          destination: { address: '198.51.100.7', port: 22 },
        },
      },
      { line: 4, isLocal: true, question: { port: 7, at: '2026-03-10 14:03:00', destination: null } },
    ]);
  });

  test('shows lines that say nothing, as they stand', () => {
    const text = 'ip,port,time\nnobody,x,never\n"open,1,2\n203.0.113.1,70000,1773151401';
    expect(all(text)).toMatchObject([
      { line: 2, text: 'nobody,x,never', question: null, missing: ['address', 'port', 'time'] },
      { line: 3, text: '"open,1,2', missing: ['address', 'port', 'time'] },
      { line: 4, missing: ['port'] },
    ]);
  });
});
