import { expect, test } from 'vitest';
import type { Attribution, AttributedHost, AttributedSession } from '../../../src-main/contract/attribution';
import { candidatesOf, searchOf } from '../../../src-renderer/features/who/candidates';
import { mappingLife } from '../../../src-renderer/features/who/mapping-life';
import {
  candidateLine,
  complaintsTable,
  doubtsOf,
  exactTimeNear,
  placesText,
  reasonsFor,
  reportText,
} from '../../../src-renderer/features/who/who-facts';
import { readQuestion } from '../../../src-renderer/features/who/who-question';
import { WhoState, type Answered } from '../../../src-renderer/features/who/who-state.svelte';
import { readEndpoint } from '../../../src-renderer/features/who/written-endpoint';
import { ZoneClock } from '../../../src-renderer/services/time-format';
import { logToAsk } from '../../../src-renderer/features/who/log-to-ask';
import { FakeEngine, failed, ok } from './fake-engine';

const PLACE = { project: 'local', logstore: 'session-log' };
/** 2026-03-10 08:57:32 UTC */
const ASKED = 1_773_133_052;
const at = (sec: number): string => `${sec}.000000000`;

const SESSION: AttributedSession = {
  run: 1,
  session: 7,
  protocol: 6,
  port: 51_544,
  destination: { address: '198.51.100.27', port: 443 },
  natAddress: '203.0.113.10',
  eip: null,
  matches: 'nat_ip',
  isObserved: false,
  from: at(ASKED - 30),
  until: at(ASKED + 600),
  isActive: true,
  endReason: 'fin',
  entries: [
    {
      id: '1-12',
      windowStart: ASKED - 452,
      firstTime: at(ASKED - 30),
      lastTime: at(ASKED + 20),
      packets: 12,
      firstPacket: { capture: '/captures/edge.pcapng', number: 145 },
      lastPacket: { capture: '/captures/edge.pcapng', number: 1154 },
    },
  ],
};

function host(address: string | null, session: Partial<AttributedSession> = {}): AttributedHost {
  return { address, instance: 'ngw-1', vpc: 'vpc-1', realm: null, sessions: [{ ...SESSION, ...session }] };
}

function answer(hosts: readonly AttributedHost[], part: Partial<Attribution> = {}): Attribution {
  return { at: at(ASKED), confidence: 'active', caveats: [], hosts, ...part };
}

function answered(given: Attribution, destination: Answered['question']['destination'] = null): Answered {
  const question = { address: '203.0.113.10', port: 21_733, protocol: null, at: 'then', skewSec: 5, destination };
  return { place: PLACE, zone: 'UTC', question, answer: given, candidates: candidatesOf(given), notices: [] };
}

function open(): { engine: FakeEngine; who: WhoState; zone: { name: string }; said: string[] } {
  const engine = new FakeEngine();
  const zone = { name: 'Europe/Berlin' };
  const said: string[] = [];
  const who = new WhoState(
    engine,
    () => zone.name,
    (text) => said.push(text),
  );
  who.place = PLACE;
  return { engine, who, zone, said };
}

test('the question is asked as it is written, and what is wrong with it is said by field', async () => {
  const { engine, who } = open();
  expect(await who.ask()).toBe(false);
  expect(Object.keys(who.problems)).toEqual(['endpoint', 'at']);
  expect(engine.asked).toHaveLength(0);

  who.write({
    endpoint: ' 203.0.113.10:21733 ',
    at: ' 2026-03-10 08:57:32 ',
    destination: '198.51.100.27',
    protocol: '17',
  });
  const asking = who.ask();
  expect(engine.last('attribution:read').request).toEqual({
    ...PLACE,
    zone: 'Europe/Berlin',
    run: null,
    questions: [
      {
        address: '203.0.113.10',
        port: 21_733,
        protocol: 17,
        at: '2026-03-10 08:57:32',
        skewSec: 5,
        destination: { address: '198.51.100.27', port: null },
      },
    ],
  });
  await engine.last('attribution:read').answer(ok({ answers: [answer([host('10.0.0.7')])], notices: [] }));
  expect(await asking).toBe(true);
  expect(who.problems).toEqual({});
  expect(who.answered?.candidates.map(({ host: { address } }) => address)).toEqual(['10.0.0.7']);
});

