"""A pytest plugin that writes how each test ended into the file that $OUTCOMES_FILE names.

One JSON object a line: {"test": "test_lock::KazooLockTests::test_lock_one_client",
"outcome": "passed", "seconds": 0.1, "why": ""}. Written as the tests end, so that a run that is cut
short still tells what it has seen. Where $ONLY_TESTS has such names, separated by spaces, only these
are run.
"""

import json
import os

import pytest

_phases = {}


def _name(item):
    """Without the directory that kazoo happens to be installed in."""
    module = item.module.__name__.rpartition(".")[2]
    return f"{module}::{item.cls.__name__}::{item.name}" if item.cls else f"{module}::{item.name}"


def pytest_collection_modifyitems(config, items):
    only = os.environ.get("ONLY_TESTS", "").split()
    if not only:
        return
    left_out = [item for item in items if _name(item) not in only]
    items[:] = [item for item in items if _name(item) in only]
    config.hook.pytest_deselected(items=left_out)


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


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    result = yield
    reports = _phases.setdefault(item, [])
    reports.append(result.get_result())
    if call.when == "teardown":
        _write(_name(item), _phases.pop(item))


def _write(test, reports):
    decisive = _combine(reports)
    line = {
        "test": test,
        "outcome": decisive.outcome,
        "seconds": round(sum(each.duration for each in reports), 2),
        "why": _why(decisive)[:500],
    }
    with open(os.environ["OUTCOMES_FILE"], "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
