"""A pytest plugin that writes how each test ended into the file that $OUTCOMES_FILE names.

One JSON object a line: {"test": "test_lock::KazooLockTests::test_lock_one_client",
"outcome": "passed", "seconds": 0.1, "why": ""}. Written as the tests end, so that a run that is cut
short still tells what it has seen.
"""

import json
import os

_phases = {}


def _name(report):
    """Without the directory that kazoo happens to be installed in."""
    module = os.path.splitext(os.path.basename(report.location[0]))[0]
    return f"{module}::{report.nodeid.split('::', 1)[1]}"


def _combine(reports):
    """A test failed when its setup, its call or its teardown did."""
    for report in reports:
        if report.outcome != "passed":
            return report
    return reports[-1]


def _why(report):
    if report.outcome == "skipped":
        return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    crash = getattr(report.longrepr, "reprcrash", None)
    return crash.message if crash is not None else str(report.longrepr or "")


def pytest_runtest_logreport(report):
    reports = _phases.setdefault(report.nodeid, [])
    reports.append(report)
    if report.when != "teardown":
        return
    decisive = _combine(reports)
    line = {
        "test": _name(report),
        "outcome": decisive.outcome,
        "seconds": round(sum(each.duration for each in reports), 2),
        "why": _why(decisive)[:500],
    }
    with open(os.environ["OUTCOMES_FILE"], "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
