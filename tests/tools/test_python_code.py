"""Code in a process with limits."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from herd_graph._bundled.tools import first_party
from herd_graph.artifacts import Text
from herd_graph.contexts import ExpertContext
from herd_graph.errors import PortViolation

Run = Callable[..., str]


@pytest.fixture(scope="module")
def run() -> Run:
    expert: Any = next(each for each in first_party(run_python=True) if each.name == "run_python")

    def made(code: str, context: ExpertContext | None = None) -> str:
        return expert(Text(code), context).text

    return made


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print(1 + 1)", "2\n"),
        ("import statistics\nstatistics.mean([1, 2, 3])", "2\n"),
        ("Here it is:\n```python\nprint('fenced')\n```\nThanks.", "fenced\n"),
        ("print('é ü 東京 שלום')", "é ü 東京 שלום\n"),
        ("x = 5", "(The code ran and printed nothing.)"),
        ("open('a.txt', 'w').write('hi')\nprint(open('a.txt').read())", "hi\n"),
        ("import json, csv, re, decimal, datetime, sqlite3\nprint('ok')", "ok\n"),
    ],
)
def test_it_runs_and_says_what_was_printed(run: Run, code: str, said: str):
    assert run(code) == said


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("a = 1\n1/0", "line 2: ZeroDivisionError"),
        ("this is no code", "SyntaxError"),
        ("x = 'a' * 10**10", "MemoryError"),
        ("print('x' * 10**7)", "more than 100,000 bytes"),
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "no network"),
        ("import urllib.request as u; u.urlopen('http://localhost')", "no network"),
        ("import os; os.system('ls')", "no other programs"),
        ("import subprocess; subprocess.run(['ls'])", "no other programs"),
        ("import os; os.fork()", "no other programs"),
        ("open('/etc/passwd').read()", "other files are not allowed"),
        ("open('../code.py').read()", "other files are not allowed"),
        ("import os; os.listdir('/')", "other files are not allowed"),
        ("import numpy", "No module named"),
        ("import sys; sys.exit(3)", "status 3"),
        ("input()", "EOFError"),
        ("def f(): f()\nf()", "RecursionError"),
        ("", "Expected 1 to"),
    ],
)
def test_what_goes_wrong_is_told(run: Run, code: str, message: str):
    with pytest.raises(PortViolation, match=message):
        run(code)


def test_nothing_outside_can_be_written(run: Run, tmp_path: Path):
    target = tmp_path / "owned"
    target.write_text("mine")

    for code in (f"open({str(target)!r}, 'w')", f"import os; os.remove({str(target)!r})"):
        with pytest.raises(PortViolation, match="other files"):
            run(code)

    assert target.read_text() == "mine"


def test_an_endless_loop_is_stopped_at_the_deadline_of_the_run(run: Run):
    soon = time.monotonic() + 1.0

    with pytest.raises(PortViolation, match="was stopped"):
        run("print('begun', flush=True)\nwhile True: pass", ExpertContext(deadline=soon))


def test_the_environment_is_not_passed_on(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECRET_KEY", "hush")

    assert run("import os; print(os.environ.get('SECRET_KEY'))") == "None\n"
