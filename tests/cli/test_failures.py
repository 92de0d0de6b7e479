"""Errors: the exit code, the block on stderr, the JSON on stdout."""

from __future__ import annotations

import json

import pytest
import typer

from herd_graph import errors
from herd_graph.budgets import Budget
from herd_graph.cli.failures import exit_code_for, exit_code_of, report
from herd_graph.types import RunStatus


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.ConfigError(""), 2),
        (errors.ArtifactUnreadable(""), 2),
        (errors.ArtifactTooLarge(""), 2),
        (errors.PathNotAllowed(""), 2),
        (errors.PlanMalformed(""), 2),
        (errors.PlanInvalid(["a"]), 2),
        (errors.ExpertNotRegistered(""), 2),
        (errors.RunNotFound(""), 2),
        (typer.BadParameter(""), 2),
        (errors.ArtifactNotFound(""), 1),
        (errors.RunOwned(""), 1),
        (errors.ModelMissing(""), 1),
        (errors.ExpertFailed(""), 1),
        (ValueError(""), 1),
    ],
)
def test_what_the_user_got_wrong_is_two_and_the_rest_is_one(
    error: Exception, expected: int
) -> None:
    assert expected == exit_code_of(error)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("done", 0),
        ("failed", 1),
        ("partial", 3),
        ("abstained", 3),
        ("waiting", 3),
        ("interrupted", 3),
    ],
)
def test_how_a_run_ended_gives_the_exit_code(status: RunStatus, expected: int) -> None:
    assert expected == exit_code_for(status)


def test_a_herd_error_is_told_in_its_own_words_without_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = report(errors.ConfigError("'x' is no size.\x1b[2J"), as_json=False, debug=False)

    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err == "ConfigError: 'x' is no size.\N{REPLACEMENT CHARACTER}[2J\n"


def test_json_is_valid_for_failures_too(capsys: pytest.CaptureFixture[str]) -> None:
    report(errors.PlanInvalid(["first", "second"]), as_json=True, debug=False)

    said = json.loads(capsys.readouterr().out)
    assert (
        said["type"],
        said["exit_code"],
        said["problems"],
    ) == ("PlanInvalid", 2, ["first", "second"])
    assert "2 problems" in said["error"]


def test_what_nobody_expected_is_called_a_bug(capsys: pytest.CaptureFixture[str]) -> None:
    code = report(ZeroDivisionError("division by zero"), as_json=False, debug=False)

    err = capsys.readouterr().err
    assert code == 1
    assert "bug" in err
    assert "ZeroDivisionError: division by zero" in err
    assert "--debug" in err
    assert "Traceback" not in err


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(errors.ConfigError) as caught:
        Budget.parse("usd=much")

    report(caught.value, as_json=False, debug=True)

    assert "Traceback" in capsys.readouterr().err
