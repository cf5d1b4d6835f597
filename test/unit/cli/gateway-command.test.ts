import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ImportRequest } from '../../../src-main/contract/imports';
import { readGateway } from '../../../src-main/nat/configuration';
import { tempFolderForFile } from '../../support/temp';
import { importReport, runCli, type CliResult } from './run-cli';

const OFFICE = {
  profile: 'aws',
  natGatewayId: 'ngw-office',
  name: 'Office',
  eips: ['203.0.113.10', '203.0.113.11', '203.0.113.12'],
  snatEntries: [
    { snatEntryId: 'snat-all', sourceCidr: '10.0.0.0/8', eips: ['203.0.113.10', '203.0.113.11'] },
    { snatEntryId: 'snat-lab', sourceCidr: '10.7.0.0/16', eips: ['203.0.113.11'], eipAffinity: 1 },
  ],
  dnatIpMappings: [{ externalIp: '203.0.113.12', internalIp: '10.0.9.9' }],
  hostEips: [{ ipAddress: '198.51.100.1', privateIpAddress: '10.0.9.8' }],
  noNatCidrs: ['192.0.2.0/24'],
  otherGatewayCidrs: ['172.20.0.0/16'],
  timeoutsSec: { udp: 30 },
  changes: [{ atSec: 1_700_000_500, snatEntries: [{ sourceCidr: '10.0.0.0/8', eips: ['203.0.113.10'] }] }],
  seed: 4,
};

let folder: string;
beforeAll(() => {
  folder = tempFolderForFile();
});

function run(argv: readonly string[]): Promise<CliResult> {
  return runCli(argv, { io: { cwd: folder } });
}

function write(name: string, content: string | Uint8Array | object): string {
  const isText = typeof content === 'string' || content instanceof Uint8Array;
  writeFileSync(join(folder, name), isText ? content : JSON.stringify(content));
  return name;
}

