"""What is counted, and what probes are told."""

from __future__ import annotations

import contextlib
from pathlib import Path

import httpx
import openai
from served import EXPERTS, serving

from herd_graph import Herd


def _value(text: str, line: str) -> float:
    found = [each for each in text.splitlines() if each.startswith(line)]
    return float(found[0].rsplit(" ", 1)[1]) if found else 0.0


def test_requests_runs_and_calls_are_counted(tmp_path: Path) -> None:
    with Herd(*EXPERTS, home=tmp_path) as herd, serving(herd) as served:
        client = served.client()
        for model in ("herd/shout", "herd/shout", "herd/fall"):
            with contextlib.suppress(openai.InternalServerError):
                client.chat.completions.create(
                    model=model, messages=[{"role": "user", "content": "a"}]
                )
        for path in ("/v1/files/file-1", "/v1/files/file-2", "/nowhere/1", "/nowhere/2"):
            httpx.get(f"{served.url}{path}")
        answer = httpx.get(f"{served.url}/metrics")

    text = answer.text
    chat = 'herd_requests_total{method="POST",route="/v1/chat/completions",status='
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert _value(text, f'{chat}"200"}}') == 2
    assert _value(text, f'{chat}"500"}}') == 1
    assert _value(text, 'herd_runs_total{herd="herd",status="done"}') == 2
    assert _value(text, 'herd_runs_total{herd="herd",status="failed"}') == 1
    assert _value(text, 'herd_expert_calls_total{expert="shout@1",ok="yes"}') == 2
    assert _value(text, 'herd_expert_calls_total{expert="fall@1",ok="no"}') >= 1
    assert _value(text, "herd_runs_in_flight") == 0
    assert (
        _value(text, 'herd_requests_total{method="GET",route="/v1/files/{id}",status="404"}') == 2
    )
    assert _value(text, 'herd_requests_total{method="GET",route="other",status="404"}') == 2
    assert "nowhere" not in text


def test_two_servers_in_one_process_count_for_themselves(tmp_path: Path) -> None:
    with Herd(*EXPERTS, home=tmp_path) as herd, serving(herd) as one, serving(herd) as two:
        httpx.get(f"{one.url}/v1/models")
        counts = [
            _value(
                httpx.get(f"{each.url}/metrics").text,
                'herd_requests_total{method="GET",route="/v1/m',
            )
            for each in (one, two)
        ]

    assert counts == [1, 0]


def test_probes(tmp_path: Path) -> None:
    with Herd(*EXPERTS, home=tmp_path) as herd, serving(herd) as served:
        alive, ready = (httpx.get(f"{served.url}{path}") for path in ("/healthz", "/readyz"))
        served.host.draining = True
        stopping = httpx.get(f"{served.url}/readyz")

    assert (alive.json(), ready.json()) == ({"status": "ok"}, {"status": "ready", "runs": 0})
    assert (stopping.status_code, stopping.json()["status"]) == (503, "stopping")
