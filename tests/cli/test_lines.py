"""Lines that a person types: paths in them, as terminals put them there, and completion."""

from __future__ import annotations

from pathlib import Path

import pytest

from herd_graph.cli.lines import completions, paths_in


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "note.wav").write_text("x")
    (tmp_path / "my photo.png").write_text("x")
    (tmp_path / "plain").write_text("x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "text", "names"),
    [
        ("transcribe note.wav please", "transcribe note.wav please", ["note.wav"]),
        ("transcribe ./note.wav", "transcribe note.wav", ["note.wav"]),
        ("note.wav", "", ["note.wav"]),
        ("'my photo.png' note.wav", "", ["my photo.png", "note.wav"]),
        ("read my\\ photo.png", "read my photo.png", ["my photo.png"]),
        ("what does note.wav say?", "what does note.wav say?", ["note.wav"]),
        ("is it in note.wav?", "is it in note.wav", ["note.wav"]),
        ("that is plain", "that is plain", []),
        ("don't touch other.wav", "don't touch other.wav", []),
        ('translate "good morning" now', 'translate "good morning" now', []),
        ("", "", []),
    ],
)
def test_paths_are_taken_out_and_named(files: Path, line: str, text: str, names: list[str]) -> None:
    said, paths = paths_in(line)

    assert (said, [each.name for each in paths]) == (text, names)


def test_a_file_url_is_a_path(files: Path) -> None:
    text, paths = paths_in(f"read file://{files}/my%20photo.png aloud")

    assert (text, [each.name for each in paths]) == ("read my photo.png aloud", ["my photo.png"])


def test_commands_and_paths_are_completed(files: Path) -> None:
    assert completions("/pl", ("/plan", "/why")) == ["/plan"]
    assert completions("no", ("/plan",)) == ["note.wav"]
    assert completions("my", ()) == ["my\\ photo.png"]
    assert completions(f"{files}/pl", ()) == [f"{files}/plain"]
