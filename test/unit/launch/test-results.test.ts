import { describe, expect, test } from 'vitest';
import {
  addUp,
  checkCounts,
  checkFailures,
  playwrightCounts,
  playwrightFailures,
  vitestCounts,
  vitestFailures,
} from '../../../src-main/launch/test-results.mjs';

const vitestResult = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1, testResults: [] };

test.each([
  { name: 'tests are counted', result: vitestResult, exitCode: 0, failed: 0 },
  { name: 'a failed test fails once', result: { ...vitestResult, numFailedTests: 1 }, exitCode: 1, failed: 1 },
  {
    name: 'a file that could not be loaded is a failure',
    result: { ...vitestResult, testResults: [{ status: 'failed', assertionResults: [] }] },
    exitCode: 1,
    failed: 1,
  },
  { name: 'a bad end without a failed test is a failure', result: vitestResult, exitCode: 1, failed: 1 },
  { name: 'an end without a result is a failure', result: undefined, exitCode: 0, failed: 1 },
])('$name', ({ result, exitCode, failed }) => {
  expect(vitestCounts(result, exitCode).failed).toBe(failed);
});

const playwrightResult = { stats: { expected: 7, unexpected: 0, flaky: 0, skipped: 2 }, errors: [] };

test.each([
  { name: 'tests are counted', result: playwrightResult, exitCode: 0, failed: 0 },
  {
    name: 'a failed test and a flaky one are failures',
    result: { ...playwrightResult, stats: { ...playwrightResult.stats, unexpected: 1, flaky: 1 } },
    exitCode: 1,
    failed: 2,
  },
  {
    name: 'a file that could not be loaded is a failure',
    result: { ...playwrightResult, errors: [{ message: 'SyntaxError' }] },
    exitCode: 1,
    failed: 1,
  },
  { name: 'a bad end without a failed test is a failure', result: playwrightResult, exitCode: 1, failed: 1 },
  { name: 'an end without a result is a failure', result: undefined, exitCode: 0, failed: 1 },
])('end to end: $name', ({ result, exitCode, failed }) => {
  const counts = playwrightCounts(result, exitCode);
  expect(counts.failed).toBe(failed);
  expect([counts.passed, counts.skipped]).toEqual(result === undefined ? [0, 0] : [7, 2]);
});

test('each step of the checks is a test', () => {
  const steps = [{ passed: true }, { passed: true }, { passed: false }];
  expect(checkCounts({ steps }, 1)).toEqual({ passed: 2, failed: 1, skipped: 0 });
  expect(checkCounts(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('counts of suites add up', () => {
  const total = addUp([vitestCounts(vitestResult, 0), checkCounts({ steps: [{ passed: true }] }, 0)]);
  expect(total).toEqual({ passed: 6, failed: 0, skipped: 2 });
});

describe('what failed is named at the end', () => {
  test('tests with the beginning of their message, without colours', () => {
    const message = [
      '\u001b[31mAssertionError\u001b[0m',
      ...Array.from({ length: 20 }, (_, line) => `line ${line}`),
    ].join('\n');
    const result = {
      testResults: [
        {
          name: '/x/test/unit/a.test.ts',
          status: 'failed',
          assertionResults: [
            { status: 'passed', fullName: 'is well', failureMessages: [] },
            { status: 'failed', fullName: 'group is not', failureMessages: [message] },
          ],
        },
        { name: '/x/test/unit/b.test.ts', status: 'failed', assertionResults: [], message: 'SyntaxError: no' },
      ],
    };
    const [test, file, ...others] = vitestFailures(result, '/x/test');
    expect(test?.split('\n').slice(0, 3)).toEqual([
      'unit/a.test.ts › group is not',
      '    AssertionError',
      '    line 0',
    ]);
    expect(test?.split('\n').at(-1)).toBe('    … 6 more lines where the test ran');
    expect(file).toBe('unit/b.test.ts\n    SyntaxError: no');
    expect(others).toEqual([]);
  });

  test('tests in a browser, also those that passed at the second time, and errors outside of tests', () => {
    const spec = (title: string, status: string) => ({
      title,
      file: 'app.spec.ts',
      line: 7,
      tests: [{ projectName: 'standin', status, results: [{ errors: [{ message: 'gone' }] }] }],
    });
    const suites = [
      { specs: [spec('one', 'expected'), spec('two', 'flaky')], suites: [{ specs: [spec('three', 'unexpected')] }] },
    ];
    expect(playwrightFailures({ suites, errors: [{ message: 'no browser' }] })).toEqual([
      'standin › app.spec.ts:7 › two\n    gone',
      'standin › app.spec.ts:7 › three\n    gone',
      'outside of a test\n    no browser',
    ]);
  });

  test('a test in a browser with what its page said', () => {
    const text = ['- dialog "Load web.csv"', ...Array.from({ length: 61 }, (_, line) => `- text: ${line}`)].join('\n');
    const attachments = [{ name: 'trace' }, { name: 'page as text', body: Buffer.from(text).toString('base64') }];
    const tests = [{ projectName: 'loopback', status: 'unexpected', results: [{ errors: [], attachments }] }];
    const [test] = playwrightFailures({
      suites: [{ specs: [{ title: 'one', file: 'a.ts', line: 1, tests }] }],
      errors: [],
    });
    const lines = test?.split('\n') ?? [];
    expect(lines.slice(2, 4)).toEqual(['    The page said:', '      - dialog "Load web.csv"']);
    expect(lines.at(-1)).toBe('      … 2 more lines of the page');
  });

  test('steps of the checks, and nothing where a suite left no result', () => {
    const steps = [
      { name: 'types', passed: false },
      { name: 'knip', passed: true },
    ];
    expect(checkFailures({ steps })).toEqual(['types']);
    expect([checkFailures(undefined), vitestFailures(undefined, '/'), playwrightFailures(undefined)]).toEqual([
      [],
      [],
      [],
    ]);
  });
});
