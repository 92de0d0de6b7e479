"""``herd.toml``: a herd that is configured."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from adapter_calls import ask

from herd_graph import Budget, Config, Herd, Text
from herd_graph.errors import ConfigError
from herd_graph.settings import configured, find, read

WORDS = '''
from herd_graph import Text

def shorten(text: Text, words: int = 3) -> Text:
    """Keep the first words of a text."""
    return Text(" ".join(text.text.split()[:words]))
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "project"
    made.mkdir()
    (made / "words.py").write_text(WORDS)
    monkeypatch.delenv("HERD_HOME")
    monkeypatch.delenv("HERD_CONFIG", raising=False)
    monkeypatch.chdir(made)
    return made


def write(folder: Path, text: str) -> Path:
    path = folder / "herd.toml"
    path.write_text(text)
    return path


WHOLE = """
[herd]
home = "state"
memory = "2 GiB"
budget = "usd=0.5,seconds=60"
folders = ["inbox"]
embedded = false

[models]
fast = "litellm:openai/gpt-5-mini"
near = { ref = "litellm:openai/qwen", api_base = "http://127.0.0.1:8080/v1" }

[[experts]]
ref = "fast"
name = "gpt"
description = "Write letters."
api_key = "env:OPENAI_API_KEY"
gives = { letter = "text", score = "number" }

[[experts]]
ref = "near"
takes = { picture = "image", question = "text?" }

[[experts]]
ref = "python:./words.py:shorten"

[serve]
port = 9000

