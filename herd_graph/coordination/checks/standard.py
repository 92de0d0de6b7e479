"""The checks that every herd has."""

from __future__ import annotations

from herd_graph.coordination.checks.again import Again
from herd_graph.coordination.checks.arithmetic import calculated_again, sums
from herd_graph.coordination.checks.base import Check
from herd_graph.coordination.checks.consistent import (
    keeps_its_cells,
    measures_rightly,
    says_the_same,
)
from herd_graph.coordination.checks.grounding import grounded
from herd_graph.coordination.checks.habits import Habits
from herd_graph.coordination.checks.judging import person
from herd_graph.coordination.checks.language import asked_language, language, voice_fits
from herd_graph.coordination.checks.plausible import (
    boxes_inside,
    legible,
    shows_something,
    sounds,
    spans_inside,
    whole,
)
from herd_graph.coordination.checks.quoting import quoted
from herd_graph.coordination.checks.requests import keeps_to_the_request
from herd_graph.coordination.checks.second_looks import SecondLook
from herd_graph.coordination.checks.swapped import (
    Recall,
    about_its_source,
    belongs_elsewhere,
    copied,
)
from herd_graph.coordination.checks.trips import (
    heard_alike,
    parses,
    read_alike,
    runs,
    speech_heard,
    translated_back,
)
from herd_graph.coordination.checks.truncation import (
    as_long_as_its_source,
    keeps_its_rows,
    reads_it_all,
    speaks_it_all,
    text_ends,
    writes_it_all,
)
from herd_graph.coordination.checks.units import measures


def standard() -> tuple[Check, ...]:
    """Return the checks of a herd that names none, with a memory of its own."""
    return (
        legible,
        language,
        asked_language,
        voice_fits,
        quoted,
        text_ends,
        as_long_as_its_source,
        speaks_it_all,
        writes_it_all,
        keeps_its_rows,
        reads_it_all,
        sounds,
        shows_something,
        boxes_inside,
        spans_inside,
        whole,
        copied,
        belongs_elsewhere,
        about_its_source,
        Recall(),
        Habits(),
        SecondLook(),
        says_the_same,
        measures_rightly,
        keeps_its_cells,
        sums,
        measures,
        calculated_again,
        grounded,
        keeps_to_the_request,
        parses,
        Again(anyway=True, level="thorough", cost=1.0),
        speech_heard,
        heard_alike,
        read_alike,
        translated_back,
        runs,
        person,
    )


__all__ = ("standard",)
