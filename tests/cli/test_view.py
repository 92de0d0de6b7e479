"""``herd view`` and ``herd debug --web`` as processes: a link, a page, a file, and an end by Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from debug_pages import PLAN, crew, sign


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    with crew() as herd:
        return herd.run(PLAN, photo=sign()).save(tmp_path / "box.herdrun")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    settings = tmp_path / "herd.toml"
    settings.write_text("[herd]\nembedded = false\n")  # no models are loaded to show a page
    return {**os.environ, "HERD_CONFIG": str(settings)}


def herd(
    environment: dict[str, str], *arguments: str, code: int = 0
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "herd_graph.cli", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


@contextmanager
def serving(environment: dict[str, str], *arguments: str) -> Generator[tuple[str, httpx.Client]]:
    """Give the link that a command prints, and a client that came by it; then press Ctrl-C."""
    command = [sys.executable, "-m", "herd_graph.cli", *arguments, "--json"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            link = json.loads(line)["url"]
            with httpx.Client(follow_redirects=True) as client:
                yield link, client
        finally:
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors


def test_a_recording_becomes_one_file(
    environment: dict[str, str], recording: Path, tmp_path: Path
) -> None:
    target = tmp_path / "box.html"

    done = herd(environment, "view", str(recording), "--html", str(target), "--json")

    assert json.loads(done.stdout) == {"wrote": str(target)}
    page = target.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "NO ENTRY AFTER 9" in page


def test_what_cannot_be_viewed_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "bad.herdrun").write_text("no recording")

    done = herd(environment, "view", str(tmp_path / "bad.herdrun"), "--html", "x.html", code=2)
    nobody = herd(environment, "view", "nobody", "--html", "x.html", code=2)

    assert "cannot be opened as a recording" in done.stderr
    assert "There is no run 'nobody'" in nobody.stderr


def test_a_file_that_cannot_be_written_is_told(
    environment: dict[str, str], recording: Path, tmp_path: Path
) -> None:
    target = tmp_path / "no folder" / "x.html"

    done = herd(environment, "view", str(recording), "--html", str(target), code=2)

    assert "cannot be written" in done.stderr


def test_view_serves_the_page_at_its_run_and_ends_by_ctrl_c(
    environment: dict[str, str], recording: Path
) -> None:
    with serving(environment, "view", str(recording)) as (link, client):
        base, _, run = link.partition("#/run/")
        assert client.get(base).status_code == 200
        address = base.partition("?")[0]
        shown = client.get(f"{address}api/runs/{run}").json()
        starts = client.get(f"{address}api/runs").json()["starts"]

    assert shown["source"] == "file"
    assert [node["id"] for node in shown["plan"]["nodes"]][:2] == ["photo", "s1"]
    assert starts is False


def test_debug_in_the_browser_begins_without_a_task(environment: dict[str, str]) -> None:
    with serving(environment, "debug", "--web") as (link, client):
        assert client.get(link).status_code == 200
        listed = client.get(f"{link.partition('?')[0]}api/runs").json()

    assert listed == {"runs": [], "starts": True}


def test_a_port_that_is_taken_is_told(environment: dict[str, str]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = herd(environment, "debug", "--web", "--port", port, code=2)

    assert f"Port {port} of 127.0.0.1 cannot be listened on" in done.stderr
