import { describe, expect, test } from 'vitest';
import type { Complaint } from '../../../../src-main/contract/attribution';
import { readComplaints } from '../../../../src-main/engine/attribution/complaints';

/* The shapes of complaints, and what nobody can tell of them. */

const EIP = '203.0.113.1';
const OTHER_EIP = '203.0.113.2';
const T = '2025-03-10 08:57:38 UTC';
const AT = '2025-03-10T08:57:38Z';
const LATER = '2025-03-10 09:00:00 UTC';
const LATER_AT = '2025-03-10T09:00:00Z';
const S = { address: '198.51.100.7', port: 22 };
const reader = {
  isOurs: (address: string) => address === EIP || address === OTHER_EIP,
  ...{ skewSec: 2, year: 2025, zone: 'Asia/Tokyo' },
};
const read = (text: string): Complaint[] => [...readComplaints(text, reader)].filter((complaint) => complaint !== null);
const asked = (text: string): (string | null)[] =>
  read(text).map(({ question }) => (question === null ? null : `${question.address}:${question.port} ${question.at}`));
const remarks = (text: string): string[] =>
  read(text).flatMap((complaint) => complaint.remarks.map(({ kind, subject }) => `${kind} ${subject}`));

test.each([
  { text: `Source: ${EIP}\nTarget port: 18954\nSource port: 5419\nTime: ${T}` },
  { text: `Source: ${EIP}\nDestination Port: 22\nSource Port: 5419\nTime: ${T}` },
  { text: `Destination Port: 22\nPort: 5419\nIP: ${EIP}\nTime: ${T}` },
  { text: `${EIP} dest port: 22, source port: 5419 at ${T}` },
  { text: `Attack on port 22 from ${EIP} source port 5419 at ${T}` },
  { text: `Attack on the server's port 22 from ${EIP} port 5419 at ${T}` },
  { text: `src=${EIP} spt=5419 dpt=22 proto=tcp ${T}` },
  { text: `{"dst_port":22,"src_ip":"${EIP}","src_port":5419,"time":"${T}"}` },
  { text: `Source: ${EIP}, target port: 22, port: 5419, ${T}` },
])('the port of the source is asked for, not the target’s: $text', ({ text }) => {
  expect(asked(text)).toEqual([`${EIP}:5419 ${AT}`]);
});

test('the target’s address and port narrow the question', () => {
  const text = `Source IP: ${EIP}\nTarget IP: ${S.address}\nTarget port: ${S.port}\nSource port: 5419\nTime: ${T}`;
  expect(read(text)).toMatchObject([{ question: { port: 5419, destination: S } }]);
});

test.each([
  { text: `Attack to port 22 from ${EIP} at ${T}`, says: [] },
  { text: `from ${EIP} to port 22, ${T}`, says: [] },
  { text: `the server's port 22 was hit by ${EIP} at ${T}`, says: [] },
  { text: `${EIP} -> ${S.address} port 22 at ${T}`, says: [] },
  { text: `Source: ${EIP}\nService: ssh\nPort: 22\nDate: ${T}`, says: [] },
  { text: `Target: ${S.address}\nPort: 22\nSource: ${EIP}\nTime: ${T}`, says: [] },
  { text: `${EIP} used port 5419 at ${T}`, says: ['port_unclear 5419'] },
  { text: `IP: ${EIP}\nSSH port: 22\nTime: ${T}`, says: ['port_unclear 22'] },
  { text: `Source port: 5419\nSource port: 18954\nIP: ${EIP}\nTime: ${T}`, says: ['port_unclear 5419, 18954'] },
  { text: `${EIP}:22 with source port 5419 at ${T}`, says: ['port_unclear 5419, 22'] },
  { text: `report 5419 on ${EIP} at ${T}`, says: [] },
])('a port of which nobody can tell whose it is, is none: $text', ({ text, says }) => {
  expect(read(text)).toMatchObject([{ question: null, missing: ['port'] }]);
  expect(remarks(text)).toEqual(says);
});

const TWO = [`${EIP}:5419 ${AT}`, `${OTHER_EIP}:18954 ${LATER_AT}`];