test('a newer question owns the page, one that fails keeps the answer before, and a cancelled one says nothing', async () => {
  const { engine, who } = open();
  who.write({ endpoint: '203.0.113.10:1', at: '1' });
  void who.ask();
  const first = engine.last('attribution:read');
  who.write({ endpoint: '203.0.113.10:2' });
  void who.ask();
  expect(first.isCancelled).toBe(true);
  await engine.last('attribution:read').answer(ok({ answers: [answer([host('10.0.0.2')])], notices: [] }));
  await first.answer(ok({ answers: [answer([host('10.0.0.1')])], notices: [] }));
  expect(who.answered?.candidates[0]?.host.address).toBe('10.0.0.2');

  void who.ask();
  await engine.last('attribution:read').answer(failed('ENGINE_GONE'));
  expect(who.error?.code).toBe('ENGINE_GONE');
  expect(who.answered?.candidates[0]?.host.address).toBe('10.0.0.2');

  void who.ask();
  who.cancel();
  expect(engine.last('attribution:read').isCancelled).toBe(true);
  expect([who.isRunning, who.error]).toEqual([false, null]);
});

test('what failed of one question is not told of the complaints that are shown by then', async () => {
  const { engine, who } = open();
  who.write({ endpoint: '203.0.113.10:1', at: '1' });
  void who.ask();
  who.show('many');
  await engine.last('attribution:read').answer(failed('ENGINE_GONE'));
  expect([who.isRunning, who.error]).toEqual([false, null]);
});

test('complaints are asked as text, and one of them is opened as a question', async () => {
  const { engine, who } = open();
  who.show('many');
  who.complaintsText = 'two mails';
  who.complaintsSkew = '60';
  void who.askComplaints();
  expect(engine.last('attribution:complaints').request).toMatchObject({ text: 'two mails', skewSec: 60 });
  const { question } = answered(answer([]), { address: '198.51.100.27', port: 443 });
  const complaint = { line: 3, text: 'a line', missing: [], isLocal: false, remarks: [], question, answer: answer([]) };
  await engine.last('attribution:complaints').answer(ok({ complaints: [complaint], notices: [] }));
  expect(who.complaints?.complaints).toHaveLength(1);

  void who.openQuestion(question);
  expect(who.view).toBe('one');
  expect(who.written).toEqual({
    endpoint: '203.0.113.10:21733',
    at: 'then',
    skewSec: '5',
    destination: '198.51.100.27:443',
    protocol: '',
  });
  expect(engine.last('attribution:read').request).toMatchObject({ questions: [question] });

  who.complaintsSkew = 'a while';
  who.show('many');
  await who.askComplaints();
  expect(engine.asked).toHaveLength(2);
});

test.each([
  ['203.0.113.10:21733', { address: '203.0.113.10', port: 21_733 }],
  ['0.0.0.0:0', { address: '0.0.0.0', port: 0 }],
  [' 255.255.255.255:65535 ', { address: '255.255.255.255', port: 65_535 }],
  ['198.51.100.27', { address: '198.51.100.27', port: null }],
  ['203.0.113.10 : 21733', { address: '203.0.113.10', port: 21_733 }],
  ['203.0.113.10\t21733', { address: '203.0.113.10', port: 21_733 }],
  ['203.0.113.10,21733', { address: '203.0.113.10', port: 21_733 }],
  ['203.0.113.10#21733', { address: '203.0.113.10', port: 21_733 }],
  ['203.0.113.10 port 21733', { address: '203.0.113.10', port: 21_733 }],
  ['198.51.100.27:65536', 'port'],
  ['198.51.100.27:1000000', 'port'],
  ['2001:db8::1', 'ipv6'],
  ['::1', 'ipv6'],
  ['[2001:db8::1]:443', 'ipv6'],
  ['198.51.100.27:1:2', 'shape'],
  ['198.51.100.27 is it', 'shape'],
  ['198.51.100.271', 'shape'],
  ['198.51.100.256:1', 'shape'],
  ['198.51.100.027:1', 'shape'],
  ['198.51.100:1', 'shape'],
  ['example.org:443', 'shape'],
  ['', 'shape'],
])('%j is the endpoint %j', (text, endpoint) => {
  expect(readEndpoint(text)).toEqual(endpoint);
});

