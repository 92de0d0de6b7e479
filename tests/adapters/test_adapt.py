"""``Herd.add``: references and foreign objects become experts, follow their source, and go."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from herd_graph import Herd, Text, expert, workflow
from herd_graph.adapters import Source, adaptable
from herd_graph.adapters.sources import Sources
from herd_graph.errors import DeclarationError, ExpertExists, ExpertNotRegistered
from herd_graph.experts import Expert
from herd_graph.registry import Registry
from herd_graph.testing import echo, scripted


@pytest.fixture
def herd() -> Any:
    with Herd(checkpoints="memory") as made:
        yield made


def names(herd: Herd) -> list[str]:
    return [card.id for card in herd.registry.snapshot().cards]


def untyped(text: Text) -> Text:
    return text


@expert
def shout(text: Text) -> Text:
    """Write a text in capital letters."""
    return Text(text.text.upper())


def test_experts_and_workflows_are_taken_as_they_are(herd: Herd) -> None:
    @workflow
    def twice(text: Text) -> Text:
        """Shout twice."""
        return shout(shout(text))

    herd.add(shout, twice)

    assert names(herd) == ["shout@1", "twice@1"]
    assert herd.registry.find("shout") is shout


def test_everything_is_registered_or_nothing(herd: Herd) -> None:
    with pytest.raises(DeclarationError, match="names no expert"):
        herd.add(shout, "shout")

    assert names(herd) == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("gpt-5-mini", "'litellm:openai/gpt-5-mini'"),
        ("litelm:openai/gpt-5-mini", "Did you mean 'litellm'"),
        (untyped, "A Python function needs @expert above it"),
        (42, "cannot be made an expert"),
        (["litellm:x"], "cannot be made an expert"),
    ],
)
def test_what_cannot_be_an_expert_is_named_with_what_can(
    herd: Herd, given: object, message: str
) -> None:
    assert not adaptable(given)
    with pytest.raises(DeclarationError, match=message):
        herd.add(given)


def test_options_beside_an_expert_are_refused(herd: Herd) -> None:
    with pytest.raises(DeclarationError, match="whose card says everything already"):
        herd.add(shout, name="loud")


def test_adding_works_inside_a_running_loop(herd: Herd) -> None:
    async def add() -> None:
        await herd.aadd("python:test_adapt_module:greet")

    module = type(sys)("test_adapt_module")
    vars(module)["greet"] = shout
    sys.modules["test_adapt_module"] = module
    try:
        asyncio.run(add())
    finally:
        del sys.modules["test_adapt_module"]

    assert names(herd) == ["shout@1"]


# Sources that change ----------------------------------------------------------------------------


class Server:
    """A source that changes, as a test says."""

    def __init__(self, *experts: Expert) -> None:
        self.closed = 0
        self.tell: Callable[[tuple[Expert, ...]], None] = lambda _: None
        self.source = Source(
            name="a server", experts=experts, follow=self._follow, close=self._close
        )

    def _follow(self, changed: Callable[[tuple[Expert, ...]], None]) -> None:
        self.tell = changed

    async def _close(self) -> None:
        self.closed += 1


class Kept:
    """A registry with the sources of a herd, and what was dropped."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.dropped: list[Expert] = []
        self.sources = Sources(self.registry, self._drop)

    async def _drop(self, expert: Expert) -> None:
        self.dropped.append(expert)

    def add(self, server: Server) -> None:
        self.sources.register(server.source.experts, replace=False)
        self.sources._follow(server.source)

    @property
    def names(self) -> list[str]:
        return sorted(self.registry.snapshot())


def test_a_source_that_changes_changes_the_registry() -> None:
    kept, one, two = Kept(), echo("one"), echo("two")
    server = Server(one, two)
    kept.add(server)
    newer, three = echo("two"), echo("three")

    server.tell((newer, three))

    assert kept.names == ["three@1", "two@1"]
    assert kept.registry.find("two") is newer


def test_a_name_that_somebody_else_has_stays_theirs(caplog: pytest.LogCaptureFixture) -> None:
    kept, mine = Kept(), scripted("mine", script=["x"])
    kept.registry.add(mine)
    server = Server(echo("one"))
    kept.add(server)

    server.tell((echo("one"), echo("mine")))

    assert kept.registry.find("mine") is mine
    assert "'mine@1', which is registered already" in caplog.text


def test_what_a_person_removed_does_not_come_back() -> None:
    async def story() -> None:
        kept, one, two = Kept(), echo("one"), echo("two")
        server = Server(one, two)
        kept.add(server)
        await kept.sources.forget(kept.registry.remove("two"))

        server.tell((echo("one"), echo("two"), echo("three")))

        assert kept.names == ["one@1", "three@1"]
        assert server.closed == 0

    asyncio.run(story())


def test_the_last_expert_closes_its_source() -> None:
    async def story() -> None:
        kept = Kept()
        server = Server(echo("one"), echo("two"))
        kept.add(server)

        await kept.sources.forget(kept.registry.remove("one"))
        assert server.closed == 0
        await kept.sources.forget(kept.registry.remove("two"))
        server.tell((echo("late"),))

        assert (server.closed, kept.names) == (1, [])

    asyncio.run(story())


def test_closing_closes_every_source_once() -> None:
    async def story() -> None:
        kept = Kept()
        servers = [Server(echo("one")), Server(echo("two"))]
        for each in servers:
            kept.add(each)

        await kept.sources.close()
        await kept.sources.close()

        assert [each.closed for each in servers] == [1, 1]

    asyncio.run(story())


def test_the_same_name_twice_is_refused_unless_it_replaces(herd: Herd) -> None:
    herd.add(echo("one"))

    with pytest.raises(ExpertExists):
        herd.add(echo("one"))
    herd.add(echo("one"), replace=True)
    herd.remove("one")

    with pytest.raises(ExpertNotRegistered):
        herd.remove("one")


def test_asking_what_an_object_is_imports_nothing() -> None:
    code = (
        "from herd_graph import Herd\n"
        "from herd_graph import adapters\n"
        "adapters.adaptable('mcp:x'), adapters.adaptable(object())\n"
        "import sys\n"
        "heavy = {'langchain_core', 'litellm', 'transformers', 'torch', 'fastmcp', 'httpx'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
