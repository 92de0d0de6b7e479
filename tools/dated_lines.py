"""Put a line that is a date and nothing else into English by rule: the models know sentences, and lose its numbers."""

from __future__ import annotations

import re
from collections.abc import Callable

_DAYS = {
    "segunda": "Monday", "terça": "Tuesday", "quarta": "Wednesday", "quinta": "Thursday", "sexta": "Friday",
    "sábado": "Saturday", "sabado": "Saturday", "domingo": "Sunday",
}  # fmt: skip
_MONTHS = {
    "janeiro": "January", "fevereiro": "February", "março": "March", "marco": "March", "abril": "April", "maio": "May",
    "junho": "June", "julho": "July", "agosto": "August", "setembro": "September", "outubro": "October",
    "novembro": "November", "dezembro": "December",
}  # fmt: skip
_HOUR = r"(\d{1,2})(?:[h:](\d{2})?| horas?)"
_PIECES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf"(?:na |no )?({'|'.join(_DAYS)})(?:-feira)?\b", re.IGNORECASE), lambda found: _DAYS[found[1].lower()]),
    (
        re.compile(rf"(?:no )?(?:dia )?(\d{{1,2}})(?:º)? de ({'|'.join(_MONTHS)})(?: (?:de )?(\d{{4}}))?\b", re.IGNORECASE),
        lambda found: f"{found[1]} {_MONTHS[found[2].lower()]}" + (f" {found[3]}" if found[3] else ""),
    ),
    (
        re.compile(rf"(?:das|de|entre as) {_HOUR} (?:às|as|até às|e as) {_HOUR}", re.IGNORECASE),
        lambda found: f"from {found[1]}:{found[2] or '00'} to {found[3]}:{found[4] or '00'}",
    ),
    (re.compile(rf"(?:às|as|pelas|à) {_HOUR}", re.IGNORECASE), lambda found: f"at {found[1]}:{found[2] or '00'}"),
    (re.compile(r"ao meio-dia\b", re.IGNORECASE), lambda _: "at noon"),
)  # fmt: skip
_BETWEEN = re.compile(r"\s*(?:,|–|-|\|)\s*|\s+")


def dated(line: str) -> str | None:
    """Return a Portuguese line of days, dates and hours in English; None where it says anything else.

    Args:
        line: *Sábado, 20 de junho, às 19 horas*
    """
    rest = line.strip().rstrip(".")
    told: list[str] = []
    dates = 0
    while rest:
        tried = [(form.match(rest), write) for form, write in _PIECES]
        pieces = [(found, write(found)) for found, write in tried if found is not None]
        if not pieces:
            return None
        found, said = pieces[0]
        told.append(said)
        dates += any(letter.isdigit() for letter in found[0])
        rest = rest[found.end() :]
        if rest:
            between = _BETWEEN.match(rest)
            if between is None:
                return None
            told.append(between[0])
            rest = rest[between.end() :]
    if not dates or len(told) < 2:
        return None
    made = "".join(told)
    return f"{made[:1].upper()}{made[1:]}" + ("." if line.rstrip().endswith(".") else "")


__all__ = ("dated",)
