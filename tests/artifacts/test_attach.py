"""Files from outside: typed by content, held to limits, and never able to hang or mislead."""

from __future__ import annotations

import io
import os
import socket
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as pil

from herd_graph.artifacts import (
    Audio,
    Data,
    Document,
    Image,
    Table,
    Text,
    attach,
    kind_of_mime,
    sniff,
)
from herd_graph.artifacts.attach import sniff_bytes
from herd_graph.config import GIB, MIB, Config, Limits
from herd_graph.errors import ArtifactTooLarge, ArtifactUnreadable, HerdError, PathNotAllowed
from herd_graph.types import Kind


def picture(form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    pil.new("RGB", (32, 24), "teal").save(buffer, form)
    return buffer.getvalue()


def sound() -> bytes:
    return Audio.from_samples(np.zeros(1600, np.int16), 16000).bytes()


PROSE = b"Dear all,\n\nplease find the minutes of Monday, as agreed, below.\nKind regards, Ann\n"


@pytest.mark.parametrize(
    "name", ["box.png", "box.txt", "box.wav", "box", "box.csv.pdf", "-rf", "a b"]
)
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (picture(), Image),
        (picture("JPEG"), Image),
        (picture("WEBP"), Image),
        (picture("BMP"), Image),
        (sound(), Audio),
        (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n", Document),
    ],
    ids=["png", "jpeg", "webp", "bmp", "wav", "pdf"],
)
def test_binary_content_speaks_for_itself(
    tmp_path: Path, name: str, content: bytes, expected: type
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    artifact = attach(path)

    assert type(artifact) is expected
    assert artifact.name == name


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("letter.txt", PROSE, Text),
        ("letter", PROSE, Text),
        ("notes.md", b"# Notes\n\n- one\n- two\n", Text),
        ("short.txt", b"hi", Text),
        (
            "commas.txt",
            b"well, well, well, who is there, I wonder, and why, at this hour, " * 9,
            Text,
        ),
        ("bare", b"name,age,town\nann,3,Faro\nbob,4,Porto\ncy,5,Lagos\n", Table),
        ("old.txt", "Café, ça va très bien, merci à vous\n".encode("cp1252"), Text),
        ("wide.txt", "zwölf Boxkämpfer jagen Viktor\n".encode("utf-16"), Text),
        ("numbers.csv", b"a,b\n1,2\n3,4\n", Table),
        ("semi.csv", b"name;age\nann;3\nbob;4\n", Table),
        ("tabs.tsv", b"a\tb\n1\t2\n", Table),
        ("wide.csv", "a;b\n1;2\n".encode("utf-16"), Table),
        ("data.json", b'{"a": [1, 2, {"b": null}]}', Data),
        ("wrapped.json", b'{"count": 2, "tenants": [{"a": 1}, {"a": 2}]}', Table),
        ("two.json", b'{"men": [{"a": 1}], "women": [{"a": 2}]}', Data),
        ("tiny.json", b"[1]", Data),
        ("rows.jsonl", b'{"a": 1}\n{"a": 2}\n{"a": 3}\n', Data),
        (
            "drawing.svg",
            b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9z"/></svg>',
            Text,
        ),
        ("program.py", b"import os\n\ndef main():\n    print(os.getcwd())\n", Text),
        (
            "page.html",
            b"<!DOCTYPE html><html><head><title>t</title></head><body>x</body></html>",
            Document,
        ),
    ],
)
def test_text_content_is_told_apart(
    tmp_path: Path, name: str, content: bytes, expected: type
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    assert type(attach(path)) is expected


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"\0\0\0\x20ftypM4A \0\0\0\0", "audio/mp4"),
        (b"\0\0\0\x20ftypisom\0\0\0\0", "video/mp4"),
        (b"\0\0\0\x20ftypavif\0\0\0\0", "image/avif"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "image/heic"),
        (b"\x1aE\xdf\xa3\x01...webm...A_OPUS...", "audio/webm"),
        (b"\x1aE\xdf\xa3\x01...webm...V_VP9...A_OPUS...", "video/webm"),
        (b"RIFF\0\0\0\0AVI LIST", "video/x-msvideo"),
        (b"ID3\x04\0\0\0\0", "audio/mpeg"),
        (b"fLaC\0\0\0\x22", "audio/flac"),
        (b"OggS\0\x02", "audio/ogg"),
    ],
)
def test_containers_are_told_by_their_signatures(head: bytes, mime: str) -> None:
    assert sniff_bytes(head) == mime


