"""Produced files: named safely, saved without overwriting, found again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Audio, Image, Text
from herd_graph.cli.files import file_name, produced, save
from herd_graph.errors import ConfigError
from herd_graph.store import FolderStore
from herd_graph.types import ArtifactRef, Kind, Provenance

MADE = Provenance(run="r1", step="s1", expert="speak@1", port="speech")


def ref(name: str = "", mime: str = "audio/wav", kind: Kind = Kind.AUDIO) -> ArtifactRef:
    return ArtifactRef(id="0" * 64, kind=kind, mime=mime, size=1, name=name, provenance=MADE)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("speech.wav", "speech.wav"),
        ("", "speak.wav"),
        ("../../etc/passwd", "passwd.wav"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/cron.d/x.sh", "x.sh"),
        ("-rf.wav", "rf.wav"),
        ("...", "speak.wav"),
        ("a\x1b[2J\nb.wav", "a__2J_b.wav"),
        ("grüße 1.wav", "grüße 1.wav"),
    ],
)
def test_names_are_plain_whatever_an_expert_calls_its_output(name: str, expected: str) -> None:
    assert expected == file_name(ref(name))


@given(st.text(max_size=300))
def test_no_name_leaves_the_folder_or_hides(name: str) -> None:
    made = file_name(ref(name))

    assert Path(made).name == made
    assert not made.startswith((".", "-"))
    assert made.isprintable()
    assert 1 < len(made) <= 120


def test_the_same_content_is_saved_once(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"sound")

    first, second = (save(source, tmp_path / "out", "a.wav") for _ in range(2))

    assert tmp_path / "out" / "a.wav" == first == second
    assert [first] == list((tmp_path / "out").iterdir())


def test_other_content_is_never_overwritten(tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    out.mkdir()
    (out / "a.wav").write_bytes(b"mine")
    (out / "a-2.wav").symlink_to(tmp_path / "elsewhere")
    source.write_bytes(b"sound")

    saved = save(source, out, "a.wav")

    assert out / "a-3.wav" == saved
    assert ((out / "a.wav").read_bytes(), saved.read_bytes()) == (b"mine", b"sound")
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_made_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    source = tmp_path / "source"
    source.write_bytes(b"sound")

    with pytest.raises(ConfigError, match="--out"):
        save(source, tmp_path / "file", "a.wav")


def test_only_files_that_experts_made_are_listed(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "artifacts")
    made = Audio(b"RIFFsound", mime="audio/wav", name="a.wav").put(store, MADE)
    attached = Image(b"\x89PNG", mime="image/png", name="b.png").put(store)
    words = Text("hello").put(store, MADE)

    kept = produced([made, attached, words, made], store, None)
    saved = produced([made], store, tmp_path / "out")

    assert [(each.name, each.saved) for each in kept] == [("a.wav", False)]
    assert kept[0].path is not None
    assert kept[0].path.read_bytes() == b"RIFFsound"
    assert str(kept[0]) == f"kept at {kept[0].path}"
    assert str(saved[0]) == f"saved as {tmp_path / 'out' / 'a.wav'}"


def test_a_small_text_that_was_made_as_a_file_is_saved(tmp_path: Path) -> None:
    """It is held in its reference, not in the store: a table as Markdown."""
    store, out = FolderStore(tmp_path / "artifacts"), tmp_path / "out"
    made = Text("| a |\n| --- |\n", mime="text/markdown", name="staff.md").put(store, MADE)

    assert made.inline is not None
    assert produced([made], store, None) == []
    (saved,) = produced([made], store, out)

    assert (saved.name, saved.saved, saved.path) == ("staff.md", True, out / "staff.md")
    assert (out / "staff.md").read_text() == "| a |\n| --- |\n"