test.each([
  {
    name: 'neighbouring records',
    text: `IP: ${EIP}\nPort: 5419\nTime: ${T}\nIP: ${OTHER_EIP}\nPort: 18954\nTime: ${LATER}`,
  },
  {
    name: 'records with the time first',
    text: `Time: ${T}\nIP: ${EIP}\nPort: 5419\nTime: ${LATER}\nIP: ${OTHER_EIP}\nPort: 18954`,
  },
  { name: 'times and endpoints in turn', text: `${T}: ${EIP}:5419; ${LATER}: ${OTHER_EIP}:18954` },
  { name: 'endpoints and times in turn', text: `${EIP}:5419 at ${T}, ${OTHER_EIP}:18954 at ${LATER}` },
  { name: 'lines of other names', text: `Scan: ${EIP}:5419 at ${T}\nAttack: ${OTHER_EIP}:18954 at ${LATER}` },
  {
    name: 'an array',
    text: JSON.stringify([
      { ip: EIP, port: 5419, time: T },
      { ip: OTHER_EIP, port: 18954, time: LATER },
    ]),
  },
])('both incidents of $name are asked for', ({ text }) => {
  expect(asked(text)).toEqual(TWO);
});

test.each([
  { text: `${EIP}:5419 and ${EIP}:18954 at ${T}` },
  { text: `Source: ${EIP}\nSource ports: 5419, 18954\nTime: ${T}` },
  { text: `Date: ${T}\nIP: ${EIP}\nPort: 5419\nIP: ${EIP}\nPort: 18954` },
])('a time may be of several endpoints: $text', ({ text }) => {
  expect(asked(text)).toEqual([`${EIP}:5419 ${AT}`, `${EIP}:18954 ${AT}`]);
});

describe('what nobody can tell of several', () => {
  test('is the time of a record among others that have one', () => {
    const text = `Time: ${T}\nIP: ${EIP}\nPort: 1\nIP: ${OTHER_EIP}\nPort: 2\nTime: ${LATER}`;
    expect(asked(text)).toEqual([null, `${OTHER_EIP}:2 ${LATER_AT}`]);
  });

  test('are the times of endpoints that do not come in turn with them', () => {
    const text = `${T} ${EIP}:5419 ${LATER} ${OTHER_EIP}:18954 ${T}`;
    expect(read(text)).toMatchObject([{ missing: ['time'] }, { missing: ['time'] }]);
    expect(remarks(text)).toEqual(['several_times 3', 'several_times 3']);
  });

  test('is which of the times of one endpoint is meant: the first is asked for, and it is said', () => {
    const text = `First seen: ${T}\nLast seen: ${LATER}\nIP: ${EIP}:5419`;
    expect(asked(text)).toEqual([`${EIP}:5419 ${AT}`]);
    expect(remarks(text)).toEqual(['several_times 2']);
  });
});

test.each([
  { text: `2001:db8::1 port 40 at ${T}`, missing: ['address'], says: ['ipv6 2001:db8::1'] },
  { text: `Seen at ${T} with source port 5419, address in the attachment`, missing: ['address'], says: [] },
  { text: `Target: 192.0.2.7:22\nTime: ${T}`, missing: ['address'], says: ['not_asked 192.0.2.7'] },
  { text: `192.0.2.7:5 192.0.2.8:6 192.0.2.9:9 at ${T}`, missing: [], says: ['not_asked 192.0.2.8, 192.0.2.9'] },
  { text: `${EIP}:5419 3/10/2025 8:57:35 AM`, missing: ['time'], says: ['day_unclear 3/10/2025 8:57:35 AM'] },
  { text: `Subject: abuse\nDate: ${T}\nIP: ${EIP}:5419`, missing: [], says: [`mail_date ${AT}`] },
  { text: `Subject: abuse\nDate: ${LATER}\nIP: ${EIP}:5419\nTime: ${T}`, missing: [], says: [] },
  { text: `Received: from a (${EIP})\nReceived: from b (${EIP})\nSubject: c`, missing: ['port', 'time'], says: [] },
])('what was read, and how, is said: $text', ({ text, missing, says }) => {
  expect(read(text)).toMatchObject([{ missing }]);
  expect(remarks(text)).toEqual(says);
});

