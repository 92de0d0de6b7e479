"""Choose the expert of a late-bound step, now that its real inputs are there."""

from __future__ import annotations

from collections.abc import Mapping

from herd_graph.binding import Ref
from herd_graph.cards import ExpertCard
from herd_graph.discovery import CapabilityIndex
from herd_graph.errors import ExpertNotRegistered
from herd_graph.registry import Snapshot
from herd_graph.schedule import Unit
from herd_graph.types import Kind


def bind_late(
    unit: Unit, experts: Snapshot, index: CapabilityIndex, most: int = 1
) -> list[tuple[str, Mapping[str, Ref]]]:
    """Return the best eligible experts for a unit's capability, with their inputs by port name.

    Experts that need approval are never chosen: nobody would have been asked.

    Raises:
        ExpertNotRegistered: Nothing present takes these inputs and gives that kind.
    """
    wanted = unit.step.capability
    assert wanted is not None
    eligible: dict[str, Mapping[str, Ref]] = {}
    for card in experts.latest:
        named = None if card.approve else _match(card, unit.inputs)
        gives = wanted.gives is None or wanted.gives in card.gives
        if named is not None and gives:
            eligible[card.id] = named
    if eligible:
        hits = index.search(wanted.query, gives=wanted.gives, k=most, eligible=set(eligible))
        best = [each.card for each in hits] or [min(eligible)]
        return [(each, eligible[each]) for each in best]
    taken = ", ".join(sorted({kind.value for kind in _kinds(unit.inputs)})) or "nothing"
    made = wanted.gives.value if wanted.gives is not None else "anything"
    raise ExpertNotRegistered(
        f"No expert for {wanted.query!r} takes {taken} and gives {made}. Expected one among the "
        f"{len(experts)} that are registered. Add it, or name another capability."
    )


def _kinds(inputs: Mapping[str, Ref]) -> list[Kind]:
    return [
        ref.kind
        for value in inputs.values()
        for ref in (value if isinstance(value, list) else [value])
    ]


def _match(card: ExpertCard, inputs: Mapping[str, Ref]) -> dict[str, Ref] | None:
    """Return the inputs under the card's port names: by name, else by kind; None if they misfit."""
    named: dict[str, Ref] = {}
    for name, value in inputs.items():
        kind = (value[0].kind if value else Kind.ANY) if isinstance(value, list) else value.kind
        exact = card.input(name)
        ports = [exact] if exact is not None else [p for p in card.inputs if p.name not in named]
        fitting = [
            port
            for port in ports
            if (kind in port.kinds or Kind.ANY in (kind, *port.kinds))
            and (port.many or not isinstance(value, list))
        ]
        if not fitting:
            return None
        named[fitting[0].name] = value
    missing = [port for port in card.inputs if port.required and port.name not in named]
    return None if missing else named