describe('natscope gateway check', () => {
  test('says what the gateway will do', async () => {
    const { exitCode, stdout, stderr } = await run(['gateway', 'check', write('office.json', OFFICE)]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const line of [
      '  gateway             ngw-office, Office',
      '  kind                Internet NAT gateway',
      '  profile             aws, AWS NAT gateway',
      '  10.0.0.0/8   snat-all  203.0.113.10, 203.0.113.11  connection',
      '  10.7.0.0/16  snat-lab  203.0.113.11                host',
      '  Of several sources that hold a host, the one with the longest prefix counts.',
      'From 2023-11-14 22:21:40 UTC on, translated instead',
      '  own EIPs            10.0.9.8 by 198.51.100.1',
      '  DNAT IP mappings    10.0.9.9 by 203.0.113.12',
      '  destinations        192.0.2.0/24',
      '  other gateways      172.20.0.0/16',
      '  ports               1024 to 65535: 64,512 of each address and protocol',
      '  to one destination  55,000 live sessions by address',
      '                      snat-all: 2 × 55,000 = 110,000',
      '  dead sessions       rst: what its host sends next is dropped, unless it is a',
      '  TCP, established                    350  documented',
      '  TCP, after an RST                    10  unknown, as alibaba',
      '  UDP, one direction seen              30  this file',
      '  UDP, both directions seen           350  assumed',
      '  length              600 s, from multiples of that since 1970',
      '  changed here        timeoutsSec.udp',
      '  - Amazon VPC user guide, Troubleshoot NAT gateways: timeoutsSec.tcpOpening',
      '  not known, so as alibaba has it',
      '  - AWS drops fragments of TCP and ICMP, which are translated here.',
    ]) {
      expect(stdout.split('\n')).toContain(line);
    }
    expect(stdout).not.toContain('Warnings');
  });

  test.each([
    { name: 'of profile linux, ports below 1024 as well', config: { profile: 'linux' }, hasLow: true },
    {
      name: 'of policy linux with all ports, ports below 1024 as well',
      config: { portPolicy: 'linux', portMin: 1024 },
      hasLow: true,
    },
    {
      name: 'of a rule with ports of its own, those alone',
      config: { profile: 'linux', portMin: 1025 },
      hasLow: false,
    },
    { name: 'of another policy, those of the range alone', config: { portMin: 1024 }, hasLow: false },
  ])('says which ports there are: $name', async ({ config, hasLow }) => {
    const file = write('ports.json', config);
    const { stdout } = await run(['gateway', 'check', file]);
    const said =
      'ports below 1024    for TCP and UDP from such ports: from 1 to 511 its own, else one of 1 to 511; from 512 to 1023 its own, else one of 600 to 1023';
    const text = stdout.replace(/\n {22}/g, ' ');
    if (hasLow) expect(text).toContain(said);
    else expect(text).not.toContain('below 1024');
    const { capacity } = JSON.parse((await run(['gateway', 'check', file, '--json'])).stdout) as {
      capacity: { low_ports: unknown };
    };
    const low = [
      { of: [1, 511], given: [1, 511] },
      { of: [512, 1023], given: [600, 1023] },
    ];
    expect(capacity.low_ports).toEqual(hasLow ? low : []);
  });

  test('tells the timers of other protocols where they are translated', async () => {
    const check = async (config: object): Promise<string> =>
      (await run(['gateway', 'check', write('others.json', config)])).stdout;
    const shown = await check({ otherProtocols: 'translate' });
    expect(shown).toContain('  GRE, answered                       180  fixed, as in Linux');
    expect(shown).toContain('  SCTP, established                   210  fixed, as in Linux');
    expect(shown).toContain('  other protocols                     600  fixed, as in Linux');
    expect(await check({})).not.toContain('GRE, answered');
  });

  test('fits 80 columns, but for addresses of pages', async () => {
    for (const profile of ['alibaba', 'rfc', 'linux', 'gcp', 'azure']) {
      const { stdout } = await run(['gateway', 'check', write('profile.json', { profile })]);
      expect(stdout).toContain(`  profile             ${profile}, `);
      const wide = stdout.split('\n').filter((line) => line.length > 80 && !line.startsWith('    https://'));
      expect(wide).toEqual([]);
    }
  });

  test('says of the RFCs that hairpinning is as the product has it', async () => {
    const { stdout } = await run(['gateway', 'check', write('rfc.json', { profile: 'rfc' })]);
    expect(stdout.replace(/\n {4}/g, ' ')).toContain(
      '- Hairpinning, which RFC 4787 REQ-9 and RFC 5382 REQ-8 ask for, is as the product has it: only with eipBindMode NAT,',
    );
  });

  test('says which numbers of a profile are assumptions, and warns', async () => {
    const { exitCode, stdout } = await run([
      'gateway',
      'check',
      write('spec.json', { internetChargeType: 'PayBySpec' }),
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\n {2}assumed\n {2}- timeoutsSec\.tcpOpening 60, [^:]*: not\s+published\n/);
    expect(stdout).toMatch(/\nWarnings\n {2}- The product has no session log for pay-by-specification/);
    expect(stdout).not.toContain('as alibaba has it');
  });

  test('gives as JSON what a run keeps, and where each number is from', async () => {
    const { exitCode, stdout } = await run(['gateway', 'check', write('office.json', OFFICE), '--json']);
    const shown = JSON.parse(stdout);
    expect(exitCode).toBe(0);
    expect(shown).toMatchObject({
      file: join(folder, 'office.json'),
      name: 'Office',
      gateway: readGateway(OFFICE).gateway,
      profile: { name: 'aws', title: 'AWS NAT gateway', as_of: '2026-11' },
      capacity: {
        ports_per_address: 64512,
        low_ports: [],
        sessions_per_address_and_destination: 55000,
        entries: [
          { id: 'snat-all', source: '10.0.0.0/8', addresses: 2, sessions_per_destination: 110000 },
          { id: 'snat-lab', source: '10.7.0.0/16', addresses: 1, sessions_per_destination: 55000 },
        ],
      },
      warnings: [],
    });
    const settings = shown.profile.settings as readonly { readonly field: string }[];
    const settingOf = (field: string): unknown => settings.find((each) => each.field === field);
    expect(settingOf('timeoutsSec.tcpEstablished')).toMatchObject({ value: 350, used: true, origin: 'documented' });
    expect(settingOf('timeoutsSec.udp')).toMatchObject({ value: 350, used: false, origin: 'assumed', source: null });
    expect(settingOf('timeoutsSec.tcpReset')).toMatchObject({ value: 10, used: true, origin: 'alibaba' });
  });

  test('names everything that is wrong, with exit code 1', async () => {
    const file = write('wrong.json', { ...OFFICE, portMin: 0, colour: 'red' });
    const { exitCode, stdout, stderr } = await run(['gateway', 'check', file, '--json']);
    expect(exitCode).toBe(1);
    expect(stderr.split('\n')).toEqual([
      `natscope: ${join(folder, file)}: the gateway configuration has 2 problems (GATEWAY_INVALID)`,
      '  portMin: 0 must be a whole number from 1 to 65535',
      '  colour: "red" has no known key',
      '',
    ]);
    const { error } = JSON.parse(stdout);
    expect(error).toMatchObject({ code: 'GATEWAY_INVALID', detail: { count: 2, file: join(folder, file) } });
    expect(JSON.parse(error.detail.problems)).toEqual([
      { path: 'portMin', value: '0', rule: 'must be a whole number from 1 to 65535' },
      { path: 'colour', value: '"red"', rule: 'has no known key' },
    ]);
  });

  test.each([
    { name: 'a missing colon', text: '{\n  "eips": [],\n  "seed" 2\n}', says: 'line 3, column 10: Colon' },
    { name: 'a missing brace', text: '{"seed": 2', says: 'line 1, column 11: ' },
    { name: 'a comma too many', text: '{\n"seed": 2,\n}', says: 'line 3, column 1: Quoted object key' },
    { name: 'a comment', text: '// my gateway\n{}', says: 'line 1, column 1: ' },
    { name: 'nothing', text: '', says: 'line 1, column 1: JSON value expected' },
    { name: 'a key twice', text: '{"seed": 2,\n "seed": 3}', says: "line 2, column 3: Duplicate key 'seed'" },
  ])('says where the JSON is wrong: $name', async ({ text, says }) => {
    const file = write('broken.json', text);
    const { exitCode, stderr } = await run(['gateway', 'check', file]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`natscope: ${join(folder, file)} is no JSON: ${says}`);
    expect(stderr).toContain('(GATEWAY_INVALID)');
  });

  test('a byte order mark is no fault', async () => {
    expect(await run(['gateway', 'check', write('bom.json', '\ufeff{}')])).toMatchObject({ exitCode: 0 });
  });

  test('refuses what is nested without end', async () => {
    const { exitCode, stderr } = await run(['gateway', 'check', write('deep.json', '['.repeat(1_000_000))]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('is nested too deeply (GATEWAY_INVALID)');
  });

  test('says why a file cannot be read', async () => {
    mkdirSync(join(folder, 'a-folder'));
    write('capture.pcap', new Uint8Array([0xd4, 0xc3, 0xb2, 0xa1]));
    write('large.pcap', new Uint8Array(5_000_000));
    for (const [file, says] of [
      ['none.json', 'does not exist'],
      ['a-folder', 'is a folder'],
      ['capture.pcap', 'is no text in UTF-8'],
      ['large.pcap', 'has 5000000 bytes'],
    ] as const) {
      const { exitCode, stderr } = await run(['gateway', 'check', file]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`natscope: ${join(folder, file)} ${says}`);
      expect(stderr).toContain('(GATEWAY_UNREADABLE)');
    }
  });

  test.each([
    { argv: ['gateway', 'check'], says: "missing required argument 'file'" },
    { argv: ['gateway', 'check', ''], says: 'It must be the path of a file' },
    { argv: ['gateway', 'chek'], says: "unknown command 'chek'" },
    { argv: ['gateway', 'check', 'a.json', '--frobnicate'], says: "unknown option '--frobnicate'" },
  ])('$argv is wrong usage', async ({ argv, says }) => {
    const { exitCode, stderr } = await run(argv);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(says);
  });

  test('has a help that fits 80 columns', async () => {
    for (const argv of [
      ['gateway', '--help'],
      ['help', 'gateway'],
      ['gateway', 'check', '--help'],
    ]) {
      const { exitCode, stdout } = await run(argv);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('check');
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
  });
});

test('natscope gateway profiles lists them, with what is documented', async () => {
  const { exitCode, stdout } = await run(['gateway', 'profiles']);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('  alibaba     900     60      60  1025–65535               55000     8 of 31\n');
  expect(stdout).toContain('  linux    432000     30      30  1024–65535               64512');
  const json = (await run(['gateway', 'profiles', '--json'])).stdout;
  const profiles = JSON.parse(json) as readonly { name: string; settings: unknown[]; quotas: unknown[] }[];
  expect(profiles.map(({ name }) => name)).toEqual(['alibaba', 'rfc', 'linux', 'aws', 'gcp', 'azure']);
  expect(profiles[0]?.settings).toHaveLength(31);
  expect(profiles[0]?.quotas[0]).toMatchObject({ what: 'EIPs of a gateway', most: 20 });
});

describe('natscope import --gateway', () => {
  /** @returns the request, too */
  async function importing(argv: readonly string[]): Promise<CliResult & { request: ImportRequest | undefined }> {
    let request: ImportRequest | undefined;
    const result = await runCli(['import', 'a.pcap', ...argv], {
      io: { cwd: folder },
      engine: {
        import: (sent) => {
          request = sent;
          return importReport();
        },
      },
    });
    return { ...result, request };
  }

  test('sends the object of the file', async () => {
    const { exitCode, request } = await importing(['--gateway', write('office.json', OFFICE)]);
    expect(exitCode).toBe(0);
    expect(request).toMatchObject({ gateway: OFFICE, inside: [], eips: [], seed: 0 });
  });

  test('takes the seed of the command line before that of the file', async () => {
    const { request } = await importing(['--gateway', write('office.json', OFFICE), '--seed', '9']);
    expect(request).toMatchObject({ gateway: { ...OFFICE, seed: 9 }, seed: 0 });
  });

  test.each([
    {
      argv: ['--inside', '10.0.0.0/8'],
      says: '--inside cannot be given with --gateway, whose file has its own snatEntries',
    },
    { argv: ['--eip', '203.0.113.1'], says: '--eip cannot be given with --gateway, whose file has its own eips' },
  ])('$argv beside it is wrong usage, and says why', async ({ argv, says }) => {
    const { exitCode, stderr, request } = await importing(['--gateway', write('office.json', OFFICE), ...argv]);
    expect({ exitCode, request }).toEqual({ exitCode: 2, request: undefined });
    expect(stderr).toContain(says);
  });

  test('an invalid one fails before anything is imported', async () => {
    const { exitCode, stderr, request } = await importing(['--gateway', write('wrong.json', { portMin: 0 })]);
    expect({ exitCode, request }).toEqual({ exitCode: 1, request: undefined });
    expect(stderr).toContain(`${join(folder, 'wrong.json')}: the gateway configuration is invalid: portMin: 0 must`);
  });
});

test('the example of the README is a right configuration', async () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const examples = [...readme.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  expect(examples).toHaveLength(1);
  const { exitCode, stdout, stderr } = await run(['gateway', 'check', write('readme.json', examples[0] ?? '')]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).not.toContain('Warnings');
});