test.each([
  [{ endpoint: '203.0.113.10' }, ['endpoint']],
  [{ at: ' ' }, ['at']],
  [{ skewSec: '-1' }, ['skewSec']],
  [{ skewSec: '86401' }, ['skewSec']],
  [{ destination: 'somewhere' }, ['destination']],
  [{ endpoint: 'x', at: '', skewSec: '1.5', destination: '1.2.3' }, ['endpoint', 'at', 'skewSec', 'destination']],
])('of %j the fields %j are wrong', (part, fields) => {
  const right = { endpoint: '203.0.113.10:1', at: '1', skewSec: '0', destination: '', protocol: '' };
  expect(Object.keys(readQuestion({ ...right, ...part }))).toEqual(fields);
});

test('the axis ends at gridlines around all that is on it, and bars lie where their times do', () => {
  const given = answered(
    answer([host('10.0.0.1'), host('10.0.0.2', { from: at(ASKED - 3000), until: null, entries: SESSION.entries })]),
  );
  const life = mappingLife(given.question, given.answer, given.candidates);
  expect(life).not.toBeNull();
  if (life === null) return;
  const { fromSec, toSec, ticks, bars, asked } = life;
  expect([fromSec, toSec]).toEqual([ASKED - 3000 - ((ASKED - 3000) % 1800), 1_773_133_200 + 1800]);
  expect(ticks.map(({ isBoundary }) => isBoundary)).not.toContain(false);
  expect([ticks[0]?.at, ticks.at(-1)?.at]).toEqual([0, 1]);
  const secAt = (share: number): number => Math.round(fromSec + share * (toSec - fromSec));
  expect(bars.map(({ from, to, isOpen }) => [secAt(from), secAt(to), isOpen])).toEqual([
    [ASKED - 30, ASKED + 600, false],
    // Of a mapping whose end is not known, the last packet that is known.
    [ASKED - 3000, ASKED + 20, true],
  ]);
  expect([secAt(asked.from), secAt(asked.to)]).toEqual([ASKED - 5, ASKED + 5]);
});

test('a short life has gridlines inside a window, and an empty log none', () => {
  const given = answered(answer([host('10.0.0.1', { from: at(ASKED - 4), until: at(ASKED + 9) })]));
  const life = mappingLife(given.question, given.answer, given.candidates);
  expect(life?.ticks.some(({ isBoundary }) => !isBoundary)).toBe(true);
  expect((life?.toSec ?? 0) - (life?.fromSec ?? 0)).toBeLessThanOrEqual(60);
  expect(mappingLife(given.question, { ...given.answer, at: null }, [])).toBeNull();
});

test('what speaks for a host, and what does not, is what the answer says', () => {
  const one = answered(answer([host('10.0.0.1')]), { address: '198.51.100.27', port: 443 });
  const [candidate] = one.candidates as [Answered['candidates'][number]];
  expect(reasonsFor(one, candidate)).toEqual([
    'It had packets before and after that time, in one log entry.',
    'The address is the one it was translated to (nat_ip).',
    'The destination you gave is that of its session.',
    'No other host had the endpoint within ± 5 s.',
  ]);
  expect(doubtsOf(one, candidate)).toEqual([
    'The translation comes from the emulated gateway, not from a capture of the public side.',
  ]);

  const hosts = [host('10.0.0.1', { isActive: false, isObserved: true }), host('10.0.0.2', { from: at(ASKED + 3) })];
  const several = answered(answer(hosts, { confidence: 'ambiguous', caveats: ['losses'] }));
  const [first, second] = several.candidates as [Answered['candidates'][number], Answered['candidates'][number]];
  expect(reasonsFor(several, first)).toEqual([
    'Its mapping was alive at that time, though no packet passed just then.',
    'The address is the one it was translated to (nat_ip).',
    'The translation was observed in a capture of the public side.',
  ]);
  expect(reasonsFor(several, second)[0]).toBe(
    'It had the endpoint 3.0\u202fs after that time, within the clock error.',
  );
  expect(doubtsOf(several, first)).toEqual([
    '2 hosts come into question. A destination, or a smaller clock error, leaves fewer.',
    'Something of that time was lost: another host may be missing.',
  ]);
});

