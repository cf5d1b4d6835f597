import { relative } from 'node:path';

/** Of a failed test's message, told again at the end. */
const MESSAGE_LINES = 15;
/** Of what a page said when its test failed. */
const PAGE_LINES = 60;
// eslint-disable-next-line no-control-regex -- what colours a terminal begins with a control character
const COLOUR_CODES = /\u001b\[[0-9;]*m/g;

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/**
 * @param {{ steps: { passed: boolean }[] } | undefined} result of check.mjs; undefined when it ended without one
 * @param {number} exitCode
 * @returns {Counts} one test for each step
 */
export function checkCounts(result, exitCode) {
  const passed = result?.steps.filter((step) => step.passed).length ?? 0;
  const failed = result?.steps.filter((step) => !step.passed).length ?? 0;
  return { passed, failed: unlessExplained(failed, exitCode), skipped: 0 };
}

/**
 * @param {object | undefined} result what Vitest's JSON reporter wrote; undefined when Vitest ended without it
 * @param {number} exitCode
 * @returns {Counts} with one failure for each file that could not be loaded
 */
export function vitestCounts(result, exitCode) {
  if (result === undefined) return { passed: 0, failed: unlessExplained(0, exitCode || 1), skipped: 0 };
  const unloaded = result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const failed = result.numFailedTests + unloaded.length;
  return {
    passed: result.numPassedTests,
    failed: unlessExplained(failed, exitCode),
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

/**
 * @param {object | undefined} result what Playwright's JSON reporter wrote; undefined when Playwright ended without it
 * @param {number} exitCode
 * @returns {Counts} with one failure for each error outside of a test, such as a file that could not be loaded
 */
export function playwrightCounts(result, exitCode) {
  if (result === undefined) return { passed: 0, failed: unlessExplained(0, exitCode || 1), skipped: 0 };
  const { expected, unexpected, flaky, skipped } = result.stats;
  // Without retries nothing is flaky; should somebody allow them, a test that passes at times has failed.
  return {
    passed: expected,
    failed: unlessExplained(unexpected + flaky + result.errors.length, exitCode),
    skipped,
  };
}

/**
 * @param {{ steps: { name: string, passed: boolean }[] } | undefined} result of check.mjs
 * @returns {string[]} the steps that failed; their output is above
 */
export function checkFailures(result) {
  return (result?.steps ?? []).filter((step) => !step.passed).map((step) => step.name);
}

/**
 * @param {object | undefined} result what Vitest's JSON reporter wrote
 * @param {string} testFolder absolute, that files are named from
 * @returns {string[]} file and test with the beginning of its message, or the file that could not be loaded with the cause
 */
export function vitestFailures(result, testFolder) {
  return (result?.testResults ?? []).flatMap((file) => {
    const name = relative(testFolder, file.name);
    const failed = file.assertionResults.filter((each) => each.status === 'failed');
    if (failed.length > 0)
      return failed.map((each) => described([name, each.fullName], each.failureMessages.join('\n')));
    return file.status === 'failed' ? [described([name], file.message)] : [];
  });
}

/**
 * @param {object | undefined} result what Playwright's JSON reporter wrote
 * @returns {string[]} host, file and test with the beginning of its message, and errors outside of a test
 */
export function playwrightFailures(result) {
  const specsOf = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)];
  const tests = (result?.suites ?? []).flatMap(specsOf).flatMap((spec) =>
    spec.tests
      .filter((each) => each.status === 'unexpected' || each.status === 'flaky')
      .map((each) => {
        const messages = each.results.flatMap((run) => run.errors.map((error) => error.message ?? ''));
        const test = described([each.projectName, `${spec.file}:${spec.line}`, spec.title], messages.join('\n'));
        return [test, ...each.results.flatMap(pageLines)].join('\n');
      }),
  );
  return [...tests, ...(result?.errors ?? []).map((error) => described(['outside of a test'], error.message ?? ''))];
}

/** What the page said when the test failed, as the fixtures of the browser tests attach it. */
function pageLines(run) {
  const body = run.attachments?.find((each) => each.name === 'page as text')?.body;
  if (body === undefined) return [];
  const lines = Buffer.from(body, 'base64').toString('utf8').split('\n');
  const shown = lines.slice(0, PAGE_LINES).map((line) => `      ${line.slice(0, 300)}`);
  if (lines.length > PAGE_LINES) shown.push(`      … ${lines.length - PAGE_LINES} more lines of the page`);
  return ['    The page said:', ...shown];
}

/** The message's beginning only: the whole stands where the test ran. */
function described(names, message) {
  const lines = message.replace(COLOUR_CODES, '').split('\n');
  const shown = lines.slice(0, MESSAGE_LINES).map((line) => `    ${line.slice(0, 300)}`);
  if (lines.length > MESSAGE_LINES) shown.push(`    … ${lines.length - MESSAGE_LINES} more lines where the test ran`);
  return [names.join(' › '), ...shown].join('\n');
}

/** A suite that ended badly without a failed test (a crash, an unhandled rejection, a hook) is one failure. */
function unlessExplained(failed, exitCode) {
  return failed === 0 && exitCode !== 0 ? 1 : failed;
}

/**
 * @param {Counts[]} counts
 * @returns {Counts}
 */
export function addUp(counts) {
  const total = (key) => counts.reduce((sum, each) => sum + each[key], 0);
  return { passed: total('passed'), failed: total('failed'), skipped: total('skipped') };
}
