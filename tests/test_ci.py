"""CI runs a few failed tests once more, and says which of them are flaky."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "tests.py"
pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="a source archive has no .ci")

STEADY = "def test_steady(): pass\n"
LUCKY = """
from pathlib import Path
import pytest

@pytest.mark.parametrize("case", ["a b", "c::d[0]"])
def test_lucky(case):
    before = Path(f"ran-{case[0]}")
    if not before.exists():
        before.touch()
        assert case == "lucky"
"""
BROKEN = "def test_broken(): assert 1 == 2\n"


def run(folder: Path, **files: str) -> tuple[int, list[str]]:
    """Run CI's script over these test files, and return its status and lines."""
    for name, content in files.items():
        (folder / f"test_{name}.py").write_text(content)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -ra --import-mode=importlib\n")
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def test_what_passes_alone_is_green_and_named_in_the_last_lines(tmp_path: Path) -> None:
    status, lines = run(tmp_path, steady=STEADY, lucky=LUCKY)

    assert status == 0
    assert lines[-3].startswith("=== FLAKY: ")
    assert lines[-2:] == [
        "===   test_lucky.py::test_lucky[a b]",
        "===   test_lucky.py::test_lucky[c::d[0]]",
    ]
    assert any("3 items" in each for each in lines)
    assert any("2 items" in each for each in lines)  # exactly those are run again


def test_a_second_failure_is_red(tmp_path: Path) -> None:
    status, lines = run(tmp_path, steady=STEADY, lucky=LUCKY, broken=BROKEN)

    assert status == 1
    assert lines[-4].startswith("=== RED: ")
    assert "===   test_broken.py::test_broken" in lines[-3:]


def test_more_than_three_failures_are_red_at_once(tmp_path: Path) -> None:
    more = LUCKY.replace('"a b", "c::d[0]"', '"a", "b", "c", "d"')

    status, lines = run(tmp_path, lucky=more)

    assert status == 1
    assert not [each for each in lines if each.startswith("===   ")]


@pytest.mark.parametrize(
    ("file", "status"),
    [
        ("raise RuntimeError('not to be imported')", 2),
        ("def test_it(): raise KeyboardInterrupt", 2),
        ("def test_it():\n import os, signal\n os.kill(os.getpid(), signal.SIGKILL)", 128 + 9),
    ],
)
def test_what_is_no_failed_test_is_red_at_once(tmp_path: Path, file: str, status: int) -> None:
    got, lines = run(tmp_path, lucky=LUCKY, other=file)

    assert got == status
    assert not [each for each in lines if each.startswith("===   ")]


def test_what_is_skipped_when_it_is_run_again_has_not_passed(tmp_path: Path) -> None:
    file = LUCKY.replace(
        "    if not before.exists():",
        "    if before.exists():\n        pytest.skip('seen')\n    else:",
    )

    status, lines = run(tmp_path, lucky=file)

    assert status == 1
    assert any(each.startswith("=== RED: ") for each in lines)


def test_all_that_passes_is_green_and_nothing_more_is_said(tmp_path: Path) -> None:
    stale = tmp_path / ".pytest_cache" / "v" / "cache"
    stale.mkdir(parents=True)
    (stale / "lastfailed").write_text('{"test_gone.py::test_gone": true}')

    status, lines = run(tmp_path, steady=STEADY)

    assert status == 0
    assert not [each for each in lines if "FLAKY" in each]