test('what was lost is told of nobody as well', () => {
  const text = 'Delivery of run 1 is incomplete.';
  const nobody = answered(answer([], { confidence: 'nobody', caveats: ['losses'] }));
  expect(doubtsOf({ ...nobody, notices: [{ kind: 'losses', text }] }, null)).toEqual([
    'Something of that time was lost: another host may be missing.',
    text,
  ]);
});

test('a report has the question, every host with its entries, and what could make it wrong', () => {
  const hosts = [host('10.0.0.1'), host(null, { port: null, destination: null })];
  const text = reportText(answered(answer(hosts, { confidence: 'ambiguous' })), new ZoneClock('UTC'));
  expect(text).toContain('203.0.113.10:21733 at 2026-03-10 08:57:32.000 (UTC), ± 5 s\nAmbiguous: ');
  expect(text).toContain('10.0.0.1:51544 (vpc-1, ngw-1)');
  expect(text).toContain('  entry 1-12: 2026-03-10 08:57:02.000 – 2026-03-10 08:57:52.000, edge.pcapng 145 – 1,154');
  expect(text).toContain('\nHost not known\n');
  expect(text).toContain('- A missing log entry never proves that nothing was sent.\nlocal/session-log');
});

test('a clock error of a day is grouped like other numbers', () => {
  const given = answered(answer([host('10.0.0.1')]));
  const day = { ...given, question: { ...given.question, skewSec: 86_400 } };
  const [candidate] = day.candidates as [Answered['candidates'][number]];
  expect(reasonsFor(day, candidate)).toContain('No other host had the endpoint within ± 86,400 s.');
  expect(reportText(day, new ZoneClock('UTC'))).toContain(', ± 86,400 s\n');
});

test('times of the day that was asked for stand without it', () => {
  const clock = new ZoneClock('UTC');
  expect(exactTimeNear(at(ASKED), clock, ASKED)).toBe('08:57:32.000');
  expect(exactTimeNear(at(ASKED + 86_400), clock, ASKED)).toBe('2026-03-11 08:57:32.000');
});

test('packets of several captures are named by both, and those of a loaded log by none', () => {
  const [entry] = SESSION.entries as [AttributedSession['entries'][number]];
  const later = { ...entry, lastPacket: { capture: '/captures/edge-2.pcapng', number: 3 } };
  expect(placesText(later)).toBe('edge.pcapng 145 – edge-2.pcapng 3');
  expect(placesText({ ...entry, lastPacket: entry.firstPacket })).toBe('edge.pcapng 145');
  expect(placesText({ ...entry, firstPacket: null, lastPacket: null })).toBe('–');
});

test('the entries of a session are searched for by all that is known of it', () => {
  const [known, hidden] = candidatesOf(answer([host('10.0.0.1'), host(null, { port: null, destination: null })])) as [
    Answered['candidates'][number],
    Answered['candidates'][number],
  ];
  expect(searchOf(known, 21_733)).toBe(
    'nat_ip:203.0.113.10 and nat_port=21733 and pri_ip:10.0.0.1 and pri_port=51544 and pub_ip:198.51.100.27 and pub_port=443 and protocol=6',
  );
  expect(searchOf(hidden, 21_733)).toBe('nat_ip:203.0.113.10 and nat_port=21733 and protocol=6');
});

test('an answer is told from a question that was changed since', async () => {
  const { engine, who } = open();
  expect(who.isEdited).toBe(false);
  who.write({ endpoint: '203.0.113.10:21733', at: '2026-03-10 08:57:32' });
  const asking = who.ask();
  await engine.last('attribution:read').answer(ok({ answers: [answer([host('10.0.2.22')])], notices: [] }));
  await asking;
  expect(who.isEdited).toBe(false);
  who.write({ endpoint: '203.0.113.10' });
  expect(who.isEdited).toBe(true);
  expect(await who.ask()).toBe(false);
  expect(who.isEdited).toBe(true);
  who.write({ endpoint: '203.0.113.10:21733' });
  expect(who.isEdited).toBe(false);
  who.place = { ...PLACE, logstore: 'other' };
  expect(who.isEdited).toBe(true);
});

