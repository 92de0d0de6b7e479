"""Who is present: versions, snapshots, changes under load, plugins."""

from __future__ import annotations

import random
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.errors import DeclarationError, ExpertExists, ExpertNotRegistered
from herd_graph.registry import Registry, Snapshot, version_key
from herd_graph.testing import echo


def test_the_latest_version_is_found_by_the_bare_name() -> None:
    registry = Registry()
    registry.add(*(echo("a", version=each) for each in ("9", "10", "2.5")))

    assert registry.find("a").card.id == "a@10"
    assert registry.find("a@9").card.id == "a@9"
    assert [card.id for card in registry.snapshot().latest] == ["a@10"]
    assert [card.id for card in registry.snapshot().cards] == ["a@10", "a@2.5", "a@9"]


def test_versions_sort_as_people_mean_them() -> None:
    rising = ["1", "1.0", "1.2", "1.10", "2.0a1", "2.0rc1", "2.0rc2", "2.0", "2.0.1", "10"]

    shuffled = random.Random(4).sample(rising, len(rising))

    assert sorted(shuffled, key=version_key) == rising


def test_unknown_names_and_versions_are_told_apart() -> None:
    registry = Registry()
    registry.add(echo("caption"), echo("caption", version="2"), echo("ocr"))

    with pytest.raises(
        ExpertNotRegistered, match=r"'captoin' is not registered\..*Did you mean 'caption'"
    ):
        registry.find("captoin")
    with pytest.raises(
        ExpertNotRegistered, match=r"not registered in that version.*'caption@1', 'caption@2'"
    ):
        registry.find("caption@3")
    with pytest.raises(ExpertNotRegistered, match="Registered: none"):
        Registry().find("x")


def test_adding_again_is_harmless_and_adding_another_is_not() -> None:
    registry = Registry()
    first, second = echo("a"), echo("a")
    registry.add(first)
    registry.add(first)

    with pytest.raises(ExpertExists, match=r"'a@1' is registered already.*replace=True"):
        registry.add(second)
    assert registry.find("a") is first
    registry.add(second, replace=True)
    assert registry.find("a") is second


def test_a_refused_addition_changes_nothing() -> None:
    registry = Registry()
    registry.add(echo("a"))
    seen: list[Snapshot] = []
    registry.on_change(seen.append)

    with pytest.raises(ExpertExists):
        registry.add(echo("b"), echo("a"))
    with pytest.raises(DeclarationError, match="Put @expert above"):
        registry.add(lambda x: x)  # pyright: ignore[reportArgumentType, reportUnknownLambdaType]

    assert list(registry.snapshot()) == ["a@1"]
    assert seen == []


def test_removal_by_version_and_by_name() -> None:
    registry = Registry()
    registry.add(*(echo("a", version=each) for each in "123"), echo("ab"))

    assert [each.card.id for each in registry.remove("a@2")] == ["a@2"]
    assert sorted(each.card.id for each in registry.remove("a")) == ["a@1", "a@3"]
    assert list(registry.snapshot()) == ["ab@1"]
    with pytest.raises(ExpertNotRegistered):
        registry.remove("a")
    assert "a" not in registry
    assert "ab" in registry


def test_a_snapshot_never_changes() -> None:
    registry = Registry()
    registry.add(echo("a"))
    before = registry.snapshot()
    fingerprint = before.fingerprint

    registry.add(echo("b"))
    registry.remove("a")

    assert list(before) == ["a@1"]
    assert before.find("a").card.id == "a@1"
    assert before.fingerprint == fingerprint != registry.snapshot().fingerprint


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.randoms())
def test_the_fingerprint_knows_no_order(names: list[str], luck: random.Random) -> None:
    one, two = Registry(), Registry()
    experts = [echo(name) for name in names]
    one.add(*experts)
    two.add(*luck.sample(experts, len(experts)))

    assert one.snapshot().fingerprint == two.snapshot().fingerprint


def test_changes_from_many_threads_are_all_there_and_the_last_is_told_last() -> None:
    registry = Registry()
    told: list[int] = []
    registry.on_change(lambda snapshot: told.append(len(snapshot)))

    def add(number: int) -> None:
        for each in range(20):
            registry.add(echo(f"e{number}_{each}"))
            registry.add(echo("shared", version=f"{number}.{each}"))
            registry.remove(f"shared@{number}.{each}")

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(registry) == 160
    assert told[-1] == 160


def test_a_listener_may_change_the_registry() -> None:
    registry = Registry()

    def also(snapshot: Snapshot) -> None:
        if "helper@1" not in snapshot:
            registry.add(echo("helper"))

    registry.on_change(also)
    registry.add(echo("a"))

    assert sorted(registry.snapshot()) == ["a@1", "helper@1"]


PLUGIN = """
from herd_graph.testing import echo
single = echo("single")
several = [echo("first"), echo("second")]
def install(registry):
    registry.add(echo("installed"))
broken = None
"""


def test_plugins_offer_experts_and_a_bad_one_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "herd_plugin_for_tests.py").write_text(PLUGIN)
    package = tmp_path / "herd_plugin_for_tests-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: plug\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(
        "[herd.experts]\n"
        "one = herd_plugin_for_tests:single\n"
        "two = herd_plugin_for_tests:several\n"
        "three = herd_plugin_for_tests:install\n"
        "four = herd_plugin_for_tests:broken\n"
        "five = herd_plugin_for_tests:missing\n"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    registry = Registry()

    failed = registry.load_plugins()

    assert {"single@1", "first@1", "second@1", "installed@1"} <= set(registry.snapshot())
    assert {name.split()[0] for name in failed} == {"four", "five"}
    assert any("AttributeError" in reason for reason in failed.values())
