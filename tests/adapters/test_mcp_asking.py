"""Servers that ask back in the middle of a call, over both generations of the protocol."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastmcp import Client
from foreign import ask, run_one, why_not
from mcp_asking_server import server

from herd_graph import Herd, Image, Text, expert
from herd_graph.adapters.mcp_asking import MOST_SAMPLES, Elicitation
from herd_graph.budgets import Budget
from herd_graph.errors import DeclarationError
from herd_graph.recording.events import Event
from herd_graph.steps import Patience

COMMAND = f"mcp:{sys.executable} {Path(__file__).parent.with_name('mcp_asking_server.py')}"


@expert(cost_usd=0.01)
async def model(text: Text) -> Text:
    """Say a text again, for a cent."""
    return text


def saying(answer: Any) -> Callable[[Elicitation], Any]:
    """Return a person who always says the same."""

    def say(_: Elicitation) -> Any:
        return answer

    return say


@pytest.fixture(params=["auto", "legacy"])
def herd_of(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Herd]:
    """Make herds of the server's tools, over one of the generations."""

    def make(*experts: Any, **options: Any) -> Herd:
        herd = Herd(*experts, home=tmp_path, checkpoints="memory", patience=Patience(attempts=1))
        herd.add(Client(server, mode=request.param), **options)
        return herd

    return make


def test_a_person_answers_in_the_middle_of_a_call(herd_of: Callable[..., Herd]) -> None:
    asked: list[Elicitation] = []

    def answer(question: Elicitation) -> dict[str, Any]:
        asked.append(question)
        return {"day": "Friday", "people": 4}

    events: list[Event] = []
    with herd_of(ask=answer) as herd:
        run = run_one(herd, "book", name="Ann", events=events)

    assert run.answer.text == "4 on Friday"
    (question,) = asked
    assert (question.run, question.step) == (run.id, "s1")
    assert "\x1b" not in question.message
    assert set(question.fields["properties"]) == {"day", "people"}
    assert any("asks: When" in str(each.data.get("message")) for each in events)


def test_an_answer_may_be_async_and_of_one_value(herd_of: Callable[..., Herd]) -> None:
    async def yes(question: Elicitation) -> bool:
        return question.message == "Really?"

    with herd_of(ask=yes) as herd:
        assert str(ask(herd, "wipe")) == "accept {'value': True}"


def test_none_declines(herd_of: Callable[..., Herd]) -> None:
    with herd_of(ask=saying(None)) as herd:
        assert str(ask(herd, "book", name="Ann")) == "nothing is booked: decline"


@pytest.mark.parametrize("answer", [{"day": "Friday"}, {"day": "Friday", "people": 0}, "Friday", 7])
def test_an_answer_that_was_not_asked_for_is_not_sent(
    herd_of: Callable[..., Herd], answer: Any
) -> None:
    with herd_of(ask=saying(answer)) as herd:
        assert "day" in why_not(herd, "book", name="Ann")


def test_where_nobody_was_named_the_server_is_told_that_it_may_not_ask(
    herd_of: Callable[..., Herd],
) -> None:
    with herd_of() as herd:
        assert "Pass ask=" in why_not(herd, "book", name="Ann")
        assert "Pass sampler=" in why_not(herd, "summary", text="abc")


def test_an_expert_is_lent_as_a_model_and_the_run_pays(herd_of: Callable[..., Herd]) -> None:
    with herd_of(sampler=model) as herd:
        run = run_one(herd, "summary", text="abc")
        poor = run_one(herd, "summary", text="abc", budget=Budget(usd=0.001))

    assert run.answer.text == "herd/model: Be brief.\n\nabc"
    attempts = len(run.records["s1"].attempts)  # a check may ask for another
    assert run.usd == pytest.approx(0.01 * attempts)  # pyright: ignore[reportUnknownMemberType]
    assert poor.status == "failed"


def test_a_server_may_not_bring_tools_for_the_model(tmp_path: Path) -> None:
    with Herd(home=tmp_path, checkpoints="memory", patience=Patience(attempts=1)) as herd:
        herd.add(server, sampler=model)

        assert "comes with tools" in why_not(herd, "scheme")


def test_a_program_asks_as_well(tmp_path: Path) -> None:
    with Herd(home=tmp_path, checkpoints="memory") as herd:
        herd.add(COMMAND, ask=saying({"day": "Monday", "people": 2}), sampler=model)

        assert str(ask(herd, "book", name="Ann")) == "2 on Monday"
        assert str(ask(herd, "summary", text="x")) == "herd/model: Be brief.\n\nx"


@expert(approve=True)
def pay(text: Text) -> Text:
    """Pay."""
    return text


@expert
def look(picture: Image) -> Text:
    """Look at a picture."""
    return Text(str(picture))


@expert
def draw(text: Text) -> Image:
    """Draw."""
    raise NotImplementedError(text.text)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"sampler": "litellm:x"}, "it is no expert"),
        ({"sampler": pay}, "asks a person before"),
        ({"sampler": look}, "other inputs than one text"),
        ({"sampler": draw}, "gives no text"),
        ({"ask": "yes"}, "is no function"),
    ],
)
def test_who_cannot_answer_is_refused_at_once(
    options: dict[str, Any], why: str, tmp_path: Path
) -> None:
    with (
        Herd(home=tmp_path, checkpoints="memory") as herd,
        pytest.raises(DeclarationError, match=why),
    ):
        herd.add(server, **options)


def test_a_server_uses_the_model_so_often_and_no_more(tmp_path: Path) -> None:
    with Herd(home=tmp_path, checkpoints="memory", patience=Patience(attempts=1)) as herd:
        herd.add(Client(server, mode="legacy"), sampler=model)

        assert str(ask(herd, "ramble", times=MOST_SAMPLES)) == "a" * MOST_SAMPLES
        assert f"more than {MOST_SAMPLES} times" in why_not(herd, "ramble", times=MOST_SAMPLES + 1)
