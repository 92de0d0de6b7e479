"""Help: quick, complete, with an example for every command, and in step with the docs."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from herd_graph.cli.app import app

SERVERS = {"mcp"}
"""Commands without a result: they serve until they are stopped."""
DOCS = Path(__file__).parents[2] / "docs" / "cli.md"


def commands() -> Iterator[tuple[str, Any]]:
    root: Any = typer.main.get_command(app)
    yield from _below("", root)


def _below(prefix: str, group: Any) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _below(f"{prefix}{name} ", command)
        else:
            yield f"{prefix}{name}", command


def test_these_are_the_commands() -> None:
    assert sorted(name for name, _ in commands()) == [
        "bench discovery",
        "bench planning",
        "bench routing",
        "blame",
        "chat",
        "collect",
        "debug",
        "diff",
        "doctor",
        "eval",
        "experts check",
        "experts docs",
        "experts find",
        "experts list",
        "experts show",
        "export",
        "feedback",
        "mcp",
        "new",
        "plan",
        "replay",
        "resume",
        "routers compare",
        "routers decisions",
        "routers list",
        "routers show",
        "run",
        "runs list",
        "runs prune",
        "runs show",
        "serve keys add",
        "serve keys list",
        "serve keys revoke",
        "train quality",
        "train router",
        "view",
        "why",
        "zoo add",
        "zoo drop",
        "zoo eval",
        "zoo list",
        "zoo merge",
        "zoo route",
        "zoo taxonomy",
        "zoo train",
    ]


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_command_says_what_it_does_with_an_example_and_takes_json(
    name: str, command: Any
) -> None:
    assert f"Example: herd {name}" in command.help
    if name not in SERVERS:
        assert "--json" in {option for each in command.params for option in each.opts}
    assert all(each.help for each in command.params if each.opts != ["--help"])


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_the_docs_name_every_command_and_option(name: str, command: Any) -> None:
    text = DOCS.read_text(encoding="utf-8")

    assert name.rsplit(maxsplit=1)[-1] in text
    for each in command.params:
        longest = max([*each.opts, *each.secondary_opts], key=len)
        if longest.startswith("--") and longest != "--help":
            assert longest in text


MEASURED = """
import sys
from herd_graph.cli import main
main(["--help"])
heavy = {"litellm", "chromadb", "transformers", "torch", "langgraph", "numpy", "pydantic"}
print(sorted({name.partition(".")[0] for name in sys.modules} & heavy))
"""


def test_help_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_help_answers_within_half_a_second() -> None:
    def once() -> float:
        """Return the seconds of computing: how long others held it up says nothing about it."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "herd_graph.cli", "--help"], check=True, capture_output=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(once() for _ in range(5)) < 0.5
