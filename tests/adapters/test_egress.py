"""Which addresses may be fetched."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from web_server import served

from herd_graph.adapters.credentials import secret, secrets
from herd_graph.adapters.egress import (
    EgressRefused,
    http_client,
    is_local,
    is_public,
    judge,
    origin_of,
)
from herd_graph.errors import ConfigError


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("ff02::1", False),
        ("8.8.8.8", True),
        ("192.0.2.1", False),
        ("198.18.0.1", False),
        ("fd00:ec2::254", False),
        ("::ffff:169.254.169.254", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2001:0:7f00:1::", False),
    ],
)
def test_only_the_open_internet_is_public(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://host/x",
        "gopher://host",
        "//host/x",
        "http://",
        "http://user:password@host/",
        "http://[::1",
        "http://host:99999/",
        "data:text/plain,x",
        "http://host/a b",
        "http://host/\r\nHost: other",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(EgressRefused):
        origin_of(url)


@given(st.ip_addresses(v=4))
def test_an_address_is_no_more_public_inside_another(address: ipaddress.IPv4Address) -> None:
    mapped = ipaddress.IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)
    nat64 = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address))

    assert is_public(mapped) == is_public(nat64) == is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://127.0.0.1:80/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b:1::7f00:1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://LOCALHOST./",
    ],
)
def test_every_spelling_of_this_machine_is_refused(url: str) -> None:
    with pytest.raises(EgressRefused):
        asyncio.run(judge(url))


def test_a_server_that_was_named_is_trusted_on_its_own_port_alone() -> None:
    trusted = {origin_of("http://localhost:8000/x")}

    assert asyncio.run(judge("http://localhost:8000/y", trusted)) is None
    with pytest.raises(EgressRefused):
        asyncio.run(judge("http://localhost:8001/y", trusted))
    assert asyncio.run(judge("https://93.184.216.34/")) == "93.184.216.34"


def test_the_client_keeps_the_name_and_goes_nowhere_else() -> None:
    def name(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.headers["host"])

    async def ask(url: str, trusted: Any) -> str:
        async with http_client(trusted) as client:
            return (await client.get(url)).text

    with served(Starlette(routes=[Route("/", name)])) as url:
        host = url.removeprefix("http://")
        assert asyncio.run(ask(url, {origin_of(url)})) == host
        with pytest.raises(EgressRefused):
            asyncio.run(ask(url, set()))


def test_local_is_this_machine() -> None:
    assert is_local("http://127.0.0.1:1/x")
    assert is_local("http://api.localhost/")
    assert is_local("http://[::1]:8000")
    assert not is_local("https://example.org")
    assert not is_local("http://192.168.0.2")


def test_secrets_are_read_when_they_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "t0ken")

    assert secret("plain", "It") == "plain"
    assert secrets({"Authorization": "Bearer env:A_TOKEN", "X": "env:A_TOKEN"}, "Header") == {
        "Authorization": "Bearer t0ken",
        "X": "t0ken",
    }
    monkeypatch.delenv("A_TOKEN")
    with pytest.raises(ConfigError, match="'A_TOKEN', which is not set"):
        secret("env:A_TOKEN", "It")
