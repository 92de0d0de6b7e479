"""Keys and their limits, as OpenAI's client meets them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from served import EXPERTS, serving

from herd_graph import Budget, ExpertContext, Herd, Text, expert
from herd_graph.errors import ConfigError
from herd_graph.serve.errors import Refusal
from herd_graph.serve.keys import KeyRing, Limits, Meter
from herd_graph.serve.lifecycle import check_reach
from herd_graph.serve.records import Records


@expert(cost_usd=0.02)
def dear(text: Text, ctx: ExpertContext) -> Text:
    """Say something that costs."""
    ctx.spend(0.02)
    return text


def hello(client: Any, model: str = "herd/shout") -> Any:
    return client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "hello"}]
    )


def test_a_key_opens_and_a_wrong_one_does_not(tmp_path: Path) -> None:
    with Herd(*EXPERTS, home=tmp_path) as herd, serving(herd, need_key=True) as served:
        key, token = served.host.keys.add("alice")

        assert hello(served.client(token)).choices[0].message.content == "HELLO"
        for wrong in ("hk-wrong", token[:-1], token.upper(), "x", "é"):
            with pytest.raises((openai.AuthenticationError, UnicodeEncodeError)):
                hello(served.client(wrong))
        without = httpx.get(f"{served.url}/v1/models")
        served.host.keys.revoke("alice")
        with pytest.raises(openai.AuthenticationError) as caught:
            hello(served.client(token))
        open_paths = [
            httpx.get(f"{served.url}{path}").status_code for path in ("/healthz", "/readyz")
        ]
        metrics = httpx.get(f"{served.url}/metrics").status_code

    error: Any = caught.value
    assert (without.status_code, without.headers["www-authenticate"]) == (401, "Bearer")
    assert (error.body["code"], error.body["type"]) == ("invalid_api_key", "invalid_request_error")
    assert token not in str(error)
    assert key.id.startswith("key-")
    assert (open_paths, metrics) == ([200, 200], 401)


def test_only_the_hash_of_a_key_is_kept(tmp_path: Path) -> None:
    records = Records(tmp_path / "serve.sqlite")
    _, token = KeyRing(records).add("alice")
    records.close()

    content = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert token.encode() not in content
    assert token[3:].encode() not in content
    assert (tmp_path / "serve.sqlite").stat().st_mode & 0o077 == 0


def test_requests_a_minute(tmp_path: Path) -> None:
    with Herd(*EXPERTS, home=tmp_path) as herd, serving(herd, need_key=True) as served:
        _, token = served.host.keys.add("alice", Limits(requests_per_minute=2))
        client = served.client(token)
        hello(client)
        hello(client)
        with pytest.raises(openai.RateLimitError) as caught:
            hello(client)

    error: Any = caught.value
    assert error.body["code"] == "rate_limit_exceeded"
    assert 1 <= int(error.response.headers["retry-after"]) <= 61


def test_dollars_a_day_stop_calls_and_are_remembered(tmp_path: Path) -> None:
    with Herd(dear, home=tmp_path) as herd:
        with serving(herd, need_key=True) as served:
            key, token = served.host.keys.add("alice", Limits(usd_per_day=0.05))
            client = served.client(token)
            costs = [hello(client, "herd/dear").usage.cost_usd for _ in range(2)]
            with pytest.raises(openai.RateLimitError, match=r"may cost \$0.0200"):
                hello(client, "herd/dear")
        with serving(herd, need_key=True) as served:
            used = served.host.meter.used(key)

    assert costs == [0.02, 0.02]
    assert (used.requests, used.usd) == (3, 0.04)


def test_a_day_begins_anew() -> None:
    now = [86_400.0 * 100 + 86_000]
    records = Records(":memory:")
    meter = Meter(records, clock=lambda: now[0])
    key, _ = KeyRing(records).add("alice", Limits(seconds_per_day=10))
    meter.begin(key, "r1", lambda: (0.0, 4.0))
    left = meter.budget(key, Budget(seconds=60)).seconds
    meter.end(key, "r1", usd=0, seconds=10)
    with pytest.raises(Refusal) as caught:
        meter.budget(key, Budget())
    now[0] += 400
    tomorrow = meter.budget(key, Budget()).seconds

    assert left == 6
    assert (caught.value.status, caught.value.code) == (429, "insufficient_quota")
    assert caught.value.headers["retry-after"] == "400"
    assert tomorrow == 10


def test_two_processes_count_together(tmp_path: Path) -> None:
    one, two = Records(tmp_path / "a.sqlite"), Records(tmp_path / "a.sqlite")
    key, _ = KeyRing(one).add("alice")
    first, second = Meter(one), Meter(two)
    for meter in (first, second):
        meter.end(key, "r", usd=1, seconds=2)
        meter.flush()
    first.end(key, "r", usd=1, seconds=2)
    first.flush()

    assert (first.used(key).usd, first.used(key).seconds) == (3, 6)


def test_keys_that_are_none(tmp_path: Path) -> None:
    ring = KeyRing(Records(":memory:"))
    ring.add("alice")
    for wrong in ("", " ", "x" * 101, "alice"):
        with pytest.raises(ConfigError):
            ring.add(wrong)
    with pytest.raises(ConfigError):
        ring.add("bob", Limits(usd_per_day=-1))
    with pytest.raises(ConfigError, match="Did you mean 'alice'"):
        ring.revoke("alicia")
    with pytest.raises(ConfigError, match="16"):
        KeyRing(Records(":memory:"), ["short"])
    (tmp_path / "x").write_text("no database, but long enough to be looked at as one")
    with pytest.raises(ConfigError, match="cannot be opened"):
        Records(tmp_path / "x")


def test_without_a_key_it_is_only_reached_from_here() -> None:
    check_reach("127.0.0.1", keys=0)
    check_reach("localhost", keys=0)
    check_reach("::1", keys=0)
    check_reach("0.0.0.0", keys=1)
    for address in ("0.0.0.0", "::", "192.168.1.2", "example.com"):
        with pytest.raises(ConfigError, match="herd serve keys add"):
            check_reach(address, keys=0)


def test_a_run_is_its_owners_alone(tmp_path: Path) -> None:
    keys = ("alice-has-this-key", "bob-has-another-key")
    with Herd(*EXPERTS, home=tmp_path) as herd, serving(herd, keys=keys) as served:
        run = hello(served.client(keys[0])).herd["run"]
        statuses = [
            httpx.request(
                method,
                f"{served.url}/v1/runs/{run}{path}",
                headers={"authorization": f"Bearer {key}"},
                json=body,
            ).status_code
            for key in keys
            for method, path, body in (
                ("GET", "", None),
                ("POST", "/resume", None),
                ("POST", "/cancel", None),
            )
        ]

    assert statuses == [200, 200, 200, 404, 404, 404]


def test_the_database_is_sqlite_that_others_can_read(tmp_path: Path) -> None:
    records = Records(tmp_path / "serve.sqlite")
    KeyRing(records).add("alice", Limits(usd_per_day=5))
    with sqlite3.connect(tmp_path / "serve.sqlite") as other:
        rows = other.execute("SELECT name, usd_per_day FROM keys").fetchall()
    records.close()

    assert rows == [("alice", 5.0)]
