"""Run all tests as CI does, and at most three that failed once more, alone.

A test that passes then is flaky. The run is green all the same, and its last lines name the test:
a flaky test is a defect that somebody has to mend, and no reason to refuse what has nothing to do
with it. Red at once are more failures, a second failure, and whatever is no failed test: a file
that cannot be imported, a crash, an interrupt, a test that is skipped when it is run again.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

MOST = 3
SOME_FAILED = 1
"""Pytest's status when all tests were run, and some failed."""
LAST_FAILED = Path(".pytest_cache/v/cache/lastfailed")


def main(arguments: list[str]) -> int:
    """Return the status of the run; the arguments go to pytest, the first time."""
    LAST_FAILED.unlink(missing_ok=True)  # of an earlier run
    status = pytest(*arguments)
    if status != SOME_FAILED:
        return status if status >= 0 else 128 - status
    failed = last_failed()
    if not 1 <= len(failed) <= MOST or not all("::" in each for each in failed):
        return SOME_FAILED
    say("failed in the whole run, run again alone:", failed)
    if not pass_alone(failed):
        say(
            "RED: failed in the whole run, and did not pass when they were run again alone:", failed
        )
        return SOME_FAILED
    say(
        "FLAKY: failed in the whole run, and passed when they were run again alone. Mend them:",
        failed,
    )
    return 0


def pytest(*arguments: str) -> int:
    """Run what `make test` runs."""
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode


def last_failed() -> list[str]:
    """Return the tests that failed; none when pytest could not write them down."""
    try:
        return list(json.loads(LAST_FAILED.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return []


def pass_alone(tests: list[str]) -> bool:
    """Run these tests, and return whether each of them was run and passed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        if pytest(*tests, f"--junitxml={report}") != 0:
            return False
        cases = list(ET.parse(report).iter("testcase"))
        return len(cases) == len(tests) and not any(len(each.findall("skipped")) for each in cases)


def say(what: str, tests: list[str]) -> None:
    """Print a line that is found, and the tests."""
    print(f"\n=== {what}", *(f"===   {each}" for each in tests), sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
