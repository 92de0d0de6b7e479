"""The outputs of what may give anything: a text, a picture, a file, or several of them."""

from __future__ import annotations

from collections.abc import Collection

from herd_graph.artifacts import Artifact, Text
from herd_graph.cards import Port
from herd_graph.experts import Outputs
from herd_graph.types import Kind

ANYTHING = (
    Kind.TEXT,
    Kind.IMAGE,
    Kind.AUDIO,
    Kind.VIDEO,
    Kind.TABLE,
    Kind.DOCUMENT,
    Kind.DATA,
)


def result_ports(kinds: Collection[Kind] = ANYTHING) -> tuple[Port, ...]:
    """Return the ports ``result`` (what was made, the words first) and ``media`` (what is beside it).

    Args:
        kinds: What may come, the likeliest first.
    """
    first, *others = kinds
    media = [kind for kind in (*kinds, *ANYTHING) if kind is not Kind.TEXT]
    beside = tuple(dict.fromkeys([*media, Kind.TEXT]))
    return (
        Port(name="result", kind=first, also=tuple(others)),
        Port(
            name="media",
            kind=beside[0],
            also=beside[1:],
            many=True,
            required=False,
            description="Pictures, recordings and files beside the result.",
        ),
    )


def sorted_results(found: list[Artifact], kinds: Collection[Kind] = ANYTHING) -> Outputs:
    """Return the outputs for what came: texts are joined to one, unless no text is expected."""
    texts = [each for each in found if isinstance(each, Text) and not each.name]
    others = [each for each in found if each not in texts]
    if not others or (texts and Kind.TEXT in kinds):
        joined = texts[0] if len(texts) == 1 else Text("\n\n".join(each.text for each in texts))
        made: Outputs = {"result": joined}
        if others:
            made["media"] = others
        return made
    fitting = [each for each in others if each.kind in kinds]
    first = fitting[0] if fitting else others[0]
    made = {"result": first}
    beside = [each for each in found if each is not first]
    if beside:
        made["media"] = beside
    return made


__all__ = ("ANYTHING", "result_ports", "sorted_results")