@pytest.mark.parametrize(
    ("mime", "kind"),
    [
        ("image/png", Kind.IMAGE),
        ("image/svg+xml", Kind.TEXT),
        ("text/x-python", Kind.TEXT),
        ("text/csv", Kind.TABLE),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Kind.DOCUMENT),
        ("application/vnd.oasis.opendocument.text", Kind.DOCUMENT),
        ("application/json", Kind.DATA),
        ("application/zip", Kind.DOCUMENT),
        ("application/octet-stream", Kind.DOCUMENT),
    ],
)
def test_every_mime_type_has_a_kind(mime: str, kind: Kind) -> None:
    assert kind_of_mime(mime) is kind


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "minutes.txt").write_bytes(PROSE)

    with pytest.raises(ArtifactUnreadable, match=r"does not exist.*Did you mean '.*minutes\.txt'"):
        attach(tmp_path / "minuets.txt")


def test_a_path_through_a_file_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(PROSE)

    with pytest.raises(ArtifactUnreadable, match="does not exist"):
        attach(tmp_path / "a.txt" / "b.txt")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()

    with pytest.raises(ArtifactUnreadable, match=r"empty\.png' is empty \(0 bytes\)"):
        attach(tmp_path / "empty.png")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PathNotAllowed, match="is a folder"):
        attach(tmp_path)


def test_what_would_block_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for each in (tmp_path / "pipe", tmp_path / "socket", Path("/dev/zero"), Path("/dev/null")):
            with pytest.raises(PathNotAllowed, match="not a regular file"):
                attach(each)


@pytest.mark.parametrize("path", ["bad\0name", "x" * 5000, "/", "", "~nobody-at-all/x"])
def test_impossible_paths_are_refused(path: str) -> None:
    with pytest.raises(HerdError):
        attach(path)


def test_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")

    with pytest.raises(PathNotAllowed, match="cannot be opened"):
        attach(tmp_path / "a")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(PROSE)
    (tmp_path / "secret").chmod(0)

    with pytest.raises(PathNotAllowed, match="may not be read"):
        attach(tmp_path / "secret")


def test_only_allowed_folders_are_read(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "inside-not"
    inside.mkdir()
    outside.mkdir()
    (inside / "a.txt").write_bytes(PROSE)
    (outside / "b.txt").write_bytes(PROSE)
    (inside / "link.txt").symlink_to(outside / "b.txt")
    (outside / "back.txt").symlink_to(inside / "a.txt")
    config = Config(folders=(inside,))

    assert attach(inside / "a.txt", config).name == "a.txt"
    assert attach(outside / "back.txt", config).name == "back.txt"
    for path in (outside / "b.txt", inside / "link.txt", inside / ".." / "inside-not" / "b.txt"):
        with pytest.raises(PathNotAllowed, match=r"outside the allowed folders.*HERD_FOLDERS"):
            attach(path, config)


def test_the_environment_names_the_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_bytes(PROSE)
    monkeypatch.setenv("HERD_FOLDERS", f"{tmp_path / 'x'}{os.pathsep}{tmp_path / 'y'}")

    with pytest.raises(PathNotAllowed):
        attach(tmp_path / "a.txt")


def test_names_may_hold_any_bytes(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_bytes(PROSE)

    artifact = attach(path)

    assert artifact.name == "caf?.txt"
    assert artifact.bytes() == PROSE


@pytest.mark.parametrize(
    ("head", "size", "kind"),
    [
        (PROSE * 99, 200 * MIB, "text"),
        (picture(), GIB, "image"),
        (sound(), 3 * GIB, "audio"),
    ],
)
def test_huge_files_are_refused_before_they_are_read(
    tmp_path: Path, head: bytes, size: int, kind: str
) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as writer:
        if kind == "text":
            writer.write(head * (2 * MIB // len(head)))
        writer.write(head)
        writer.truncate(size)  # a hole: it takes no room on the disk

    with pytest.raises(ArtifactTooLarge, match=rf"limit for {kind}.*{kind}_bytes"):
        attach(path)


def test_limits_can_be_set(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(PROSE)
    (tmp_path / "a.png").write_bytes(picture())

    with pytest.raises(ArtifactTooLarge, match="of text; the limit for text is 80 B"):
        attach(tmp_path / "a.txt", Config(limits=Limits(text_bytes=80)))
    with pytest.raises(ArtifactTooLarge, match="32 x 24"):
        attach(tmp_path / "a.png", Config(limits=Limits(image_pixels=700)))


@pytest.mark.parametrize("content", [picture()[:60], sound()[:-900]])
def test_damaged_files_are_refused_when_they_are_attached(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "damaged").write_bytes(content)

    with pytest.raises(ArtifactUnreadable, match="'damaged' cannot be decoded"):
        attach(tmp_path / "damaged")


def test_the_home_folder_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.txt").write_bytes(PROSE)

    assert attach("~/a.txt").name == "a.txt"
    assert sniff(tmp_path / "a.txt") == "text/plain"


def test_a_transport_stream_is_told_by_its_packets():
    packet = b"G" + b"\x40\x00\x10" + b"\0" * 184

    assert sniff_bytes(packet * 4, "clip.ts") == "video/mp2t"
    assert sniff_bytes(b"G" + b"o on and on, " * 60, "notes.ts").startswith("text/")
