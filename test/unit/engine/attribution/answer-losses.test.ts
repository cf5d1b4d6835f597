import { beforeAll, describe, expect, test } from 'vitest';
import type { AttributionQuestion, AttributionReport } from '../../../../src-main/contract/attribution';
import { readAttribution, readComplaintAnswers } from '../../../../src-main/engine/attribution/attribution-service';
import { udpPacket, type Endpoint } from '../../../support/frames';
import type { CaptureRecord } from '../../../support/pcap-writer';
import { tempFolderForFile } from '../../../support/temp';
import { SECOND } from '../../../support/time';
import { sharedDatabase } from '../../duckdb/temporary-workspace';
import { importInto, PLACE, writeCapture } from '../imported-database';

/** A window edge, 2023-11-14 22:20:00 UTC; times in tests are seconds behind it. */
const T0 = 1_700_000_400;
const EIP = '203.0.113.1';
const S: Endpoint = '198.51.100.80:443';
const ONE_PORT = { portMin: 2000, portMax: 2000 };
/** Of an established TCP session, by default. */
const LONGEST_SEC = 900;
type Script = Readonly<Record<string, unknown>>;
/** What is sealed when the second window ends is lost: project and all that waits are gone for long. */
const SECOND_WINDOW_LOST: Script = {
  delaySec: { least: 0, most: 0, tailRate: 0 },
  faults: [{ fault: 'role_revoked', from: '+1190s', to: '+2150s' }],
};

const shared = sharedDatabase();
let folder = '';
let files = 0;
beforeAll(() => {
  folder = tempFolderForFile();
});
const signal = new AbortController().signal;

const udpAt = (sec: number, from: Endpoint): CaptureRecord => ({
  atNs: BigInt(T0 + sec) * SECOND,
  bytes: udpPacket({ from, to: S, payload: new Uint8Array(8) }),
});

async function importOf(logstore: string, records: readonly CaptureRecord[], delivery: Script = {}): Promise<number> {
  const capture = writeCapture(folder, `losses-${files++}.pcap`, records);
  const { run } = await importInto(shared(), [capture], { logstore, gateway: ONE_PORT, delivery });
  return run;
}

async function ask(logstore: string, sec: number | string, changes: Partial<AttributionQuestion> = {}) {
  const at = typeof sec === 'string' ? sec : String(T0 + sec);
  const question = { address: EIP, port: 2000, protocol: null, at, skewSec: 0, destination: null, ...changes };
  const request = { ...PLACE, logstore, zone: 'UTC', run: null, questions: [question] };
  const report: AttributionReport = await readAttribution(shared(), request, { signal });
  const { confidence, caveats } = report.answers[0]!;
  return { confidence, caveats, notices: report.notices.map(({ text }) => text) };
}

const LOST = expect.stringContaining('the window 2023-11-14T22:30:00Z are not in the Logstore') as string;

describe('an answer rests on what was lost', () => {
  beforeAll(async () => {
    const records = [
      udpAt(10, '10.0.0.1:1'),
      udpAt(700, '10.0.0.2:1'),
      udpAt(2500, '10.0.0.3:1'),
      udpAt(5000, '10.0.0.4:1'),
    ];
    await importOf('one-window', records, SECOND_WINDOW_LOST);
  });

  test.each([
    { name: 'before the window', sec: 599, isTold: false },
    { name: 'as it begins', sec: 600, isTold: true },
    { name: 'within', sec: 900, isTold: true },
    { name: 'behind it, while its last mapping may live', sec: 1199 + LONGEST_SEC, isTold: true },
    { name: 'when none of it is alive', sec: 1200 + LONGEST_SEC, isTold: false },
    { name: 'long behind it', sec: 4000, isTold: false },
    { name: 'before the window by less than the skew', sec: 590, skewSec: 10, isTold: true },
    { name: 'before the window by more than the skew', sec: 589, skewSec: 10, isTold: false },
    { name: 'behind by less than timer and skew', sec: 1209 + LONGEST_SEC, skewSec: 10, isTold: true },
  ])('nobody, $name', async ({ sec, skewSec = 0, isTold }) => {
    const { caveats, notices } = await ask('one-window', sec, { skewSec });
    expect(caveats.includes('losses')).toBe(isTold);
    expect(notices).toEqual(isTold ? [LOST] : []);
  });

  test('a host that is known is told alone, unless another one may be missing', async () => {
    for (const sec of [10, 5000]) {
      const { confidence, caveats, notices } = await ask('one-window', sec);
      expect({ confidence, notices }).toEqual({ confidence: 'active', notices: [] });
      expect(caveats).not.toContain('losses');
    }
    const { caveats, notices } = await ask('one-window', 40, { skewSec: 600 });
    expect(caveats).toContain('losses');
    expect(notices).toEqual([LOST]);
  });

  test('complaints have the losses of all their times, each once', async () => {
    const lines = [900, 950, 4000].map((sec) => `${EIP},2000,${T0 + sec}`);
    const text = ['ip,port,time', ...lines].join('\n');
    const request = { ...PLACE, logstore: 'one-window', zone: 'UTC', run: null, skewSec: 0, text };
    const { complaints, notices } = await readComplaintAnswers(shared(), request, { signal });
    expect(notices.map(({ text: notice }) => notice)).toEqual([LOST]);
    expect(complaints.map(({ answer }) => answer?.caveats)).toEqual([['losses'], ['losses'], []]);
  });
});

test('an import that lost something is told beside a holder of another one, and one of another day is not', async () => {
  const logstore = 'two-imports';
  await importOf(logstore, [udpAt(10, '10.0.0.1:1'), udpAt(700, '10.0.0.1:1'), udpAt(3000, '10.0.0.1:1')]);
  const lossy = [udpAt(20, '10.0.0.5:1'), udpAt(710, '10.0.0.5:1'), udpAt(3010, '10.0.0.5:1')];
  const run = await importOf(logstore, lossy, SECOND_WINDOW_LOST);
  await importOf(
    logstore,
    lossy.map(({ bytes, atNs }) => ({ bytes, atNs: atNs + 86_400n * SECOND })),
    SECOND_WINDOW_LOST,
  );
  const { confidence, caveats, notices } = await ask(logstore, 700);
  expect({ confidence, caveats }).toEqual({ confidence: 'active', caveats: ['losses'] });
  expect(notices).toEqual([LOST]);
  expect(notices[0]).toContain(`Delivery of run ${run} is incomplete`);
});

test('a log of which nothing arrived says so of a time that it has no end to count from', async () => {
  await importOf('nothing', [udpAt(700, '10.0.0.1:1')], { lossRate: 1 });
  expect(await ask('nothing', '-1m')).toEqual({
    confidence: 'nobody',
    caveats: ['not_captured', 'losses'],
    notices: [LOST],
  });
  expect(await ask('nothing', 700)).toEqual({ confidence: 'nobody', caveats: ['losses'], notices: [LOST] });
});
