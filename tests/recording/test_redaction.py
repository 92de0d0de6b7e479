"""Secrets that were planted in a run: none of them is in its file, and the file replays."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from herd_graph.artifacts import Data, Text
from herd_graph.conventions import EVENT_NAMES
from herd_graph.errors import ArtifactUnreadable
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.recording.files import Recording
from herd_graph.redaction import MARK, Redactor
from herd_graph.run_logs import logger
from herd_graph.store import MemoryStore
from herd_graph.testing import assert_replays

OPENAI = "sk-proj-Ab3dEf6hIj9kLmN0pQrStUvWx"
GITHUB = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
PASSWORD = "hunter2-hunter2"
HELD = "a value only the environment knows"
PLANTED = (OPENAI, GITHUB, JWT, PASSWORD, HELD)


@expert
def reads_settings(text: Text) -> Data[dict[str, str]]:
    """Give settings with a password in them."""
    return Data({"password": PASSWORD, "user": "annabel", "said": str(text), "long": "x" * 5000})


@expert
def tells(settings: Data[dict[str, str]]) -> Text:
    """Tell settings in words, the password among them."""
    value: Any = settings.value
    return Text(f"{value['user']} has {value['password']} and {HELD}. {value['said']}")


@expert
def falls(text: Text) -> Text:
    """Fail with a header in the message."""
    raise ValueError(f"401 for Authorization: Bearer {JWT} ({text})")


PLAN = Plan.parse(
    {
        "steps": [
            {"id": "s1", "expert": "reads_settings", "inputs": {"text": {"input": "a1"}}},
            {"id": "s2", "expert": "tells", "inputs": {"settings": {"step": "s1"}}},
            {"id": "s3", "expert": "falls", "inputs": {"text": {"value": f"token={GITHUB}"}}},
        ],
        "inputs": {"a1": {"name": "a1", "kind": "text"}},
    }
)


@pytest.fixture
def herd(monkeypatch: pytest.MonkeyPatch) -> Herd:
    monkeypatch.setenv("VAULT_TOKEN", HELD)
    return Herd(reads_settings, tells, falls, checkpoints="memory", store=MemoryStore())


def everything(path: Path) -> bytes:
    """Return all that a recording holds, unpacked."""
    with zipfile.ZipFile(path) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def test_no_planted_secret_is_in_the_file_and_it_replays(herd: Herd, tmp_path: Path):
    given = f"My key is {OPENAI}. {'Much more text. ' * 600}"
    run = herd.run(PLAN, a1=given)
    file = run.save(tmp_path / "run.herdrun")

    held = everything(file)
    assert [each for each in PLANTED if each.encode() in held] == []
    assert MARK.encode() in held
    again = assert_replays(file)
    assert str(again.output("s2")).startswith(f"annabel has {MARK} and {MARK}. My key is {MARK}")
    assert [again.records[each].status for each in ("s1", "s2", "s3")] == ["done", "done", "failed"]


def test_what_is_recorded_as_it_goes_is_clean_too(herd: Herd, tmp_path: Path):
    herd.run(PLAN, a1=f"My key is {OPENAI}.", record=tmp_path / "run.herdrun")

    held = everything(tmp_path / "run.herdrun")
    assert [each for each in PLANTED if each.encode() in held] == []
    assert_replays(tmp_path / "run.herdrun")


def test_a_run_without_secrets_is_written_as_it_is(herd: Herd, tmp_path: Path):
    plan = Plan.parse(
        {
            "steps": [{"id": "s1", "expert": "falls", "inputs": {"text": {"value": "so"}}}],
        }
    )
    run = herd.run(plan)
    with Recording(run.save(tmp_path / "run.herdrun")) as recording:
        (call,) = recording.calls

    assert call.inputs["text"].inline == "so"  # pyright: ignore[reportAttributeAccessIssue]


def test_metadata_holds_nothing_that_was_said(herd: Herd, tmp_path: Path):
    run = herd.run(PLAN, a1="Nobody may read this. " * 500)
    file = run.save(tmp_path / "run.herdrun", contents="metadata")

    held = everything(file)
    assert b"Nobody may read" not in held
    assert b"reads_settings@1" in held
    assert b"annabel" not in held
    with pytest.raises(ArtifactUnreadable, match="metadata alone"):
        herd.replay(file)


def test_events_have_their_conventional_names(herd: Herd, tmp_path: Path):
    file = herd.run(PLAN, a1="hello").save(tmp_path / "run.herdrun")
    with zipfile.ZipFile(file) as archive:
        lines = [json.loads(each) for each in archive.read("events.jsonl").splitlines()]

    assert {each["kind"]: each["name"] for each in lines}.items() <= EVENT_NAMES.items()
    with Recording(file) as recording:
        assert [each.kind for each in recording.events] == [each["kind"] for each in lines]


def test_our_log_lines_hold_no_secret(caplog: pytest.LogCaptureFixture):
    logger("herd_graph.test").warning("calling with %s failed", {"api_key": OPENAI})

    assert OPENAI not in caplog.text
    assert "calling with" in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {'a' * 30}",
        "postgres://ann:s3cr3tpass@db.example/x",
        '{"api_key": "abcdef123456"}',
        "OPENAI_API_KEY=abcdef123456",
        "x-api-key: abcdef123456",
        "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
        "AKIAIOSFODNN7EXAMPLE",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
        f"hf_{'a1' * 15}",
        "client-secret: 'abcdef123456'",
    ],
)
def test_secrets_of_usual_forms_are_taken_out(text: str):
    clean = Redactor({}).text(text)

    assert MARK in clean
    assert "abcdef123456" not in clean
    assert "s3cr3tpass" not in clean
    assert "MIIEow" not in clean


@pytest.mark.parametrize(
    "text",
    [
        "The key to success is patience.",
        "He used 12 tokens: three for each ride.",
        "https://example.com/a?b=c#d",
        "The secret: be kind.",
        "sk-learn is written scikit-learn",
        "Password rules are on page 3.",
        "at 09:30 in room 5-12",
    ],
)
def test_plain_words_stay(text: str):
    assert Redactor({}).text(text) == text


@example({"tokens": 12, "input_tokens": 3, "key": "C major"})
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=12,
    )
)
def test_taking_out_twice_is_taking_out_once(value: Any):
    cleaner = Redactor({"MY_TOKEN": "0123456789"})
    once = cleaner.json(value)

    assert cleaner.json(once) == once
