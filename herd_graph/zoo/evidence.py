"""Who took which token: as JSON for the trace, and as a page for people."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from herd_graph.types import JSONObject

_COLOURS = ("#9ecae1", "#fdae6b", "#a1d99b", "#bcbddc", "#fdd0a2", "#c7e9c0", "#dadaeb", "#fcbba1")
BASE = "(base)"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The tokens of an answer, and the part that each adapter or model had in each.

    Example:
        >>> found = Evidence(tokens=("Die", " Katze"), parts=({"german": 1.0}, {}))
        >>> found.shares
        {'german': 0.5, '(base)': 0.5}
    """

    tokens: Sequence[str]
    parts: Sequence[Mapping[str, float]]
    route: str = ""
    """What chose: a gate's name, or the adapter that was asked for."""

    @property
    def shares(self) -> dict[str, float]:
        """The mean part of each over all tokens; what nobody took is the base's."""
        sums: dict[str, float] = {}
        for part in self.parts:
            for name, mass in part.items():
                sums[name] = sums.get(name, 0.0) + mass
            rest = 1.0 - sum(part.values())
            if rest > 1e-3:
                sums[BASE] = sums.get(BASE, 0.0) + rest
        count = max(1, len(self.parts))
        return {name: round(mass / count, 4) for name, mass in sums.items()}

    @property
    def leaders(self) -> list[str]:
        """Who had the largest part in each token."""
        return [max(part, key=lambda n: part[n]) if part else BASE for part in self.parts]

    def public(self) -> JSONObject:
        """Return it as JSON."""
        rows: list[Any] = [
            {"token": token, "by": leader, "parts": dict(part)}
            for token, leader, part in zip(self.tokens, self.leaders, self.parts, strict=True)
        ]
        return {"route": self.route, "shares": dict(self.shares), "tokens": rows}

    def html(self) -> str:
        """Return the text with each token in the colour of who had the largest part in it."""
        names = [name for name in self.shares if name != BASE]
        colours = {name: _COLOURS[at % len(_COLOURS)] for at, name in enumerate(names)}
        words = "".join(
            f'<span title="{html.escape(_told(part))}" '
            f'style="background:{colours.get(leader, "transparent")}">{html.escape(token)}</span>'
            for token, leader, part in zip(self.tokens, self.leaders, self.parts, strict=True)
        )
        legend = " ".join(
            f'<span style="background:{colours.get(name, "transparent")}">{html.escape(name)} '
            f"{share:.0%}</span>"
            for name, share in self.shares.items()
        )
        return (
            f'<div style="white-space:pre-wrap;font-family:monospace">{words}</div><p>{legend}</p>'
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self.shares), "text/html": self.html()}


def _told(part: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {mass:.2f}" for name, mass in part.items()) or BASE


__all__ = ("BASE", "Evidence")
