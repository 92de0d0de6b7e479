"""What the plan network is trained on: every request made is one whose plan can be written."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.network.phrases import Phrases
from benchmarks.network.requests import Request, example, from_lines
from benchmarks.network.train import orders
from benchmarks.network.variants import Variants
from herd_graph.routing.golds import read_gold
from tools import first_party

CARDS = {each.card.name: each.card for each in first_party()}
WRITTEN = (
    "text:a.txt | a title for it | write_title(a1)",
    "image:a.png | what does it say | read_text(a1)",
    "audio:a.wav table:b.csv | every word, and the total | transcribe(a1) ; query_table(a2, 'total')",
    "any:a.pdf | in Portuguese, and in French | translate(read_pdf(a1), pt) !",
    "[image:a.jpg => read_text(a1)] | and aloud? | speak(h1.1)",
    "text:a.txt | mail it | -",
)


@pytest.fixture
def requests(tmp_path: Path) -> list[Request]:
    path = tmp_path / "requests.txt"
    path.write_text("\n".join(WRITTEN), encoding="utf-8")
    return from_lines(path)


def _possible(request: Request) -> bool:
    return example(request, request.wordings[0], request.gold[0], CARDS) is not None


def test_phrases_make_requests_whose_plans_can_be_written() -> None:
    phrases = Phrases(chance=random.Random(1))
    made = [phrases.draw() for _ in range(300)]

    assert all(_possible(each) for each in made)
    assert {len(each.files) for each in made} >= {0, 1, 2, 3}
    assert max(len(read_gold(each.gold[0]).parts) for each in made) >= 4
    assert len({each.wordings[0] for each in made}) > 280


def test_variants_make_requests_whose_plans_can_be_written(requests: list[Request]) -> None:
    variants = Variants(requests=requests, chance=random.Random(1), varied=0.9)
    made = [variants.draw(0.3) for _ in range(300)]

    assert all(_possible(each) for each in made)
    assert any(" if " in each.gold[0] for each in made)
    assert any(each.gold[0].endswith("!") for each in made)


def test_a_plan_is_tried_in_every_order_of_its_parts() -> None:
    assert set(orders("speak(a1) ; write_title(a1) !")) == {
        "speak(a1) ; write_title(a1) !",
        "write_title(a1) ; speak(a1) !",
    }
    assert len(list(orders("speak(a1) ; speak(a2) ; speak(a3) ; speak(a4)"))) == 24
    assert len(list(orders(" ; ".join(f"speak(a{k})" for k in range(1, 6))))) == 1
