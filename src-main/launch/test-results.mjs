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
