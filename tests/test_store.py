"""Every store keeps the same promises: content under its hash, found again, forgotten on demand."""

from __future__ import annotations

import os
import threading
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.errors import ArtifactNotFound, ConfigError
from herd_graph.store import (
    ArtifactStore,
    FolderStore,
    FsspecStore,
    MemoryStore,
    digest,
    open_store,
)


@pytest.fixture(params=["folder", "memory", "fsspec"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    if request.param == "folder":
        return FolderStore(tmp_path / "store")
    if request.param == "memory":
        return MemoryStore()
    return FsspecStore(f"memory://herd-{uuid.uuid4().hex}/store")


@given(content=st.binary(max_size=64))
def test_what_is_kept_is_found(store: ArtifactStore, content: bytes) -> None:
    key = store.put(content)

    assert key == digest(content)
    assert store.holds(key)
    assert store.get(key) == content
    assert store.local_path(key).read_bytes() == content
    assert key in set(store.keys())


def test_a_new_store_is_empty(store: ArtifactStore) -> None:
    assert list(store.keys()) == []


def test_keeping_twice_is_keeping_once(store: ArtifactStore) -> None:
    assert store.put(b"same") == store.put(b"same")
    assert list(store.keys()) == [digest(b"same")]


def test_a_file_is_kept_as_its_content(store: ArtifactStore, tmp_path: Path) -> None:
    path = tmp_path / "big"
    path.write_bytes(os.urandom(3 << 20))

    assert store.put_file(path) == (digest(path.read_bytes()), 3 << 20)
    assert store.get(digest(path.read_bytes())) == path.read_bytes()


def test_what_is_forgotten_is_gone(store: ArtifactStore) -> None:
    key = store.put(b"x")
    store.delete(key)
    store.delete(key)

    assert not store.holds(key)
    with pytest.raises(ArtifactNotFound, match=rf"{key[:12]}.*HERD_HOME"):
        store.get(key)
    with pytest.raises(ArtifactNotFound):
        store.local_path(key)


@pytest.mark.parametrize("key", ["../../../etc/passwd", "", "ab", "A" * 64, "/etc/passwd"])
def test_a_key_is_never_a_path(tmp_path: Path, key: str) -> None:
    store = FolderStore(tmp_path)

    assert not store.holds(key)
    store.delete(key)
    with pytest.raises(ArtifactNotFound):
        store.get(key)


@pytest.mark.parametrize("of", ["memory", "url"])
def test_no_other_file_is_handed_out(tmp_path: Path, of: str) -> None:
    store = MemoryStore() if of == "memory" else FsspecStore(f"memory://{tmp_path.name}")
    other = tmp_path / "other"
    other.write_bytes(b"not of the store")

    for key in (str(other), "../" * 20 + str(other).lstrip("/")):
        assert not store.holds(key)
        with pytest.raises(ArtifactNotFound):
            store.local_path(key)


def test_a_file_left_short_by_a_crash_is_written_again(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    key = store.put(b"whole")
    (tmp_path / key[:2] / key).write_bytes(b"")

    store.put(b"whole")

    assert store.get(key) == b"whole"


def test_nothing_half_written_is_listed_or_left(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    with pytest.raises(FileNotFoundError):
        store.put_file(tmp_path / "missing")
    store.put(b"one")

    files = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]

    assert [path.name for path in files] == [digest(b"one")]


def test_many_threads_may_keep_the_same(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    contents = [bytes([each]) * 10_000 for each in range(8)]

    def work() -> None:
        for content in contents:
            store.put(content)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(store.keys()) == sorted(digest(content) for content in contents)
    assert all(store.get(digest(content)) == content for content in contents)


def test_a_url_opens_the_same_store_again(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "with space & ünïcode")
    key = store.put(b"here")

    assert open_store(store.url).get(key) == b"here"
    assert open_store(str(tmp_path / "with space & ünïcode")).get(key) == b"here"
    assert open_store(tmp_path / "with space & ünïcode").get(key) == b"here"
    assert open_store(store) is store


def test_an_object_store_opens_by_its_url() -> None:
    url = f"memory://herd-{uuid.uuid4().hex}"
    key = open_store(url).put(b"far away")

    assert open_store(url).get(key) == b"far away"
    assert open_store(url).url == url


def test_a_home_folder_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    open_store("~/kept").put(b"x")

    assert (tmp_path / "kept").is_dir()


def test_memory_cannot_be_reached_from_elsewhere() -> None:
    with pytest.raises(ConfigError, match="another process"):
        _ = MemoryStore().url
