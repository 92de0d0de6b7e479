"""The thorough level: round trips, second opinions, second calls, a model and a person as judges."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest
from check_results import STORE, TO, card, result, voice

from herd_graph.artifacts import Data, Text
from herd_graph.cards import ExpertCard
from herd_graph.coordination.checks import Checked, Checking, check, run_checks
from herd_graph.coordination.checks.base import Aids, CheckInput, Outputs
from herd_graph.coordination.checks.judging import Judged, ModelJudge
from herd_graph.coordination.checks.standard import standard
from herd_graph.errors import BudgetExceeded, ConfigError, ExpertFailed
from herd_graph.prompts import Message
from herd_graph.routing.completing import Bill
from herd_graph.state import Verdict
from herd_graph.types import JSONObject

SAID = "The driver will call you one hour before he arrives at your house."
DITO = "O motorista vai ligar-lhe uma hora antes de chegar à sua casa."
HEARS = card("listen", {"recording": voice(1.0)}, {"result": Text("x")}, ("speech-to-text",))


def aids(answer: str, *cards: ExpertCard) -> Aids:
    """Return experts that all say the same."""

    async def call(expert: str, inputs: Mapping[str, Any]) -> Outputs:
        del expert, inputs
        return {"result": Text(answer).put(STORE)}

    return Aids(names=cards, call=call)


def thorough(subject: CheckInput, *more: Any) -> dict[str, Verdict]:
    found: Checked = asyncio.run(run_checks(subject, (*standard(), *more), "thorough"))
    told = {each.check: each for each in found.verdicts}
    quiet: Any = told["checks"].evidence if "checks" in told else []
    return {**{name: Verdict(check=name, level="pass") for name in quiet}, **told}


@pytest.mark.parametrize(
    ("heard", "level"), [(SAID.upper(), "pass"), ("coffee is dried in the sun", "fail")]
)
def test_speech_is_heard_again(heard: str, level: str) -> None:
    spoken = result(
        {"text": Text(SAID)}, {"result": voice(4.0)}, name="speak", aids=aids(heard, HEARS)
    )

    assert thorough(spoken)["round trip: speech"].level == level


def test_a_recording_is_heard_by_another() -> None:
    given = {"recording": voice(4.0)}
    same = result(given, {"result": Text(SAID)}, name="hear", aids=aids(SAID, HEARS))
    other = result(given, {"result": Text(SAID)}, name="hear", aids=aids("quite another", HEARS))
    alone = result(given, {"result": Text(SAID)}, name="hear", aids=aids(SAID))

    assert thorough(same)["agreement: speech"].level == "pass"
    assert thorough(other)["agreement: speech"].level == "fail"
    assert "agreement: speech" not in thorough(alone)


@pytest.mark.parametrize(("back", "level"), [(SAID, "pass"), ("Coffee grows up high.", "fail")])
def test_a_translation_is_translated_back(back: str, level: str) -> None:
    made = result(
        {"text": Text(SAID), "to": Data("pt")},
        {"result": Text(DITO)},
        name="translate",
        ports={"to": TO},
        aids=aids(back),
    )

    assert thorough(made)["round trip: translation"].level == level


def test_code_must_parse_and_run() -> None:
    good, bad = "```python\nprint(1)\n```", "```python\nprint(1\n```"
    runner = card("run_python", {"code": Text("x")}, {"result": Text("x")})

    async def fails(expert: str, inputs: Mapping[str, Any]) -> Outputs:
        raise ExpertFailed("The code failed in line 1: NameError.")

    asked: dict[str, Any] = {"message": Text("write a program")}

    assert thorough(result(asked, {"result": Text(good)}, aids=aids("1", runner)))[
        "code runs"
    ].level == ("pass")
    failing = thorough(result(asked, {"result": Text(good)}, aids=Aids(names=[runner], call=fails)))
    assert (failing["code"].level, failing["code runs"].level) == ("pass", "fail")
    assert thorough(result(asked, {"result": Text(bad)}))["code"].level == "fail"


def again(*answers: str, deterministic: bool = True) -> tuple[Verdict | None, int]:
    """Return what a second call's check says of 60, and how many calls it made."""
    calls = iter(answers)
    made: list[str] = []

    async def call() -> Outputs:
        made.append(next(calls))
        return {"result": Data(int(made[-1])).put(STORE)}

    subject = result({"a": Text("x")}, {"result": Data(60)}, again=call)
    subject.card = subject.card.model_copy(update={"deterministic": deterministic})
    return thorough(subject).get("again"), len(made)


def test_a_second_call_must_give_the_same_and_a_third_one_decides() -> None:
    same, once = again("60")
    own, twice = again("61", "60")
    wrong, _ = again("61", "61")
    odd, _ = again("61", "62")
    none, never = again(deterministic=False)

    assert same is not None
    assert own is not None
    assert wrong is not None
    assert odd is not None
    assert (same.level, once) == ("pass", 1)
    assert (own.level, twice) == ("pass", 2)
    assert (wrong.level, odd.level) == ("fail", "doubt")
    assert (none, never) == (None, 0)


