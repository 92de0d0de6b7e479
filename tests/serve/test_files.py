"""Files: uploaded by OpenAI's client, listed, fetched, deleted; and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from served import EXPERTS, Served, serving

from herd_graph import Herd
from herd_graph.serve import Settings


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[Served]:
    settings = Settings(doors=("openai",), file_bytes=200_000, stored_bytes=500_000)
    keys = ("alice-has-this-key", "bob-has-another-key")
    with (
        Herd(*EXPERTS, home=home) as herd,
        serving(herd, settings, keys=keys, need_key=True) as running,
    ):
        yield running


@pytest.fixture
def alice(served: Served) -> Any:
    return served.client("alice-has-this-key")


def upload(client: Any, content: bytes, name: str = "a.txt") -> Any:
    return client.files.create(file=(name, content), purpose="user_data")


def test_a_file_is_kept_listed_fetched_and_deleted(alice: Any) -> None:
    made = upload(alice, b"hello world")
    looked = alice.files.retrieve(made.id)
    listed = [each.id for each in alice.files.list()]
    content = alice.files.content(made.id).content
    deleted = alice.files.delete(made.id)

    assert (looked.filename, looked.bytes, looked.purpose) == ("a.txt", 11, "user_data")
    assert made.id in listed
    assert content == b"hello world"
    assert deleted.deleted is True
    with pytest.raises(openai.NotFoundError):
        alice.files.retrieve(made.id)


def test_bytes_go_with_the_last_upload_that_has_them(alice: Any, home: Path) -> None:
    first, second = upload(alice, b"the same words"), upload(alice, b"the same words", "b.txt")
    alice.files.delete(first.id)

    assert alice.files.content(second.id).content == b"the same words"
    alice.files.delete(second.id)
    kept = [each for each in (home / "serve" / "files").rglob("*") if each.is_file()]
    assert all(b"the same words" not in each.read_bytes() for each in kept)


def test_a_file_is_its_owners_alone(served: Served, alice: Any) -> None:
    made = upload(alice, b"mine")
    bob = served.client("bob-has-another-key")

    assert made.id not in [each.id for each in bob.files.list()]
    for look in (bob.files.retrieve, bob.files.content, bob.files.delete):
        with pytest.raises(openai.NotFoundError):
            look(made.id)
    with pytest.raises(openai.NotFoundError):
        bob.chat.completions.create(
            model="herd/shout",
            messages=[
                {"role": "user", "content": [{"type": "file", "file": {"file_id": made.id}}]}
            ],
        )


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "..\\..\\boot.ini",
        'a"; filename="b',
        "a\r\nX-Evil: 1",
        ".",
    ],
)
def test_a_name_never_becomes_a_path_or_a_header(alice: Any, home: Path, name: str) -> None:
    before = {each.name for each in home.rglob("*") if each.is_dir()}
    made = upload(alice, b"harmless words", name)
    raw = alice.files.with_raw_response.content(made.id)
    after = {each.name for each in home.rglob("*") if each.is_dir()}

    assert "/" not in made.filename
    assert "\\" not in made.filename
    assert "x-evil" not in raw.headers
    assert raw.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert after - before <= {each[:2] for each in _hashes(home)}


def _hashes(home: Path) -> list[str]:
    return [each.name for each in (home / "serve" / "files").rglob("*") if len(each.name) == 64]


def test_a_page_is_never_handed_out_as_a_page(alice: Any) -> None:
    page = b"<!doctype html><html><body><script>alert(1)</script></body></html>"
    raw = alice.files.with_raw_response.content(upload(alice, page, "x.html").id)

    assert raw.headers["content-type"].split(";")[0] in {"text/plain", "application/octet-stream"}
    assert raw.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in raw.headers["content-security-policy"]


def test_limits_hold_while_the_file_is_read(served: Served, alice: Any) -> None:
    def pieces() -> Iterator[bytes]:
        yield (b'--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\n')
        while True:
            yield b"x" * 65536

    with pytest.raises(openai.APIStatusError) as caught:
        upload(alice, b"x" * 400_000)
    endless = httpx.post(
        f"{served.url}/v1/files",
        content=pieces(),
        headers={
            "authorization": "Bearer alice-has-this-key",
            "content-type": "multipart/form-data; boundary=b",
        },
    )

    assert caught.value.status_code == 413
    assert (endless.status_code, endless.json()["error"]["code"]) == (413, "too_large")


def test_a_gigabyte_is_refused_at_once(served: Served) -> None:
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        for sent in range(1, 1025):  # noqa: B007 - counted outside
            yield b"x" * (1 << 20)

    answer = httpx.post(
        f"{served.url}/v1/chat/completions",
        content=pieces(),
        headers={
            "authorization": "Bearer alice-has-this-key",
            "content-type": "application/json",
            "content-length": str(1 << 30),
        },
        timeout=120,
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert sent < 1024  # MiB: it was not read to its end


def test_all_files_of_a_key_have_a_limit_too(served: Served) -> None:
    bob = served.client("bob-has-another-key")
    made = [upload(bob, bytes([number]) * 150_000) for number in range(3)]
    with pytest.raises(openai.APIStatusError) as caught:
        upload(bob, b"x" * 150_000)
    for each in made:
        bob.files.delete(each.id)

    assert caught.value.status_code == 413
    assert upload(bob, b"there is room again").bytes == 19


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "multipart/form-data; boundary=b", 400),
        (b"--b\r\n", "multipart/form-data; boundary=b", 400),
        (b"--b--", "multipart/form-data; boundary=b", 400),
        (b"x", "multipart/form-data", 415),
        (b"{}", "application/json", 415),
        (
            b'--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\nabc',
            "multipart/form-data; boundary=b",
            400,
        ),
        (
            b'--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\nabc\r\n--b--',
            "multipart/form-data; boundary=b",
            400,
        ),
    ],
)
def test_a_broken_form_is_refused(served: Served, body: bytes, kind: str, status: int) -> None:
    headers = {"authorization": "Bearer alice-has-this-key", "content-type": kind}
    answer = httpx.post(f"{served.url}/v1/files", content=body, headers=headers)

    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_an_empty_file_is_refused(alice: Any) -> None:
    with pytest.raises(openai.BadRequestError, match="empty"):
        upload(alice, b"")


def test_files_come_in_pages(alice: Any) -> None:
    made = [upload(alice, f"page {number}".encode()).id for number in range(3)]
    first = alice.files.list(limit=2, order="asc", purpose="user_data")
    every = [each.id for each in alice.files.list(limit=1, order="desc")]

    assert len(first.data) == 2
    assert set(made) <= set(every)
    assert every == list(dict.fromkeys(every))
    with pytest.raises(openai.BadRequestError):
        alice.files.list(extra_query={"limit": 0})


def test_a_link_works_without_a_key_and_only_as_it_was_signed(served: Served, alice: Any) -> None:
    answer = alice.chat.completions.create(
        model="herd/paint", messages=[{"role": "user", "content": "red"}]
    )
    [file] = answer.herd["parts"][0]["files"]
    path, _, signature = file["url"].partition("?sig=")
    other = "1" if signature.endswith("0") else "0"
    forged = [f"{path}?sig=9{signature}", f"{path}?sig={signature[:-1]}{other}"]
    forged += [f"{path}?sig=", path]

    assert httpx.get(file["url"]).status_code == 200
    assert [httpx.get(each).status_code for each in forged] == [404, 404, 404, 401]
    assert alice.files.content(file["id"]).content == httpx.get(file["url"]).content
