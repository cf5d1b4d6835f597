import { describe, expect, test } from 'vitest';
import type { ImportProgress } from '../../../src-main/contract/imports';
import { importReport, runCli, type CliOptions } from './run-cli';

const at = (elapsedMs: number, changes: Partial<ImportProgress> = {}): ImportProgress => ({
  readBytes: elapsedMs * 100_000,
  totalBytes: 1_073_741_824,
  packets: elapsedMs * 1_420,
  windows: Math.floor(elapsedMs / 1000),
  elapsedMs,
  ...changes,
});

/** Runs an import that reports these states, with a clock that shows each one's time. @returns standard error */
async function progressOf(argv: readonly string[], states: readonly ImportProgress[], io: CliOptions['io'] = {}) {
  let nowMs = 0;
  const { stderr } = await runCli(['import', 'a.pcap', ...argv], {
    io: { nowMs: () => nowMs, ...io },
    engine: {
      import: (_request, call) => {
        for (const progress of states) {
          nowMs = progress.elapsedMs;
          call.progress(progress);
        }
        return importReport();
      },
    },
  });
  return stderr;
}

const LINE = '18.6 % · 200 MB of 1.07 GB · 1.42 M packets/s · about 8.7 s left · 2 windows';

describe('on a terminal', () => {
  test('one line is rewritten, and cleared at the end', async () => {
    expect(await progressOf([], [at(0), at(2000)], { isStderrTty: true })).toBe(
      `\r0.0 % · 0 B of 1.07 GB · 0 windows\u001b[K\r${LINE}\u001b[K\r\u001b[K`,
    );
  });

  test('a narrow one shows the parts that fit', async () => {
    const stderr = await progressOf([], [at(2000)], { isStderrTty: true, columns: 40 });
    expect(stderr).toBe('\r18.6 % · 200 MB of 1.07 GB\u001b[K\r\u001b[K');
  });

  test.each([['--no-progress'], ['--progress=never']])('%s shows nothing', async (option) => {
    expect(await progressOf([option], [at(2000)], { isStderrTty: true })).toBe('');
  });
});

describe('elsewhere', () => {
  test('nothing is shown unless it is asked for', async () => {
    expect(await progressOf([], [at(2000)])).toBe('');
  });

  test('--progress always writes a line per second, and the last state', async () => {
    const states = [at(2000), at(2100), at(2990), at(3000), at(3100)];
    expect(await progressOf(['--progress', 'always'], states)).toBe(
      [
        LINE,
        '27.9 % · 300 MB of 1.07 GB · 1.42 M packets/s · about 7.7 s left · 3 windows',
        '28.8 % · 310 MB of 1.07 GB · 1.42 M packets/s · about 7.6 s left · 3 windows\n',
      ].join('\n'),
    );
  });
});

test.each([
  {
    name: 'an unknown size',
    state: at(2000, { totalBytes: null }),
    line: '200 MB read · 1.42 M packets/s · 2 windows',
  },
  {
    name: 'the end',
    state: at(2000, { readBytes: 1_073_741_824 }),
    line: '100.0 % · 1.07 GB of 1.07 GB · 1.42 M packets/s · 2 windows',
  },
  {
    name: 'almost the end',
    state: at(2000, { readBytes: 1_073_741_823, windows: 1 }),
    line: '99.9 % · 1.07 GB of 1.07 GB · 1.42 M packets/s · about 0.0 s left · 1 window',
  },
  { name: 'an empty file', state: at(0, { totalBytes: 0 }), line: '100.0 % · 0 B of 0 B · 0 windows' },
])('progress shows $name', async ({ state, line }) => {
  expect(await progressOf(['--progress', 'always'], [state])).toBe(`${line}\n`);
});
