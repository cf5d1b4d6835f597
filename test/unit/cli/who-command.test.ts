import { describe, expect, test } from 'vitest';
import type {
  AttributedSession,
  Attribution,
  ComplaintsReport,
  ComplaintsRequest,
} from '../../../src-main/contract/attribution';
import { answerText } from '../../../src-main/cli/who-text';
import { runCli } from './run-cli';

const question = {
  ...{ address: '203.0.113.1', port: 40_000, protocol: null, at: '1773133024', skewSec: 0, destination: null },
};
const session: AttributedSession = {
  ...{ run: 1, session: 7, protocol: 6, port: 51_514, destination: { address: '198.51.100.7', port: 443 } },
  ...{ natAddress: '203.0.113.1', eip: '203.0.113.1', matches: 'both', isObserved: false },
  ...{ from: '1773133023.485000000', until: '1773133085.000000001', isActive: true, endReason: 'fin' },
  entries: [
    {
      ...{ id: '1-4', windowStart: 1_773_132_600, packets: 20 },
      ...{ firstTime: '1773133023.485000000', lastTime: '1773133025.000000000' },
      firstPacket: { capture: '/captures/a.pcap', number: 3 },
      lastPacket: { capture: '/captures/a.pcap', number: 24 },
    },
  ],
};
const answer = (changes: Partial<Attribution> = {}): Attribution => ({
  at: '1773133024.000000000',
  confidence: 'active',
  caveats: [],
  hosts: [{ address: '10.0.0.5', instance: 'ngw-1', vpc: 'vpc-1', realm: null, sessions: [session] }],
  ...changes,
});

describe('an answer', () => {
  test('names the host, its session, how long it had the endpoint, and the evidence', () => {
    expect(answerText(question, answer(), 'UTC')).toBe(
      [
        '203.0.113.1:40000 at 2026-03-10 08:57:04.000000000 UTC',
        'One host had it, and had packets around that time.',
        '',
        '10.0.0.5 (vpc-1, ngw-1)',
        '  TCP 10.0.0.5:51514 → 198.51.100.7:443, NAT 203.0.113.1',
        '    had it from 2026-03-10 08:57:03.485000000 to 2026-03-10 08:58:05.000000001 (after it was closed), with packets around that time',
        '    entry 1-4 · 2026-03-10 08:57:03.485000000 to 2026-03-10 08:57:05.000000000 · 20 packets · packets 3 to 24 of /captures/a.pcap',
        '',
      ].join('\n'),
    );
  });

  test.each([
    { forcedBy: 'change' as const, text: '(when the gateway was changed)' },
    { forcedBy: 'clock' as const, text: '(when the clock was set back)' },
    { forcedBy: null, text: '(when the gateway was changed, or the clock set back)' },
  ])('says what has ended a session by force: $forcedBy', ({ forcedBy, text }) => {
    const sessions = [{ ...session, endReason: 'forced_end' as const, forcedBy }];
    const host = { address: '10.0.0.5', instance: null, vpc: null, realm: null, sessions };
    expect(answerText(question, answer({ hosts: [host] }), 'UTC')).toContain(text);
  });

  test('says what is not known', () => {
    const { entries } = session;
    const hidden: AttributedSession = {
      ...session,
      ...{ port: null, destination: null, until: null, isActive: false, natAddress: '10.9.0.1', matches: 'nat_eip' },
      entries: [{ ...entries[0]!, firstPacket: null, lastPacket: null }],
    };
    const text = answerText(
      question,
      answer({
        ...{ confidence: 'hidden', caveats: ['midstream', 'losses'] },
        hosts: [{ address: null, instance: null, vpc: null, realm: 7, sessions: [hidden] }],
      }),
      'Asia/Shanghai',
    );
    expect(text).toContain('at 2026-03-10 16:57:04.000000000 Asia/Shanghai');
    expect(text).toContain('only the public side of that was captured');
    expect(text).toContain('A session was under way when the capture began');
    expect(text).toContain('Something of that time was lost');
    expect(text).toContain('unknown host (VLAN 7)');
    expect(text).toContain('TCP ? → a destination that was not kept, NAT 10.9.0.1, EIP 203.0.113.1');
    expect(text).toContain('to a time that is not known, idle at that time');
  });
});

test.each([
  { argv: [], says: 'Name an endpoint and --at' },
  { argv: ['203.0.113.1:40000'], says: 'Name an endpoint and --at' },
  { argv: ['203.0.113.1', '--at', '1'], says: 'add the port, as in 203.0.113.1:40000' },
  { argv: ['203.0.113.1:4', '--complaints', 'x'], says: '--complaints takes no endpoint' },
  { argv: ['--complaints', 'x', '--protocol', 'tcp'], says: '--complaints takes no --destination and no --protocol' },
  { argv: ['--complaints', 'x', '--destination', '192.0.2.1'], says: '--complaints takes no --destination' },
  { argv: ['203.0.113.1:4', '--at', '1', '--skew', '90000'], says: 'seconds from 0 to 86400' },
  { argv: ['203.0.113.1:4', '--at', '1', '--protocol', 'sctp'], says: 'tcp, udp, icmp or a number' },
])('natscope who $argv is wrong usage', async ({ argv, says }) => {
  const { exitCode, stderr } = await runCli(['who', ...argv]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(says);
});

test('a file of complaints that cannot be read is named', async () => {
  const { exitCode, stderr } = await runCli(['who', '--complaints', 'none.txt']);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('/captures/none.txt cannot be read (ENOENT)');
});

test('as JSON, each session has its end as IPFIX has it too, where it is known', async () => {
  const loaded: AttributedSession = { ...session, session: null };
  const attribution = () => ({
    answers: [answer({ hosts: [{ ...answer().hosts[0]!, sessions: [session, loaded] }] })],
    notices: [],
  });
  const argv = ['who', '203.0.113.1:40000', '--at', '1773133024', '--json'];
  const { stdout } = await runCli(argv, { engine: { attribution } });
  expect(JSON.parse(stdout)).toMatchObject({
    hosts: [{ sessions: [{ endReason: 'fin', flowEndReason: 3 }, { flowEndReason: null }] }],
  });
});

const MAIL = '203.0.113.1:40000 – at 2026-03-10 14:03:21 UTC';
const octets = (text: string, encoding: BufferEncoding): Buffer => Buffer.from(`\uFEFF${text}`, encoding);

test.each([
  { name: 'UTF-8', input: octets(MAIL, 'utf8') },
  { name: 'UTF-16, the low octet first', input: octets(MAIL, 'utf16le') },
  { name: 'UTF-16, the high octet first', input: octets(MAIL, 'utf16le').swap16() },
])('complaints are read as $name', async ({ input }) => {
  const asked: string[] = [];
  const complaints = ({ text }: ComplaintsRequest): ComplaintsReport => {
    asked.push(text);
    return { complaints: [], notices: [] };
  };
  const io = { readInput: () => Promise.resolve(input) };
  const { stderr } = await runCli(['who', '--complaints', '-'], { io, engine: { complaints } });
  expect(asked).toEqual([MAIL]);
  expect(stderr).toContain('No complaint was found');
});

test.each([
  { name: 'octets of a capture', input: Buffer.from('d4c3b2a1020004000000', 'hex') },
  { name: 'UTF-16 without its mark', input: Buffer.from(MAIL, 'utf16le') },
])('$name are no complaints', async ({ input }) => {
  const { exitCode, stderr } = await runCli(['who', '--complaints', '-'], {
    io: { readInput: () => Promise.resolve(input) },
  });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('standard input cannot be read as complaints: it is no text');
});
