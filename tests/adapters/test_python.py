"""``python:module:name``: what is written in Python, named in a string."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from adapter_calls import ask

from herd_graph import Herd, Text
from herd_graph.errors import DeclarationError

MODULE = '''
"""Experts of a test."""
from herd_graph import Text, expert, workflow

def shorten(text: Text, words: int = 3) -> Text:
    """Keep the first words of a text.

    Args:
        text: What to shorten.
        words: How many words stay.
    """
    return Text(" ".join(text.text.split()[:words]))

@expert
def shout(text: Text) -> Text:
    """Write a text in capital letters."""
    return Text(text.text.upper())

@workflow
def loud(text: Text) -> Text:
    """Shout a text."""
    return shout(text)

class Twice:
    """Say a text two times."""
    def load(self) -> None:
        self.times = 2
    def __call__(self, text: Text) -> Text:
        return Text(text.text * self.times)

class Group:
    inner = shout

everything = [shout, loud]
number = 3
'''


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "words_for_a_test.py"
    path.write_text(MODULE)
    (tmp_path / "broken_for_a_test.py").write_text("import no_such_library\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield path
    for name in [each for each in sys.modules if "_for_a_test" in each]:
        del sys.modules[name]


def names(herd: Herd) -> list[str]:
    return [card.name for card in herd.registry.snapshot().cards]


def test_an_annotated_function_is_wrapped(herd: Herd) -> None:
    herd.add("python:words_for_a_test:shorten", name="brief", tags=["short"])

    card = herd.registry.find("brief").card
    assert card.signature == "brief(text: Text, words: Data[integer] = …) -> Text"
    assert (card.tags, card.inputs[1].default) == (("short",), 3)


def test_what_is_wrapped_runs(herd: Herd) -> None:
    herd.add("python:words_for_a_test:shorten", "python:words_for_a_test:Twice")

    run = ask(herd, "shorten", text=Text("one two three four"), words=2)

    assert str(run.output("s1")) == "one two"
    assert str(ask(herd, "twice", text=Text("one")).output("s1")) == "oneone"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("python:words_for_a_test:shout", ["shout"]),
        ("python:words_for_a_test:loud", ["loud"]),
        ("python:words_for_a_test:Group.inner", ["shout"]),
        ("python:words_for_a_test:everything", ["loud", "shout"]),
        ("python:words_for_a_test:Twice", ["twice"]),
    ],
)
def test_experts_workflows_lists_and_classes_are_found(
    herd: Herd, reference: str, expected: list[str]
) -> None:
    herd.add(reference)

    assert names(herd) == expected


def test_a_file_is_named_by_its_path_and_imported_once(herd: Herd, module: Path) -> None:
    herd.add(f"python:{module}:shout", f"python:{module}:loud")

    assert names(herd) == ["loud", "shout"]
    assert herd.registry.find("shout") is herd.registry.find("loud").experts["shout@1"]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("python:words_for_a_test", "python:package.module:name"),
        ("python:words_for_a_test:shot", "Did you mean 'shout'"),
        ("python:words_for_a_test:number", "'int'. Expected an expert"),
        ("python:nowhere_to_be_found:x", "not installed: 'nowhere_to_be_found'"),
        ("python:broken_for_a_test:x", "No module named 'no_such_library'"),
        ("python:./nowhere.py:x", "does not exist"),
    ],
)
def test_what_cannot_be_found_is_said(herd: Herd, reference: str, message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        herd.add(reference)


def test_an_expert_takes_no_options_and_a_function_only_those_of_a_card(herd: Herd) -> None:
    with pytest.raises(DeclarationError, match="is an expert, whose card"):
        herd.add("python:words_for_a_test:shout", name="loud")
    with pytest.raises(DeclarationError, match=r"no option 'discription'.*'description'"):
        herd.add("python:words_for_a_test:shorten", discription="x")