class Model:
    """A model that always says the same of what it is shown first."""

    name = "model"

    def __init__(self, *replies: str) -> None:
        self.replies = list(replies)
        self.shown: list[str] = []

    async def __call__(
        self, messages: Sequence[Message], schema: JSONObject, bill: Bill
    ) -> AsyncIterator[str]:
        del schema, bill
        self.shown.append(messages[-1]["content"])
        yield self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def judge(*replies: str) -> ModelJudge:
    return ModelJudge(completion=Model(*replies), bill=Bill())


def test_a_judge_that_favours_the_first_place_decides_nothing() -> None:
    first = '{"better": "first"}'

    assert asyncio.run(judge(first).prefers("q", "one", "two")) == 0.5
    assert asyncio.run(judge(first, '{"better": "second"}').prefers("q", "one", "two")) == 1.0
    assert asyncio.run(judge("I cannot say.").prefers("q", "one", "two")) == 0.5


def test_a_model_judges_what_answers() -> None:
    def said(*replies: str, **more: Any) -> Verdict | None:
        subject = result({}, {"result": Text("It is 4.")}, ask="What is 2 + 3?", **more)
        return thorough(subject, Judged(judge=judge(*replies))).get("judge")

    no = said('{"accept": false, "reason": "2 + 3 is 5"}', answers=True)

    assert no is not None
    assert (no.level, no.reason) == ("fail", "2 + 3 is 5")
    assert said('{"accept": false}', answers=False) is None
    assert said("no idea", answers=True) is None


def test_a_person_is_asked() -> None:
    async def no(question: str) -> bool:
        assert "It is 4." in question
        return False

    subject = result(
        {}, {"result": Text("It is 4.")}, ask="2 + 3?", answers=True, aids=Aids(ask=no)
    )

    assert thorough(subject)["person"].level == "fail"


def test_what_a_herd_may_be_told() -> None:
    assert Checking.of(None).level == "default"
    assert Checking.of("off").level == "off"
    with pytest.raises(ConfigError, match="thorough"):
        Checking.of("through")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="is no check"):
        Checking.of([lambda subject: True])  # type: ignore[list-item]


# What the thorough level costs ---------------------------------------------------------------------


def counting(answer: str, asked: list[str]) -> Aids:
    async def call(expert: str, inputs: Mapping[str, Any]) -> Outputs:
        del inputs
        asked.append(expert)
        return {"result": Text(answer).put(STORE)}

    return Aids(names=(HEARS,), call=call)


def test_what_a_cheap_check_fails_is_not_asked_of_others() -> None:
    asked: list[str] = []
    silent = result(
        {"text": Text(SAID)}, {"result": voice(0.2)}, name="speak", aids=counting(SAID, asked)
    )
    fine = result(
        {"text": Text(SAID)}, {"result": voice(4.0)}, name="speak", aids=counting(SAID, asked)
    )

    found = asyncio.run(run_checks(silent, standard(), "thorough"))

    assert found.verdict.level == "fail"
    assert "round trip: speech" in found.left_out
    assert asked == []
    assert thorough(fine)["round trip: speech"].level == "pass"
    assert asked == ["listen@1"]


def test_dear_checks_ask_beside_each_other() -> None:
    here = asyncio.Event()

    def waiting(name: str, does_set: bool) -> Any:
        @check(name=name, level="thorough", cost=1.0)
        async def looks(subject: CheckInput) -> bool:
            del subject
            if does_set:
                here.set()
            await asyncio.wait_for(here.wait(), 30)
            return True

        return looks

    async def both() -> Checked:
        subject = result({"text": Text("x")}, {"result": Text("y")})
        return await run_checks(
            subject, [waiting("first", False), waiting("second", True)], "thorough"
        )

    assert asyncio.run(both()).verdict.level == "pass"


def test_what_an_earlier_call_confirmed_is_not_called_again() -> None:
    made: list[int] = []

    async def call() -> Outputs:
        made.append(1)
        return {"result": Data(60).put(STORE)}

    def subject() -> CheckInput:
        found = result({"a": Text("x")}, {"result": Data(60)}, again=call)
        found.card = found.card.model_copy(update={"deterministic": True})
        return found

    checks = standard()
    for _ in range(3):
        asyncio.run(run_checks(subject(), checks, "thorough"))

    assert len(made) == 1


def test_a_check_whose_call_is_not_paid_for_says_nothing() -> None:
    async def call(expert: str, inputs: Mapping[str, Any]) -> Outputs:
        raise BudgetExceeded("No call is left.")

    spoken = result(
        {"text": Text(SAID)}, {"result": voice(4.0)}, name="speak", aids=Aids(names=(HEARS,), call=call)
    )  # fmt: skip

    found = asyncio.run(run_checks(spoken, standard(), "thorough"))

    assert found.verdict.level == "pass"