const ACNS = `<Source><TimeStamp>${AT}</TimeStamp><IP_Address>${EIP}</IP_Address><Port>5419</Port><DNS_Name/></Source>`;
const XARF = {
  ...{ Version: '2', ReporterInfo: { ReporterIp: '192.0.2.1' } },
  Report: { Date: AT, SourceIp: EIP, SourcePort: 5419, DestinationIp: S.address, DestinationPort: S.port },
};

test.each([
  { name: 'ACNS', text: `<?xml version="1.0"?><Infringement>${ACNS}</Infringement>` },
  {
    name: 'ACNS, on several lines',
    text: `Dear all,\n<Infringement>\n${ACNS.replaceAll('><', '>\n  <')}\n</Infringement>`,
  },
  { name: 'X-ARF as JSON', text: JSON.stringify(XARF) },
  { name: 'X-ARF as JSON, on several lines', text: `Hello\n\n${JSON.stringify(XARF, null, 2)}` },
  { name: 'JSON with objects', text: JSON.stringify({ time: T, source: { ip: EIP, port: 5419 }, destination: S }) },
  { name: 'a part of JSON', text: `"Source IP": "${EIP}",\n"Port": 5419,\n"Timestamp (UTC)": "2025-03-10 08:57:38"` },
  { name: 'a quotation', text: `> > IP: ${EIP}\n> > Port: 5419\n> > Time: ${T}` },
  { name: 'a list', text: `- IP: ${EIP}\n- Port: 5419\n- Time: ${T}` },
  { name: 'equal signs', text: `IP=${EIP}\nPort=5419\nTime=${T}` },
  { name: 'dots before the colon', text: `Source IP . . . : ${EIP}\nSource Port . . : 5419\nTime  . . . . . : ${T}` },
  { name: 'an apostrophe', text: `Infringer's IP Address: ${EIP}\nInfringer's Port: 5419\nTimestamp: ${T}` },
  { name: 'a port in brackets', text: `${EIP} (5419) ${T}` },
  { name: 'CSV without a head', text: `${EIP},5419,${T}` },
  { name: 'CSV without a head, the time first', text: `${T},${EIP},5419` },
  { name: 'tabs without a head', text: `${EIP}\t5419\t${T}` },
  { name: 'a table of a mail', text: `Hello\n| ip | port | time |\n|----|----|----|\n| ${EIP} | 5419 | ${T} |\nBye` },
  { name: 'CSV in a mail', text: `Hello\n\nIP;Port;Time (UTC)\n${EIP};5419;2025-03-10 08:57:38\n\nBye` },
  { name: 'CSV with its zone in a name', text: `source_ip,src_port,time_utc\n${EIP},5419,2025-03-10 08:57:38` },
  { name: 'a date and a time', text: `IP: ${EIP}\nPort: 5419\nDate: 10 March 2025\nTime: 08:57:38 UTC` },
  { name: 'a zone by itself', text: `IP: ${EIP}\nPort: 5419\nTimezone: UTC\nTime: 2025-03-10 08:57:38` },
])('$name is understood', ({ text }) => {
  const [first] = asked(text);
  expect(asked(text)).toHaveLength(1);
  expect(first?.replace('+00:00', 'Z')).toBe(`${EIP}:5419 ${AT}`);
});

const MEGABYTE = 1 << 20;

test.each([
  ...['1.2.3.4 ', `Received: ${EIP} x\n`, `IP: ${EIP}\nPort: 5\n`, `${EIP} port 5 at ${T} `, `${EIP} at ${T}\n`],
  ...['{\n', '<a>', '"\\"', 'a', '\n', '1.', 'port: 5 ', 'ip,port\n', '2001:db8::1 ', '= ', '. . ', '10 Mar '],
])('a megabyte of %j is read in a time that is not out of proportion', (part) => {
  const start = performance.now();
  read(part.repeat(MEGABYTE / part.length));
  // It takes a second; what grows with the square of the length took minutes.
  expect(performance.now() - start).toBeLessThan(30_000);
});
