"""Trying experts out: what stands in where no sample of theirs is there."""

from __future__ import annotations

import pytest

from herd_graph import Herd
from herd_graph.doctor.made_files import made_files
from herd_graph.doctor.trials import try_expert
from herd_graph.threads import wait
from herd_graph.types import Kind


def test_a_file_of_each_kind_is_made() -> None:
    kinds = [each.kind for each in made_files()]

    assert kinds == [Kind.TEXT, Kind.TABLE, Kind.DOCUMENT, Kind.AUDIO, Kind.VIDEO]


@pytest.mark.parametrize(
    "name", ["transcribe_music", "sample_frames", "read_pdf", "sentiment", "draw_chart"]
)
def test_experts_that_want_another_file_are_tried_on_one(name: str) -> None:
    with Herd.default(checkpoints="memory") as herd:
        trial = wait(try_expert(herd.registry.find(name), herd))

    assert trial.status == "ok", str(trial)
