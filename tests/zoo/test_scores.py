"""Score once, route many: routers as arithmetic on a table of scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from herd_graph.errors import DeclarationError, ModelCorrupt
from herd_graph.zoo.scores import ScoreTable


def table(seed: int = 0, texts: int = 12, length: int = 20) -> ScoreTable:
    draw = np.random.default_rng(seed)
    domains = [("fr", "de", "code")[index % 3] for index in range(texts)]
    members = ("base", "fr", "de", "code")
    scores = {
        member: [
            draw.normal(-1.0 if member == domain else -3.0, 0.5, size=length).clip(max=-0.01)
            for domain in domains
        ]
        for member in members
    }
    places = {name: draw.normal(size=8) for name in members}
    embeddings = np.stack([places[domain] + 0.1 * draw.normal(size=8) for domain in domains])
    return ScoreTable.of(scores, domains, embeddings)


def test_oracles_are_ordered_and_close_the_gap() -> None:
    found = table()
    base = found.perplexity(found.always("base"))
    by = {each: found.perplexity(found.oracle(each)) for each in ("domain", "example", "token")}

    assert base > by["domain"] >= by["example"] >= by["token"]
    assert found.gap_closed(found.always("base")) == 0
    assert found.gap_closed(found.oracle("example")) == 1
    assert 0.9 < found.gap_closed(found.posterior(decay=1.0)) < 1
    with pytest.raises(DeclarationError, match="no oracle for each 'word'"):
        found.oracle("word")


def test_an_example_router_is_a_choice_for_each_text() -> None:
    found = table()
    right = found.by_example(lambda index: {found.domains[index]: 1.0})
    nobody = found.by_example(lambda _: {})

    assert found.perplexity(right) == pytest.approx(found.perplexity(found.oracle("domain")))
    assert found.perplexity(nobody) == pytest.approx(found.perplexity(found.always("base")))
    assert found.best_single() in found.members
    assert found.only(["base", "fr"]).members == ("base", "fr")


def test_a_table_is_kept_and_damage_is_told(tmp_path: Path) -> None:
    found = table()
    found.save(tmp_path / "t.npz")
    again = ScoreTable.load(tmp_path / "t.npz")

    assert again.members == found.members
    assert again.perplexity(again.posterior()) == pytest.approx(
        found.perplexity(found.posterior()), rel=1e-3
    )
    (tmp_path / "t.npz").write_bytes(b"no table")
    with pytest.raises(ModelCorrupt, match="no score table"):
        ScoreTable.load(tmp_path / "t.npz")
    with pytest.raises(DeclarationError, match="does not fit"):
        found.only(["fr"])
