"""Results on stdout: stable bytes, valid JSON, aligned columns."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.cli.output import cut, dollars, emit, emit_columns, emit_json, seconds, width
from herd_graph.types import Kind


def test_control_characters_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    emit("ok\x1b[2Jtab\tline\nend")

    assert capsys.readouterr().out == "ok\N{REPLACEMENT CHARACTER}[2Jtab\tline\nend\n"


def test_json_holds_what_json_can_hold(capsys: pytest.CaptureFixture[str]) -> None:
    emit_json({"kind": Kind.TEXT, "nan": math.nan, "inf": [math.inf], 3: ("é", None, True)})

    written = json.loads(capsys.readouterr().out)
    assert written == {"kind": "text", "nan": "nan", "inf": ["inf"], "3": ["é", None, True]}


def test_columns_are_aligned_also_with_wide_characters(capsys: pytest.CaptureFixture[str]) -> None:
    emit_columns(
        ("name", "n", "text"), [("漢字", "5", "a\nb"), ("x", "10", "c")], right=frozenset({1})
    )

    assert capsys.readouterr().out.splitlines() == [
        "name   n  text",
        "漢字   5  a b",
        "x     10  c",
    ]


@given(st.text(), st.integers(min_value=1, max_value=40))
def test_a_cut_text_fits(text: str, cells: int) -> None:
    assert width(cut(text, cells)) <= cells or width(text) == 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.004, "0.00 s"), (9.99, "9.99 s"), (12.34, "12.3 s"), (185, "3 min 05 s")],
)
def test_durations(value: float, expected: str) -> None:
    assert expected == seconds(value)


@pytest.mark.parametrize(("value", "expected"), [(0, ""), (0.00123, "$0.0012"), (1.5, "$1.50")])
def test_amounts(value: float, expected: str) -> None:
    assert expected == dollars(value)


PRINTS_LIKE_A_LIBRARY = """
import ctypes, os, sys
from herd_graph.cli.output import claim_stdout, emit, finish
claim_stdout()
print("python noise")
os.write(1, b"descriptor noise\\n")
libc = ctypes.CDLL(None)
libc.puts(b"C noise")
os.system("echo child noise")
emit("the result")
sys.exit(finish())
"""


def test_whatever_libraries_print_stdout_holds_the_result_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRINTS_LIKE_A_LIBRARY], capture_output=True, text=True, check=True
    )

    assert done.stdout == "the result\n"
    assert {"python noise", "descriptor noise", "C noise", "child noise"} <= set(
        done.stderr.splitlines()
    )