[[rules]]
forbid = ["gpt"]
when = { says = "private" }
"""


def test_a_file_makes_a_herd(folder: Path) -> None:
    path = write(folder, WHOLE)
    with Herd.from_config() as herd:
        cards = {card.name: card for card in herd.registry.snapshot().cards}
        run = ask(herd, "shorten", text=Text("one two three four"))
        settings = herd.settings

    assert sorted(cards) == ["gpt", "qwen", "shorten"]
    assert cards["gpt"].description == "Write letters."
    assert cards["gpt"].signature.endswith("-> (letter: Text, score: Data[number])")
    assert cards["qwen"].signature == "qwen(picture: Image, question: Text = …) -> Text"
    assert cards["qwen"].locality == "local"
    assert str(run.output("s1")) == "one two three"
    assert (herd.home, herd.config.folders) == (folder / "state", (folder / "inbox",))
    assert herd.engine.budget == Budget(usd=0.5, seconds=60)
    assert herd.residency.memory == 2 << 30
    assert settings is not None
    assert settings.path == path
    assert settings.serve == {"port": 9000}
    assert settings.rules == ({"forbid": ["gpt"], "when": {"says": "private"}},)


def test_the_nearest_file_upwards_is_read_and_paths_are_relative_to_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, '[herd]\nembedded = false\n[[experts]]\nref = "python:./words.py:shorten"\n')
    inner = folder / "a" / "b"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    with Herd.from_config(checkpoints="memory", home=folder / "state") as herd:
        assert "shorten" in herd.registry

    assert find() == folder / "herd.toml"


def test_without_a_file_it_is_the_default_herd(folder: Path) -> None:
    assert read() is None
    with Herd.from_config(checkpoints="memory", home=folder / "state") as herd:
        assert "calculate" in herd.registry
        assert herd.settings is None


def test_the_environment_and_the_program_come_first(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, '[herd]\nhome = "state"\nmemory = "1 GiB"\nembedded = false\n')
    assert configured().home == folder / "state"
    monkeypatch.setenv("HERD_HOME", str(tmp_path / "mine"))
    with Herd.from_config(memory="2 GiB") as herd:
        assert herd.home == tmp_path / "mine"
        assert herd.residency.memory == 2 << 30


def test_a_file_may_be_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = folder / "other.toml"
    other.write_text("[herd]\nembedded = false\n")
    write(folder, "nonsense = 1\n")

    assert find(other) == other
    monkeypatch.setenv("HERD_CONFIG", str(other))
    assert find() == other
    monkeypatch.setenv("HERD_CONFIG", "")
    assert find() is None
    monkeypatch.setenv("HERD_CONFIG", str(folder / "nowhere.toml"))
    with pytest.raises(ConfigError, match="does not exist"):
        find()


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("[herd]\nmemroy = '1 GiB'", ["herd.memroy", "Did you mean 'memory'"]),
        ("[hred]\n", ["hred: there is no such key", "Did you mean 'herd'"]),
        ("[herd]\nmemory = 'much'", ["herd.memory", "'512 MiB' or '4 GiB'"]),
        ("[herd]\nbudget = 'lots'", ["herd.budget", "usd=…"]),
        ("[herd]\nbudget = {usd = -1}", ["herd.budget", "-1"]),
        ("[[experts]]\nname = 'x'", ["experts[0].ref", "Field required"]),
        ("[[experts]]\nref = 3", ["experts[0].ref", "valid string"]),
        ("[herd\n", ["Expected TOML"]),
        ("[[experts]]\nref = 'gpt'", ["experts[0] ('gpt')", "names no expert"]),
        ("[[experts]]\nref = 'litellm:a/b'\ntmperature = 1", ["experts[0]", "'temperature'"]),
        ("[[experts]]\nref = 'litellm:a/b'\ngives = 'smell'", ["experts[0]", "no kind of payload"]),
        ("[[experts]]\nref = 'litellm:a/b'\napi_key = 'sk-1'", ["api_key", "'env:NAME'"]),
        (
            "[[experts]]\nref='litellm:a/b'\n[[experts]]\nref='litellm:a/b'",
            ["experts[1]", "name ="],
        ),
        ("[[experts]]\nref = 'python:./nowhere.py:x'", ["experts[0]", "does not exist"]),
    ],
)
def test_mistakes_are_told_with_the_file_and_the_key(
    folder: Path, text: str, messages: list[str]
) -> None:
    path = write(folder, text if "[herd" in text else f"{text}\n[herd]\nembedded = false\n")
    with pytest.raises(ConfigError) as raised:
        Herd.from_config(checkpoints="memory", home=folder / "state")

    assert str(raised.value).startswith(str(path))
    for each in messages:
        assert each in str(raised.value)
    assert "sk-1" not in str(raised.value)


def test_what_cannot_be_reached_stops_nobody(folder: Path) -> None:
    write(
        folder,
        "[herd]\nembedded = false\n"
        "[[experts]]\nref = 'openapi:http://127.0.0.1:9/openapi.json'\n"
        "[[experts]]\nref = 'python:./words.py:shorten'\n",
    )
    with Herd.from_config(checkpoints="memory", home=folder / "state") as herd:
        assert "shorten" in herd.registry
        assert list(herd.unavailable) == ["openapi:http://127.0.0.1:9/openapi.json"]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs owners of files")
def test_a_file_that_anybody_may_write_is_refused(folder: Path) -> None:
    path = write(folder, "[herd]\nembedded = false\n")
    path.chmod(0o666)

    with pytest.raises(ConfigError, match="everybody may write"):
        find()
    assert find(path) == path  # somebody named it


def test_the_command_line_uses_it(folder: Path) -> None:
    write(folder, WHOLE.replace("embedded = false", 'embedded = false\nrouter = "semantic"'))
    environment = {each: value for each, value in os.environ.items() if each != "HERD_CONFIG"}

    def herd(*arguments: str) -> Any:
        return subprocess.run(
            [sys.executable, "-m", "herd_graph.cli", *arguments],
            check=False, capture_output=True, text=True, cwd=folder, env=environment, timeout=120,
        )  # fmt: skip

    path = folder / "herd.toml"
    path.write_text(path.read_text() + "[[experts]]\nref = 'openapi:http://127.0.0.1:9/x.json'\n")
    listed, shown = herd("experts", "list"), herd("experts", "show", "gpt")
    (folder / "herd.toml").write_text("[herd]\nhoem = 'x'\n")
    wrong = herd("experts", "list")

    assert [line.split()[0] for line in listed.stdout.splitlines()[1:]] == [
        "gpt@1",
        "qwen@1",
        "shorten@1",
    ], listed.stderr
    assert "data leaves this machine" in shown.stdout
    assert "herd.toml: openapi:http://127.0.0.1:9/x.json is left out" in listed.stderr
    assert (folder / "state").is_dir()
    assert wrong.returncode == 2
    assert "Did you mean 'home'" in wrong.stderr


def test_the_doctor_looks_at_it(folder: Path) -> None:
    from herd_graph.doctor.configuration import settings

    def told() -> list[tuple[str, str]]:
        return [(each.level, each.detail) for each in settings(Config.from_environment())]

    assert told() == []
    path = write(folder, WHOLE)
    assert told() == [("ok", f"{path}: 3 entries work")]
    write(folder, "[[experts]]\nref = 'openapi:http://127.0.0.1:9/x.json'\n")
    assert [level for level, _ in told()] == ["ok", "warn"]
    write(folder, "[herd]\nhoem = 'x'\n")
    assert [level for level, _ in told()] == ["fail"]


def test_rules_hold_whatever_router_is_asked_for(folder: Path) -> None:
    write(
        folder,
        """
[herd]
embedded = false

[[experts]]
ref = "python:./words.py:shorten"

[[rules]]
forbid = ["shorten"]
reason = "not in this project"
""",
    )
    with Herd.from_config() as herd:
        route = herd.plan("shorten this text: one two three four")

    assert route.plan.abstained
    assert route.trace.router.startswith("rules")


def test_a_rule_that_is_none_is_refused(folder: Path) -> None:
    write(folder, "[herd]\nembedded = false\n\n[[rules]]\nforbit = ['x']\n")

    with pytest.raises(ConfigError, match="Rule 1"):
        Herd.from_config()


def test_a_planning_model_is_asked_only_in_doubt(folder: Path) -> None:
    write(folder, '[herd]\nembedded = false\n\n[models]\nplanner = "litellm:openai/gpt-5-mini"\n')
    with Herd.from_config() as herd:
        assert herd.engine.router.name == "cascade"
