"""Write one text out of the parts of an answer, with a language model that may add nothing.

What it writes is held to the parts: a number, a date, a name or a quotation that none of them has makes
the text be thrown away, and the parts stand as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Protocol, cast

from herd_graph.coordination.checks.grounding import Claim, claims
from herd_graph.errors import RoutingError
from herd_graph.prompts import Prompts
from herd_graph.routing.completing import Bill, Completion
from herd_graph.types import JSONObject

_MOST = 24_000
"""Letters of all parts that a model is shown."""
_SHAPE: JSONObject = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
}


class Found(Protocol):
    """One part of an answer."""

    @property
    def ask(self) -> str:
        """What was asked."""
        ...

    @property
    def text(self) -> str:
        """What was found, in words."""
        ...

    @property
    def provenance(self) -> str:
        """Where it comes from, in a line."""
        ...


async def synthesise(
    request: str,
    parts: Sequence[Found],
    missing: Sequence[str],
    completion: Completion,
    bill: Bill | None = None,
) -> str:
    """Return one text that says what the parts say; empty where the model does not keep to them.

    Args:
        request: What was asked.
        parts: What was found.
        missing: What was not, with the reason.
        completion: The model.
        bill: Where its cost goes.
    """
    shown = "\n\n".join(f"{each.ask}\n{each.text}\n[{each.provenance}]" for each in parts)
    if not parts or len(shown) > _MOST:
        return ""
    messages = (
        Prompts()
        .load("answer")
        .messages(request=request, parts=shown, missing="\n".join(missing) or "nothing")
    )
    try:
        pieces = [each async for each in completion(messages, _SHAPE, bill or Bill())]
    except RoutingError:
        return ""
    text = _answer("".join(pieces))
    return "" if invented(text, request, parts, missing) else text


def invented(
    text: str, request: str, parts: Sequence[Found], missing: Sequence[str] = ()
) -> list[Claim]:
    """Return what a text says and neither its parts nor the request do."""
    sources = [*(each.text for each in parts), *(each.provenance for each in parts), *missing]
    return [each for each in claims(text, sources, request=request) if not each.found]


def _answer(reply: str) -> str:
    found = re.search(r"\{.*\}", reply, re.DOTALL)
    try:
        value: Any = json.loads(found.group()) if found else {}
    except ValueError:
        return ""
    held = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    said = held.get("answer")
    return said.strip() if isinstance(said, str) else ""


__all__ = ("invented", "synthesise")
