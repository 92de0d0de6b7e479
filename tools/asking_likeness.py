"""How words and columns of a table go together: synonyms, superlatives, and what they measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .asking import Column, name_parts, root
from .asking_lexicon import ADJECTIVES, BAD, GOOD, RINGS, Adjective

ROOTED = tuple(frozenset(root(each) for each in ring) for ring in RINGS)


@dataclass(frozen=True)
class Extreme:
    """A superlative, or a comparative with the sign that it stands for."""

    direction: str
    """``max`` or ``min``."""
    columns: str
    """What it may measure, as in ``Adjective``; empty for *highest* and *most*."""
    at: int
    said: str


_PEOPLE = root("people")
_BORN = frozenset({"born", "birth", "birthday", "dob", "birthdate", "geburtstag", "nascimento"})
_ATTENDING = frozenset(map(root, "guest attendee visitor participant attendance audience".split()))  # noqa: SIM905
_MONEY = frozenset("eur euro euros usd gbp chf dollar dollars pound pounds € $ £ cost costs price amount bill charge".split())  # noqa: SIM905  # fmt: skip
_GENERAL = frozenset({"amount", "size", "value", "quantity"})


def is_general(wanted: str) -> bool:
    """Say whether an adjective is said of any number: *large*, and not *heavy*, which is of weights.

    Args:
        wanted: What it may measure, as ``Adjective`` has it.
    """
    return bool(_GENERAL & set(wanted.split()))


def first_word(wanted: str) -> str:
    """Return what an adjective measures before all."""
    return wanted.partition(" ")[0].lstrip("-")


def superlative(word: str) -> Adjective | None:
    """Return what *cheapest* says; None for any other word."""
    if word in {"best", "worst", "weakest"}:
        return GOOD if word == "best" else BAD
    if word in {"furthest", "farthest"}:
        return ADJECTIVES["far"]
    if word in {"latest", "newest", "youngest"}:
        return (
            Adjective("max", "date time year born") if word != "youngest" else ADJECTIVES["young"]
        )
    return _graded(word, "est")


def comparative(word: str) -> Adjective | None:
    """Return what *cheaper* says; None for any other word."""
    if word in {"better", "worse"}:
        return GOOD if word == "better" else BAD
    if word in {"further", "farther"}:
        return ADJECTIVES["far"]
    return _graded(word, "er")


def _graded(word: str, ending: str) -> Adjective | None:
    if not word.endswith(ending) or len(word) < 5:
        return None
    bare = word[: -len(ending)]
    forms = [bare, f"{bare}e", f"{bare[:-1]}y" if bare.endswith("i") else bare]
    if len(bare) > 2 and bare[-1] == bare[-2]:
        forms.append(bare[:-1])
    return next((ADJECTIVES[each] for each in forms if each in ADJECTIVES), None)


def likeness(column: Column, word: str) -> int:
    """Return 3 where a column has the word in its name, 2 for a synonym, 1 within a compound."""
    parts = {root(each) for each in name_parts(column.name)}
    wanted = root(word)
    if wanted in parts:
        return 3
    if column.kind == "number":
        parts.discard("art")  # a mark in art, and no German kind
    if column.unit == "hh:mm" and wanted == "tim":
        return 2
    if wanted == _PEOPLE and parts & _ATTENDING and column.is_measure:
        return 2
    rings = [ring for ring in ROOTED if wanted in ring]
    if any(ring & parts for ring in rings):
        return 2
    long = [each for ring in rings for each in ring if len(each) >= 5]
    return int(any(each in part and len(part) > len(each) for part in parts for each in long))


def choose(
    columns: Sequence[Column], wanted: str, direction: str, *, beside: Sequence[str] = ()
) -> tuple[Column, str] | None:
    """Return the column that is measured, and which end of it is meant.

    Args:
        columns: Of the table.
        wanted: Words of columns, the likeliest first; a minus turns the end round.
        direction: ``max`` or ``min``.
        beside: Other words of the question, which decide between columns of one kind.
    """
    roots = {root(each) for each in beside} | {direction}
    for word in wanted.split():
        bare = word.lstrip("-")
        end = direction if bare == word else ("min" if direction == "max" else "max")
        found = [
            (likeness(each, bare), len(roots & meant(each)), -place, each)
            for place, each in enumerate(columns)
            if likeness(each, bare) and _is_compared(each, bare) and not _is_rate_of(each, bare)
        ]
        if found:
            return max(found, key=lambda each: each[:3])[3], end
        if bare == "date" and wanted.split(maxsplit=1)[0].lstrip("-") == "date":
            dated = [each for each in columns if each.kind == "date"]
            if len(dated) == 1 and not _BORN & set(name_parts(dated[0].name)):
                return dated[0], end  # the newest member is the last who joined
    return None


def turned(column: Column, wanted: str, direction: str) -> str:
    """Return which end of a named column is meant: the fastest time is the lowest.

    Args:
        column: The column.
        wanted: What an adjective may measure.
        direction: ``max`` or ``min``.
    """
    if not wanted.startswith("speed "):
        return direction
    found = choose([column], wanted, direction)
    return found[1] if found else direction


def _is_rate_of(column: Column, word: str) -> bool:
    """Whether a column only says how much each of them costs: *price per night*, of nights."""
    parts = [root(each) for each in name_parts(column.name)]
    return "per" in parts[1:] and root(word) in parts[parts.index("per") :]


def _is_compared(column: Column, word: str) -> bool:
    if word == "date":
        return column.kind == "date"
    if word in {"year", "built", "founded", "born"}:
        return column.kind in {"date", "number"}
    if column.unit == "hh:mm" and word in {"duration", "length", "minutes", "delay", "hours"}:
        return False  # when something begins is not how long it takes
    return column.is_measure


def meant(column: Column) -> set[str]:
    """Return the roots of a column's words and of their synonyms."""
    parts = {root(each) for each in name_parts(column.name)}
    return parts | {each for ring in ROOTED if ring & parts for each in ring}


_PEOPLES = ("ish", "ese", "ch", "ian", "ians", "ans", "ers")


def is_other_name(word: str, value: str) -> bool:
    """Say whether a word is a name of something else than a cell, however near: *Madrid*, beside *Porto*.

    Args:
        word: As it is written; not the first of a question.
        value: The cell that is nearest in meaning.
    """
    if not word[:1].isupper() or word.isupper():
        return False
    alike = word[:3].casefold() == value[:3].casefold() or word.endswith(_PEOPLES)
    return not alike and value[:1].isupper()


def is_money(column: Column) -> bool:
    """Whether its name or its cells tell a currency, or a word for what is paid."""
    told = {each.casefold() for each in name_parts(column.name)} | {column.unit.casefold()}
    return bool(told & _MONEY)


def is_cognate(word: str, part: str) -> bool:
    """Whether two words differ in a short ending: *fund* and *fundo*, *client* and *cliente*."""
    short, long = sorted((word, part), key=len)
    return (
        len(short) >= 4 and long.startswith(short) and len(long) - len(short) <= 1 and short != long
    )
