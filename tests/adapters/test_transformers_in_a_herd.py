"""Pipelines of transformers in a herd: batches, memory, failures, examples."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from adapter_calls import ask, one_step
from tiny_models import library

from herd_graph import Herd, Table, Text
from herd_graph.calling import Live

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def herd() -> Iterator[Herd]:
    # What tiny random models write is what the checks are there to doubt, and to have made again.
    with Herd(checkpoints="memory", checks="off") as made:
        yield made


# Living in a herd -------------------------------------------------------------------------------


def test_a_pipeline_of_ones_own(herd: Herd, classifier: str) -> None:
    pipe = library.pipeline("text-classification", model=classifier)
    herd.add(pipe, name="mine", description="Tell moods.")
    run = ask(herd, "mine", text="the cat is bad")
    herd.remove("mine")

    assert run.status == "done"
    assert pipe("the cat")  # it is its owner's to unload


def test_calls_that_wait_together_are_one_batch(herd: Herd, classifier: str) -> None:
    herd.add(f"hf:{classifier}", name="moods")
    plan = one_step(herd, "moods", "text")
    texts = ["the dog is good", "the cat was bad", "Ann is happy in Porto", "a dog"]

    async def together() -> list[Any]:
        return list(await asyncio.gather(*(herd.arun(plan, text=Text(each)) for each in texts)))

    alone = [ask(herd, "moods", text=each).output("s1", "scores") for each in texts]
    batched = [each.output("s1", "scores") for each in asyncio.run(together())]

    for one, many in zip(alone, batched, strict=True):
        assert isinstance(one, Table)
        rows: Any = (one.rows, many.rows)
        assert [row["label"] for row in rows[0]] == [row["label"] for row in rows[1]]
        assert [row["score"] for row in rows[0]] == pytest.approx(
            [row["score"] for row in rows[1]], abs=1e-5
        )


def test_the_model_is_unloaded_and_loaded_again(herd: Herd, classifier: str) -> None:
    herd.add(f"hf:{classifier}", name="moods")
    ask(herd, "moods", text="the dog")
    caller = herd.caller
    assert isinstance(caller, Live)
    loaded = [each.expert for each in caller.residency.loaded()]
    asyncio.run(caller.residency.close())
    gone = herd.registry.find("moods")

    assert loaded == ["moods@1"]
    assert vars(gone)["_pipe"] is None
    assert ask(herd, "moods", text="the dog").status == "done"


def test_a_model_over_the_memory_cap_is_refused(classifier: str) -> None:
    with Herd(checkpoints="memory", memory="1 KiB") as herd:
        herd.add(f"hf:{classifier}", name="moods")
        record = ask(herd, "moods", text="the dog").records["s1"]

    assert record.error_type == "ExpertUnavailable"


def test_a_model_that_cannot_be_loaded_says_why(herd: Herd, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    herd.add(f"hf:{tmp_path}#text-classification", name="empty")
    record = ask(herd, "empty", text="the dog").records["s1"]

    assert record.error_type == "ExpertUnavailable"
    assert "could not be loaded" in record.error


def test_check_calls_it_with_its_own_examples(herd: Herd, classifier: str) -> None:
    from herd_graph.doctor.trials import try_expert

    herd.add(f"hf:{classifier}", name="moods", examples=["is 'the dog is good' a good mood?"])
    trial = asyncio.run(try_expert(herd.registry.find("moods"), herd))

    assert not trial.failed


def test_adding_a_model_imports_no_library(classifier: str) -> None:
    code = (
        "import sys\n"
        "for name in ('langchain_core', 'litellm', 'fastmcp', 'mcp', 'a2a', 'httpx'):\n"
        "    sys.modules[name] = None\n"
        "from herd_graph import Herd\n"
        f"herd = Herd(checkpoints='memory'); herd.add({f'hf:{classifier}'!r})\n"
        "assert 'tiny_moods' in herd.registry\n"
        "heavy = {'transformers', 'torch', 'huggingface_hub'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
