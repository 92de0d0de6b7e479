"""Checks of one step's outputs against its ports: there, decodable, and not empty."""

from __future__ import annotations

from collections.abc import Mapping

from herd_graph.artifacts import load
from herd_graph.cards import ExpertCard, Port
from herd_graph.errors import HerdError
from herd_graph.state import Verdict
from herd_graph.store import ArtifactStore
from herd_graph.threads import in_thread
from herd_graph.types import ArtifactRef, Kind

INLINE_CHECK_BYTES = 1 << 16
"""Above this size decoding happens off the event loop."""


async def check_outputs(
    card: ExpertCard,
    outputs: Mapping[str, ArtifactRef | list[ArtifactRef]],
    store: ArtifactStore,
) -> list[Verdict]:
    """Hold every output against its port.

    Returns:
        One verdict for each port, ``fail`` with a reason where the output cannot be used. A port
        that may stay empty, and does, has none.
    """
    checked = [port for port in card.outputs if port.required or port.name in outputs]
    return [await _check_port(port, outputs.get(port.name), store) for port in checked]


async def _check_port(
    port: Port, value: ArtifactRef | list[ArtifactRef] | None, store: ArtifactStore
) -> Verdict:
    name = f"port:{port.name}"
    if value is None:
        return _fail(name, f"Output {port.name!r} is missing. Expected {port.type_name}.")
    refs = value if isinstance(value, list) else [value]
    for ref in refs:
        if Kind.ANY not in port.kinds and ref.kind not in port.kinds:
            return _fail(
                name, f"Output {port.name!r} is {ref.kind.value}. Expected {port.type_name}."
            )
        if not port.takes_mime(ref.mime):
            return _fail(
                name, f"Output {port.name!r} is {ref.mime!r}. Expected {', '.join(port.mime)}."
            )
        reason = await _unusable(ref, store)
        if reason:
            return _fail(name, reason)
    return Verdict(check=name, level="pass")


async def _unusable(ref: ArtifactRef, store: ArtifactStore) -> str:
    """Return why an artifact cannot be used; empty if it can."""

    def look() -> str:
        try:
            load(ref, store).check()
        except HerdError as error:
            return str(error)
        return ""

    if ref.inline is not None or ref.size <= INLINE_CHECK_BYTES:
        return look()
    return await in_thread(look, label=f"check:{ref.kind.value}")


def _fail(check: str, reason: str) -> Verdict:
    return Verdict(check=check, level="fail", score=0.0, reason=reason, blocks=True)