test.each([
  { name: 'a local time', at: '2026-03-10 08:57:32', isAnother: true },
  { name: 'a date, whose end looks like an offset', at: '2026-03-10', isAnother: true },
  { name: 'the start of a day', at: '@d', isAnother: true },
  { name: 'a time with an offset', at: '2026-03-10T08:57:32+01:00', isAnother: false },
  { name: 'a time of UTC', at: '2026-03-10T08:57:32.5Z', isAnother: false },
  { name: 'epoch seconds', at: '1773133052', isAnother: false },
  { name: 'a time before the end of the log', at: '-15m', isAnother: false },
])('$name is another question in another zone: $isAnother', async ({ at: written, isAnother }) => {
  const { engine, who, zone } = open();
  who.write({ endpoint: '203.0.113.10:21733', at: written });
  const asking = who.ask();
  await engine.last('attribution:read').answer(ok({ answers: [answer([host('10.0.2.22')])], notices: [] }));
  await asking;
  expect(who.answered?.zone).toBe('Europe/Berlin');
  expect(who.isEdited).toBe(false);
  zone.name = 'Asia/Shanghai';
  // What is derived is read anew.
  who.write({ at: `${written} ` });
  who.write({ at: written });
  expect(who.isEdited).toBe(isAnother);
});

test('answers to complaints are told from a text, a clock error, a log or a zone that were changed since', async () => {
  const { engine, who, zone, said } = open();
  const ask = async (): Promise<void> => {
    const asking = who.askComplaints();
    await engine.last('attribution:complaints').answer(ok({ complaints: [], notices: [] }));
    await asking;
    expect(who.areComplaintsEdited).toBe(false);
  };
  const change = (part: Partial<WhoState>): void => void Object.assign(who, part);
  who.complaintsText = 'a mail';
  expect(who.areComplaintsEdited).toBe(false);
  await ask();
  expect(said).toEqual(['0 complaints, 0 with a host']);
  for (const part of [
    { complaintsText: 'two mails' },
    { complaintsSkew: '60' },
    { place: { ...PLACE, project: 'x' } },
  ]) {
    change(part);
    expect(who.areComplaintsEdited).toBe(true);
    await ask();
  }
  zone.name = 'Asia/Shanghai';
  change({ complaintsText: '' });
  change({ complaintsText: 'two mails' });
  expect(who.areComplaintsEdited).toBe(true);
});

test('answers to complaints are copied as a table, each with its doubts and nothing of the text', () => {
  const { question } = answered(answer([]), { address: '198.51.100.27', port: 443 });
  const given = { missing: [], isLocal: true, remarks: [], text: '=cmd()', question };
  const hosts = [host('10.0.0.1'), host('10.0.0.2')];
  const complaints = [
    { ...given, line: 3, answer: answer(hosts, { confidence: 'ambiguous' as const, caveats: ['midstream' as const] }) },
    {
      ...{ ...given, line: 1204, isLocal: false, question: null, answer: null, missing: ['time' as const] },
      remarks: [{ kind: 'day_unclear' as const, subject: '03/04/2026\t09:00\n' }],
    },
  ];
  const all = { place: PLACE, zone: 'Europe/Berlin', text: '', skewSec: 5, complaints, notices: [] };
  expect(
    complaintsTable(all, new ZoneClock('UTC'))
      .split('\n')
      .map((line) => line.split('\t')),
  ).toEqual([
    ['Line', 'Public address : port', 'Time, UTC', 'Destination', 'Host', 'Confidence', 'Remarks'],
    [
      ...[
        '3',
        '203.0.113.10:21733',
        '2026-03-10 08:57:32.000',
        '198.51.100.27:443',
        '10.0.0.1 or 10.0.0.2',
        'Ambiguous',
      ],
      'Its time was read in Europe/Berlin. A session was under way when the capture began: it may have had the endpoint before.',
    ],
    ['1204', '', '', '', '', '', 'No time. Which is the day in 03/04/2026 09:00 is not told: write it as 2026-11-20.'],
  ]);
});

