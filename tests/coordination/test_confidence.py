"""How sure an answer is: what may only fall, falls; what is calibrated keeps its order."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from herd_graph.coordination.checks import combine
from herd_graph.coordination.confidence import (
    Calibration,
    expected_error,
    isotonic,
    platt,
    raw_confidence,
)
from herd_graph.errors import ConfigError
from herd_graph.state import Attempt, StepRecord, Verdict

UNIT = st.floats(0, 1)
VERDICTS = st.builds(
    Verdict, check=st.just("c"), level=st.sampled_from(["pass", "doubt", "fail"]), score=UNIT
)
RANK = {"pass": 0, "doubt": 1, "fail": 2}


def record(*verdicts: Verdict, ok: bool = True) -> StepRecord:
    attempts = (Attempt(expert="a@1", ok=ok),)
    return StepRecord(run="r", step="s1", status="done", verdicts=verdicts, attempts=attempts)


@given(st.lists(VERDICTS, max_size=6), VERDICTS)
def test_one_more_verdict_never_makes_a_result_look_surer(
    verdicts: list[Verdict], another: Verdict
) -> None:
    before, after = combine(verdicts), combine([*verdicts, another])

    assert after.score <= before.score
    assert RANK[after.level] >= RANK[before.level]


@given(st.lists(VERDICTS, max_size=4), VERDICTS, UNIT)
def test_one_more_verdict_never_makes_an_answer_surer(
    verdicts: list[Verdict], another: Verdict, router: float
) -> None:
    before = raw_confidence([record(*verdicts)], router=router)

    assert raw_confidence([record(*verdicts, another)], router=router) <= before
    assert raw_confidence([record(*verdicts), record(another)], router=router) <= before
    assert (
        raw_confidence(
            [
                record(
                    *verdicts,
                )
            ],
            router=router,
            own=[router],
        )
        <= before
    )
    assert raw_confidence([record(*verdicts, ok=False)], router=router) <= before


@settings(max_examples=40)
@given(st.lists(st.tuples(UNIT, st.booleans()), min_size=1, max_size=60), UNIT, UNIT)
def test_a_calibration_keeps_the_order(
    judged: list[tuple[float, bool]], one: float, two: float
) -> None:
    raw, right = [each for each, _ in judged], [each for _, each in judged]
    low, high = min(one, two), max(one, two)

    for fitted in (isotonic(raw, right), platt(raw, right), Calibration()):
        assert 0.0 <= fitted(low) <= fitted(high) + 1e-12 <= 1.0 + 1e-9


def test_what_is_fitted_is_calibrated() -> None:
    chance = random.Random(3)
    raw = [chance.random() for _ in range(4000)]
    right = [chance.random() < 0.3 + 0.5 * each**2 for each in raw]

    off = expected_error(raw, right)
    fitted = isotonic(raw[::2], right[::2])

    assert off > 0.1
    assert expected_error([fitted(each) for each in raw[1::2]], right[1::2]) < 0.03


def test_a_calibration_is_kept_in_a_file(tmp_path: Path) -> None:
    fitted = isotonic([0.1, 0.5, 0.9], [False, False, True])
    fitted.save(tmp_path / "confidence.json")

    assert Calibration.load(tmp_path / "confidence.json") == fitted
    assert Calibration.load(tmp_path / "none.json") == Calibration()


def test_a_file_that_is_no_calibration_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"kind": "isotonic", "x": [0.5, 0.1], "y": [0, 1]}')

    with pytest.raises(ConfigError, match="is no calibration"):
        Calibration.load(tmp_path / "bad.json")


def test_a_failed_check_outweighs_all_the_rest() -> None:
    fail = Verdict(check="c", level="fail", score=1.0)

    assert raw_confidence([record()], router=1.0) > 0.9
    assert raw_confidence([record(fail)], router=1.0) <= 0.35
