"""Where the page's link leads: to the page itself, whatever stands in its path."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the extra debug is not installed")

from herd_graph.debug.web.security import Guard, Keyring


async def _nothing(*_: Any) -> Any:
    raise AssertionError("the link is answered by the guard itself")


def followed(path: str) -> dict[str, str]:
    """Return the headers of the answer to the link under this path."""
    keyring = Keyring()
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": f"token={keyring.token()}&x=1".encode(),
        "headers": [(b"host", b"127.0.0.1:8000")],
    }
    asyncio.run(Guard(_nothing, keyring)(scope, _nothing, send))
    assert sent[0]["status"] == 303
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/", "/?x=1"),
        ("/runs/één", "/runs/%C3%A9%C3%A9n?x=1"),
        ("//evil.example", "/evil.example?x=1"),
        ("/\t/evil.example", "/%09/evil.example?x=1"),
        ("/\n/evil.example", "/%0A/evil.example?x=1"),
        ("/a\r\nset-cookie: b=c", "/a%0D%0Aset-cookie%3A%20b%3Dc?x=1"),
        ("/a?token=b#c", "/a%3Ftoken%3Db%23c?x=1"),
    ],
)
def test_the_link_leads_to_the_page_alone(path: str, there: str) -> None:
    assert followed(path)["location"] == there