test('asked again is what is shown, one question or a text', async () => {
  const { engine, who } = open();
  expect(who.canAskAgain).toBe(false);
  who.write({ endpoint: '203.0.113.10:21733', at: '1' });
  const asking = who.ask();
  await engine.last('attribution:read').answer(ok({ answers: [answer([])], notices: [] }));
  await asking;
  expect(who.canAskAgain).toBe(true);
  who.show('many');
  expect(who.canAskAgain).toBe(false);
  who.complaintsText = 'a mail';
  const askingMany = who.askComplaints();
  await engine.last('attribution:complaints').answer(ok({ complaints: [], notices: [] }));
  await askingMany;
  expect(who.canAskAgain).toBe(true);
  void who.askAgain();
  who.show('one');
  void who.askAgain();
  const isOne = engine.asked.map(({ request }) => 'questions' in (request as object));
  expect(isOne).toEqual([true, false, false, true]);
});

test('what came out is said, and why the question before failed is not told of one that cannot be asked', async () => {
  const { engine, who, said } = open();
  who.write({ endpoint: '203.0.113.10:21733', at: '1' });
  let asking = who.ask();
  const hosts = [host('10.0.0.1'), host(null)];
  await engine.last('attribution:read').answer(ok({ answers: [answer(hosts)], notices: [] }));
  await asking;
  asking = who.ask();
  const nobody = answer([], { confidence: 'nobody' });
  await engine.last('attribution:read').answer(ok({ answers: [nobody], notices: [] }));
  await asking;
  expect(said).toEqual(['Confirmed: 10.0.0.1 or Host not known', 'Nobody known']);

  asking = who.ask();
  await engine.last('attribution:read').answer(failed('ENGINE_GONE'));
  await asking;
  expect(who.error?.code).toBe('ENGINE_GONE');
  who.write({ endpoint: '' });
  expect(await who.ask()).toBe(false);
  expect(who.error).toBeNull();
});

test('a host that had the endpoint only before or after the time is not said to have been idle then', () => {
  const clock = new ZoneClock('UTC');
  const lines = [{ from: at(ASKED + 3) }, { until: at(ASKED - 3) }, {}].map((part) => {
    const given = answered(answer([host('10.0.2.22', { isActive: false, ...part })]));
    return given.candidates.map((candidate) => candidateLine(candidate, given, clock)).join();
  });
  expect(lines[0]).toContain('after the time');
  expect(lines[1]).toContain('before the time');
  expect(lines[2]).toContain('idle at the time');
});

test('where the end of the capture ended a session, its end is the least that is known', () => {
  const given = answered(answer([host('10.0.2.22', { endReason: 'capture_end' })]));
  const [candidate] = given.candidates;
  expect(candidateLine(candidate!, given, new ZoneClock('UTC'))).toContain(' to at least 09:07:32');
  expect(mappingLife(given.question, given.answer, given.candidates)?.bars[0]?.isOpen).toBe(true);
});

test('hosts of several imports are told from each other by them', () => {
  const given = answered(answer([host('10.0.2.22'), host('10.0.2.22', { run: 2 })]));
  const lines = given.candidates.map((candidate) => candidateLine(candidate, given, new ZoneClock('UTC')));
  expect(lines[0]).toMatch(/^Import 1, from 08:57:02 to /u);
  expect(lines[1]).toMatch(/^Import 2, from 08:57:02 to /u);
  const one = answered(answer([host('10.0.2.22')]));
  expect(one.candidates.map((candidate) => candidateLine(candidate, one, new ZoneClock('UTC')))[0]).toMatch(/^From /u);
});

test('the log that is asked is the last one, if it has session logs, and else the first that has', () => {
  const facts = (name: string, fields: readonly string[] | null, entries = 1) => ({
    ...{ project: 'local', name, entries, extent: null },
    fields: fields === null ? null : fields.map((field) => ({ name: field, type: 'text' as const, meaning: '' })),
  });
  const session = ['pri_ip', 'nat_ip', 'nat_port'];
  const logs = [facts('access', ['status']), facts('bare', null), facts('empty', session, 0), facts('nat', session)];
  const chosen = (last: string | null) =>
    logToAsk(logs, last === null ? null : { project: 'local', logstore: last })?.logstore;
  expect([null, 'access', 'empty', 'nat'].map(chosen)).toEqual(['nat', 'nat', 'empty', 'nat']);
  expect(logToAsk(logs.slice(0, 1), null)?.logstore).toBe('access');
  expect(logToAsk([], null)).toBeNull();
});
