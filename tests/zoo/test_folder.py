"""``herd zoo`` from the command line, on a base of a few thousand parameters."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from zoo_base import tiny_base

from herd_graph.cli.app import run
from herd_graph.errors import ConfigError, ExpertNotRegistered, RoutingError
from herd_graph.zoo.base import Base
from herd_graph.zoo.catalogue import METHODS, NEIGHBOURS, find
from herd_graph.zoo.files import WEIGHTS, export_peft, load
from herd_graph.zoo.folder import ROUTES, TAKEN, ZooFolder, route_named
from herd_graph.zoo.zoo import ExpertZoo

CATS = "the cat sits on the mat and sleeps. the cat eats the fish. " * 12
CODE = "xyz, xyz, qrs, xyz, qrs, xyz, qrs, vvv, qrs, xyz, wwww, " * 12


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    base = tiny_base(3)
    base.model.save_pretrained(str(folder))
    base.tokenizer.save_pretrained(str(folder))
    (folder / "cats.txt").write_text(CATS)
    (folder / "code.txt").write_text(CODE)
    return folder


@pytest.fixture(scope="module")
def zoo(saved: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("zoo")
    for name in ("cats", "code"):
        command = f"zoo train {name} {saved}/{name}.txt --base {saved} --zoo {folder} --steps 30 "
        assert (
            run([*command.split(), *["--rate", "0.02", "--length", "32", "--rank", "4", "--quiet"]])
            == 0
        )
    return folder


def told(capfd: pytest.CaptureFixture[str], line: str, *more: str) -> Any:
    capfd.readouterr()
    code = run([*line.split(), *more, "--json"])
    found = json.loads(capfd.readouterr().out)
    return code, found


def test_what_was_trained_is_listed_routed_and_better(
    saved: Path, zoo: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _, listed = told(capfd, f"zoo list --zoo {zoo}")
    assert [each["name"] for each in listed["adapters"]] == ["cats", "code"]
    assert listed["adapters"][0]["gates"] == ["phatgoose", "activation", "texts"]
    assert listed["base"] == str(saved)

    _, scored = told(
        capfd, f"zoo eval {saved}/cats.txt {saved}/code.txt --zoo {zoo} --gate cluster --length 32"
    )
    cats, code = f"{saved}/cats.txt", f"{saved}/code.txt"
    assert scored["cats"][cats] < 0.7 * scored["base"][cats]
    assert scored["code"][code] < 0.7 * scored["base"][code]
    assert scored["cluster"][cats] == pytest.approx(scored["cats"][cats], rel=0.05)
    for file, name in ((cats, "cats"), (code, "code")):
        assert scored["posterior"][file] < 1.2 * scored[name][file]
    assert scored["base"]["tokens_per_second"] > scored["posterior"]["tokens_per_second"] > 0


def test_every_token_is_shown_with_its_adapter(
    zoo: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "r.html"
    _, routed = told(
        capfd, f"zoo route --zoo {zoo} --gate phatgoose --html {page}", "the cat sits. xyz, qrs,"
    )

    assert len(routed["tokens"]) == len("the cat sits. xyz, qrs,") - 1
    assert {each["by"] for each in routed["tokens"]} <= {"cats", "code"}
    assert "<span title=" in page.read_text()


def test_adapters_are_merged_exported_added_and_dropped(
    saved: Path, zoo: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _, merged = told(
        capfd, f"zoo merge cats code --to both --rank 8 --zoo {zoo} --peft {tmp_path}/p"
    )
    assert merged["truncation_error"] < 1e-3
    _, added = told(capfd, f"zoo add {tmp_path}/p --name again --zoo {zoo}")
    assert added["parameters"] == merged["parameters"]
    assert told(capfd, f"zoo merge cats code --to both --zoo {zoo}")[1]["type"] == "ExpertExists"
    for name in ("both", "again"):
        assert told(capfd, f"zoo drop {name} --zoo {zoo}")[1] == {"dropped": name}
    assert ZooFolder(path=zoo).names == ["cats", "code"]
    assert told(capfd, f"zoo drop both --zoo {zoo}")[1]["type"] == "ExpertNotRegistered"


def test_a_foreign_adapter_is_known_to_every_gate_once_its_texts_are_given(
    saved: Path, zoo: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("cats", "code"):
        export_peft(load(zoo / name), tmp_path / name, base_name=str(saved))
    into = f"--zoo {tmp_path}/zoo --base {saved}"
    told(capfd, f"zoo add {tmp_path}/cats --texts {saved}/cats.txt --length 32 {into} --quiet")
    _, added = told(
        capfd, f"zoo add {tmp_path}/code --texts {saved}/code.txt --length 32 {into} --quiet"
    )

    assert sorted(added["gates"]) == ["activation", "phatgoose", "texts"]
    for gate, sentence, name in (
        ("cluster", "xyz, qrs, xyz, vvv, qrs, wwww,", "code"),
        ("cluster", "the cat eats the fish. the cat", "cats"),
    ):
        _, found = told(capfd, f"zoo route --zoo {tmp_path}/zoo --gate {gate}", sentence)
        assert max(found["shares"], key=lambda each: found["shares"][each]) == name
    code, _ = told(capfd, f"zoo route --zoo {tmp_path}/zoo --gate phatgoose", "the cat, xyz")
    assert code == 0


def test_a_zoo_stands_on_one_base(saved: Path, zoo: Path, tmp_path: Path) -> None:
    folder = ZooFolder(path=zoo)
    with pytest.raises(ConfigError, match="stands on base"):
        folder.open_base("smollm2")
    assert ZooFolder(path=tmp_path / "none").names == []
    (tmp_path / "zoo.json").write_text("no json")
    with pytest.raises(ConfigError, match="cannot be read"):
        _ = ZooFolder(path=tmp_path).base


def test_a_base_is_the_same_from_wherever_it_is_named(
    saved: Path, zoo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(saved.parent)

    opened = ZooFolder(path=zoo).open_base(f"./{saved.name}")

    assert opened.fingerprint == ZooFolder(path=zoo).open_base().fingerprint


@pytest.mark.parametrize("name", TAKEN)
def test_no_adapter_takes_a_routes_name(zoo: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="a route of every zoo"):
        ZooFolder(path=tmp_path).write(replace(load(zoo / "cats"), name=name))

    assert ZooFolder(path=tmp_path).names == []


def test_an_empty_zoo_is_told_before_a_model_is_loaded(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, found = told(capfd, f"zoo route word --zoo {tmp_path}")

    assert code != 0
    assert "is empty" in found["error"]
    assert "herd zoo train" in found["error"]


@pytest.mark.parametrize("text", ["", "hi"])
def test_a_text_that_is_too_short_to_judge_by_is_told(
    zoo: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], text: str
) -> None:
    (tmp_path / "short.txt").write_text(text)

    assert run(f"zoo eval {tmp_path}/short.txt --zoo {zoo} --quiet".split()) == 2
    assert "too little text to judge by" in capfd.readouterr().err


@pytest.mark.parametrize("name", ROUTES)
def test_every_route_that_can_be_named_routes(zoo: Path, saved: Path, name: str) -> None:
    folder = ZooFolder(path=zoo)
    held = folder.open(folder.open_base())
    scored = held.score([CATS[:40]], use=route_named(held, name, top_k=1), record=True)[0]

    assert set(scored.mass) <= {"cats", "code"}
    assert abs(sum(float(mass.mean()) for mass in scored.mass.values()) - 1) < 1e-4


def test_an_example_gate_whitens_and_abstains_when_it_is_told_to(
    saved: Path, zoo: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    general = tmp_path / "general.txt"
    letters = "abcdefghijklmnopqrstuvwxyz .,"
    words = ["".join(letters[(at * step) % 29] for at in range(128)) for step in range(1, 25)]
    general.write_text("".join(words))
    strange = "0000 0000 0000 0000 0000"

    def by(text: str, *more: str) -> set[str]:
        line = f"zoo route --zoo {zoo} --gate retrieval"
        code, routed = told(capfd, line, text, *more)
        assert code == 0
        return {each["by"] for each in routed["tokens"]}

    plain = ["--general", str(general)]
    assert by(strange) <= {"cats", "code"}
    assert by(strange, *plain) <= {"cats", "code"}
    assert by(strange, "--abstain", "0.05", *plain) == {"(base)"}
    assert by(CODE[:32], "--abstain", "0.01", *plain) == {"code"}
    code, short = told(
        capfd, f"zoo route --zoo {zoo} --gate rnd --general {saved}/cats.txt", "the cat"
    )
    assert (code != 0, short["type"]) == (True, "RoutingError")
    assert "of many kinds" in str(short)


def test_routes_that_are_not_there_are_told(base: Base, zoo: Path, tmp_path: Path) -> None:
    held = ExpertZoo(base)
    with pytest.raises(RoutingError, match="no route named 'phatgose'"):
        route_named(held, "phatgose")
    adapter = load(zoo / "cats")
    export_peft(adapter, tmp_path / "p")
    bare = ExpertZoo(tiny_base(3), [load(tmp_path / "p")])
    with pytest.raises(RoutingError, match="keeps texts of its own"):
        route_named(bare, "rnd")
    with pytest.raises(ExpertNotRegistered, match="It holds"):
        ZooFolder(path=zoo).read("cat")


def test_a_damaged_adapter_is_named_and_the_rest_serves(
    saved: Path, zoo: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    copied = tmp_path / "zoo"
    shutil.copytree(zoo, copied)
    (copied / "code" / WEIGHTS).write_bytes(b"half of it")

    _, listed = told(capfd, f"zoo list --zoo {copied}")
    assert [each["name"] for each in listed["adapters"]] == ["cats"]
    assert "no safetensors file" in listed["damaged"]["code"]
    code, table = told(capfd, f"zoo eval {saved}/cats.txt --zoo {copied} --gate arrow")
    assert (code, set(table)) == (0, {"base", "cats", "arrow", "posterior"})
    assert table["cats"][f"{saved}/cats.txt"] < table["base"][f"{saved}/cats.txt"]
    assert run(["zoo", "route", "the cat", "--zoo", str(copied)]) == 0
    assert "code is left out" in capfd.readouterr().err
    assert run(["zoo", "drop", "code", "--zoo", str(copied)]) == 0
    assert ZooFolder(path=copied).names == ["cats"]
    assert not [each for each in copied.iterdir() if each.name.startswith(".dropped")]
    folder = ZooFolder(path=zoo)
    assert folder.open(folder.open_base()).names == ("cats", "code")


def test_a_file_that_is_no_text_is_told(zoo: Path, tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\xff\xfe\x00")
    assert run(["zoo", "eval", str(tmp_path / "x.bin"), "--zoo", str(zoo), "--json"]) != 0


def test_the_taxonomy_is_printed_without_torch(capfd: pytest.CaptureFixture[str]) -> None:
    _, rows = told(capfd, "zoo taxonomy --match input_granularity=step --here")
    assert {"PHATGOOSE", "Arrow", "Co-LLM", "BTM"} <= {each["method"] for each in rows}
    assert all(each["realised_by"] for each in rows)
    _, related = told(capfd, "zoo taxonomy --related")
    assert len(related) == len(NEIGHBOURS)
    assert told(capfd, "zoo taxonomy --match depth=module")[1]["type"] == "ConfigError"


def test_the_surveys_rows_are_all_there() -> None:
    survey = [each for each in METHODS if each.origin == "survey"]
    assert len(survey) == 26
    assert len({each.name for each in METHODS}) == len(METHODS)
    assert [
        each.name for each in find(("selection=dense", "aggregation=parameter", "lorahub"))
    ] == []
    assert find(("lorahub",))[0].realised_by == "zoo.merging.lorahub"


@pytest.mark.parametrize("name", ["../kept", "a/b", ".hidden", "", "..", "C:\\x"])
def test_an_adapter_of_somebody_else_is_written_nowhere_else(
    zoo: Path, tmp_path: Path, name: str
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "mine.txt").write_text("mine")
    folder = ZooFolder(path=tmp_path / "zoo")
    foreign = replace(load(zoo / "cats"), name=name)

    with pytest.raises(ConfigError, match="cannot be called"):
        folder.write(foreign)

    assert (kept / "mine.txt").read_text() == "mine"
