// Prints "N passed, N failed" from vitest's JSON reports, given as the arguments. Exit code 0 only when
// at least one test ran and none failed. Plain JavaScript, so that it works when nothing was built.
import { readFileSync } from 'node:fs';

function totalsOf(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    const failed = report.numFailedTests;
    // A file that cannot even be loaded has no tests that could fail, but failed all the same.
    const broken = report.testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    ).length;
    return {
      passed: report.numPassedTests,
      failed: failed + broken,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch (error) {
    console.error(`no report of the tests: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const totals = process.argv.slice(2).map(totalsOf);
const sum = (count) => totals.reduce((all, each) => all + each[count], 0);
const passed = sum('passed');
const failed = sum('failed');
const skipped = sum('skipped');
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
if (passed === 0) console.error('no test has passed: that is a failure');
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
