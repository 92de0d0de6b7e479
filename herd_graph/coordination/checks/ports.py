"""Checks of one step's outputs against its ports: there, of their type, decodable, not empty."""

from __future__ import annotations

import json
import math
from typing import Any, cast

from herd_graph.cards import ExpertCard, Port
from herd_graph.coordination.checks.base import CheckInput, Outputs, Refs, failed, passed
from herd_graph.coordination.checks.sounds import heard, seen
from herd_graph.errors import HerdError, suggest
from herd_graph.payloads import schema_problem
from herd_graph.state import Verdict
from herd_graph.store import ArtifactStore, digest
from herd_graph.types import ArtifactRef, Kind

MOST_VALUES = 20_000
"""Values of one JSON payload that are looked through for numbers that are none."""


async def check_outputs(card: ExpertCard, outputs: Outputs, store: ArtifactStore) -> list[Verdict]:
    """Hold every output against its port.

    Returns:
        One verdict for each port, ``fail`` with a reason where the output cannot be used. A port
        that may stay empty, and does, has none.
    """
    return await check_ports(CheckInput(card=card, outputs=outputs, store=store))


async def check_ports(subject: CheckInput) -> list[Verdict]:
    """Hold every output of a result against its port; see ``check_outputs``."""
    card, outputs = subject.card, subject.outputs
    unknown = [name for name in outputs if card.output(name) is None]
    found = [
        _blocked(name, f"There is no output {name!r}. {_ports(card, name)}") for name in unknown
    ]
    checked = [port for port in card.outputs if port.required or port.name in outputs]
    return found + [await _check_port(port, outputs.get(port.name), subject) for port in checked]


def _ports(card: ExpertCard, name: str) -> str:
    return suggest(name, (port.name for port in card.outputs), what="Its outputs")


async def _check_port(port: Port, value: Refs | None, subject: CheckInput) -> Verdict:
    name = port.name
    if value is None:
        return _blocked(name, f"Output {name!r} is missing. Expected {port.type_name}.")
    if isinstance(value, list) is not port.many:
        got = f"a list of {len(value)}" if isinstance(value, list) else "one payload"
        return _blocked(name, f"Output {name!r} is {got}. Expected {port.type_name}.")
    for ref in value if isinstance(value, list) else [value]:
        if Kind.ANY not in port.kinds and ref.kind not in port.kinds:
            return _blocked(
                name, f"Output {name!r} is {ref.kind.value}. Expected {port.type_name}."
            )
        if not port.takes_mime(ref.mime):
            return _blocked(
                name, f"Output {name!r} is {ref.mime!r}. Expected {', '.join(port.mime)}."
            )
        try:
            reason = _torn(ref) or await _unusable(ref, port, subject)
        except HerdError as error:
            reason = str(error)
        if reason:
            return _blocked(name, reason)
    return passed(f"port:{name}")


def _torn(ref: ArtifactRef) -> str:
    """Say how a reference contradicts itself."""
    if ref.inline is not None and digest(ref.inline.encode()) != ref.id:
        return "Its content is not what its reference is the hash of. Expected them to agree."
    return ""


async def _unusable(ref: ArtifactRef, port: Port, subject: CheckInput) -> str:
    """Return why an artifact cannot be used; empty if it can. Decodes it."""
    if ref.kind is Kind.IMAGE:
        await seen(subject, ref)
    elif ref.kind is Kind.AUDIO:
        if not (await heard(subject, ref)).finite:
            return "The recording holds samples that are no numbers. Expected finite ones."
    elif ref.kind is Kind.DATA:
        value = await subject.value(ref)
        return _not_finite(value) or _against_schema(value, port)
    else:
        await subject.decoded(ref, "check", lambda artifact: artifact.check())
    return ""


def _against_schema(value: Any, port: Port) -> str:
    if not port.json_schema or Kind.DATA not in port.kinds:
        return ""
    problem = schema_problem(json.dumps(port.json_schema, sort_keys=True), value)
    return f"It does not match its schema: {problem}. Expected {port.type_name}." if problem else ""


def _not_finite(value: Any) -> str:
    pending: list[Any] = [value]
    for _ in range(MOST_VALUES):
        if not pending:
            break
        each = pending.pop()
        if isinstance(each, float):
            if not math.isfinite(each):
                return f"It holds {each!r}, which is no number. Expected finite numbers."
        elif isinstance(each, dict):
            pending.extend(cast("dict[str, Any]", each).values())
        elif isinstance(each, list):
            pending.extend(cast("list[Any]", each))
    return ""


def _blocked(port: str, reason: str) -> Verdict:
    return failed(f"port:{port}", reason, blocks=True)


__all__ = ("check_outputs", "check_ports")
