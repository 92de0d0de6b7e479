"""From what a user passes to ``herd.run`` to a task with references."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from herd_graph.artifacts import Artifact, Data, Table, Text, attach
from herd_graph.cards import Port
from herd_graph.config import Config
from herd_graph.errors import ArtifactTooLarge, PlanMalformed, suggest
from herd_graph.plans import Plan
from herd_graph.store import ArtifactStore
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef, Kind

if TYPE_CHECKING:
    from herd_graph.workflows import Workflow

Given: TypeAlias = Artifact | str | os.PathLike[str]
"""An artifact, or the path of a file."""


def resolve_what(what: str | Plan | Workflow[..., Any], most_chars: int) -> tuple[str, Plan | None]:
    """Return the words of a task, and the plan where a person wrote one.

    Raises:
        ArtifactTooLarge: The request is longer than ``most_chars`` characters.
        PlanMalformed: It is none of the things that can be run.
    """
    if isinstance(what, str):
        if len(what) > most_chars:
            raise ArtifactTooLarge(
                f"The request has {len(what):,} characters; at most {most_chars:,} are taken. Put "
                "the long text into a file and attach it."
            )
        return what, None
    if isinstance(what, Plan):
        return what.author or "a plan", what
    plan = getattr(what, "plan", None)
    if isinstance(plan, Plan):
        return what.card.name, plan
    raise PlanMalformed(
        f"{what!r} cannot be run. Expected a request in words, a Plan, or a @workflow."
    )


def bind_task(
    text: str,
    plan: Plan | None,
    attachments: Sequence[Given],
    inputs: Mapping[str, Any],
    *,
    store: ArtifactStore,
    config: Config,
    thread: str,
) -> Task:
    """Put everything that was given into the store, under the names that plans bind.

    Attachments are ``a1``, ``a2`` … in order; for a plan with named inputs they fill those that
    were not given by name, in order.
    """
    bound: dict[str, ArtifactRef | list[ArtifactRef]] = {}
    ports: Mapping[str, Port] = plan.inputs if plan is not None else {}
    if inputs and not ports:
        raise PlanMalformed(
            f"{', '.join(map(repr, inputs))} was passed by name, and a request in words has no "
            "named inputs. Expected files after the request; they are named a1, a2 … in order."
        )
    for name, value in inputs.items():
        if name not in ports:
            raise PlanMalformed(
                f"There is no input {name!r}. {suggest(name, ports, what='Inputs')}"
            )
        bound[name] = keep(value, ports[name], store, config)
    free = [name for name in ports if name not in bound]
    if ports and len(attachments) > len(free):
        raise PlanMalformed(
            f"{len(attachments)} inputs were passed in order, and {len(free)} are free: "
            f"{', '.join(map(repr, free)) or 'none'}. Pass each by its name."
        )
    for index, value in enumerate(attachments):
        name = free[index] if ports else f"a{index + 1}"
        bound[name] = keep(value, ports.get(name), store, config)
    for name, port in ports.items():
        if name not in bound and port.default is not None:
            bound[name] = keep(port.default, port, store, config)
    kept = "" if plan is None else plan.put(store)
    return Task(text=text, attachments=bound, thread=thread, plan=kept)


def keep(
    value: Any, port: Port | None, store: ArtifactStore, config: Config
) -> ArtifactRef | list[ArtifactRef]:
    """Return a reference (a list for a list) to a value, put into the store."""
    if isinstance(value, list | tuple) and (port is None or port.many):
        single = None if port is None else port.model_copy(update={"many": False})
        items = cast("Sequence[Any]", value)
        return [_one(keep(each, single, store, config)) for each in items]
    made = _artifact(value, port, config)
    ref = made.put(store)
    return [ref] if port is not None and port.many else ref


def _one(ref: ArtifactRef | list[ArtifactRef]) -> ArtifactRef:
    if isinstance(ref, list):
        raise PlanMalformed("A list inside a list was given. Expected a flat list of inputs.")
    return ref


def _artifact(value: Any, port: Port | None, config: Config) -> Artifact:
    if isinstance(value, Artifact):
        value.check()
        return value
    if isinstance(value, bytes | bytearray):
        raise PlanMalformed(
            f"{len(value):,} bytes were passed without saying what they are. Expected an artifact. "
            "Wrap them: Image(data), Audio(data), Document(data, mime='…')."
        )
    kind = port.kind if port is not None else None
    if isinstance(value, os.PathLike):
        return attach(cast("os.PathLike[str]", value), config)
    if isinstance(value, str) and kind is Kind.TEXT:
        return Text(value)
    if isinstance(value, str) and (kind is None or kind not in {Kind.DATA, Kind.ANY}):
        return attach(value, config)
    if kind is Kind.TABLE and isinstance(value, list):
        return Table(cast("Sequence[Mapping[str, Any]]", value))
    return Data(value)
