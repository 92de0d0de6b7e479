# ruff: noqa: SIM905 - word lists are read and mended as words
"""How letters begin, put over by hand: *Dear Tomas* became several Tomases, *Exmo. Senhor* nobody at all."""

from __future__ import annotations

import re
from collections.abc import Callable

from .names import plain

_PLAIN_NAME = r"(?P<name>[A-ZÀ-Ý][\w'’-]*(?: (?:(?:d[aeo]s? )?[A-ZÀ-Ý][\w'’-]*)){0,3})"
_END = r"(?P<end>[,:!]?)(?P<rest>(?<=[,!])\s+\S.*)?"
_ENGLISH = re.compile(
    rf"(?P<how>(?i:dear|hi|hello|hey|good (?:morning|afternoon|evening))) (?P<title>(?:Mrs?|Ms|Miss|Dr|Prof(?:essor)?)\.? )?{_PLAIN_NAME}{_END}"
)
_PORTUGUESE = re.compile(
    r"(?P<how>(?i:car[oa]|querid[oa]|prezad[oa]|estimad[oa]|ex\.?m[oa]\.?(?:º|ª)?|olá|oi|bom dia|boa tarde|boa noite))s? "
    rf"(?P<title>(?i:sr|sra|srª|senhora?|dr|dra|drª|dona|eng|engª|prof|profª|professora?)\.? (?:[Dd]ona )?)?{_PLAIN_NAME}{_END}"
)
_SIGNED = {
    "pt": re.compile(rf"(?P<title>Mrs?|Ms|Miss|Dr|Prof(?:essor)?)\.? {_PLAIN_NAME}(?P<end>[,.]?)"),
    "en": re.compile(
        rf"(?P<title>Sr|Sra|Srª|Senhora?|Dra?|Drª|Dona|Eng|Engª|Prof|Profª|Professora?)\.? {_PLAIN_NAME}(?P<end>[,.]?)"
    ),
}
_TITLES = {
    "sr": "Mr ", "senhor": "Mr ", "sra": "Mrs ", "srª": "Mrs ", "senhora": "Mrs ", "dona": "Mrs ", "dr": "Dr ",
    "dra": "Dr ", "drª": "Dr ", "eng": "Mr ", "engª": "Mrs ", "prof": "Professor ", "profª": "Professor ",
    "professor": "Professor ", "professora": "Professor ",
}  # fmt: skip
_GREETINGS = {
    "olá": "Hello", "oi": "Hi", "bom dia": "Good morning", "boa tarde": "Good afternoon", "boa noite": "Good evening",
    "hi": "Olá", "hello": "Olá", "hey": "Olá", "good morning": "Bom dia", "good afternoon": "Boa tarde",
    "good evening": "Boa noite",
}  # fmt: skip
_SIRS = {
    "pt": {
        "dear sir or madam": "Exmo.(a) Senhor(a)", "dear sir/madam": "Exmo.(a) Senhor(a)", "dear sir": "Exmo. Senhor",
        "dear madam": "Exma. Senhora", "dear sirs": "Exmos. Senhores", "dear all": "Caros todos",
        "dear everyone": "Caros todos", "dear team": "Cara equipa", "hi all": "Olá a todos", "hi everyone": "Olá a todos",
        "hello everyone": "Olá a todos", "hello all": "Olá a todos", "hi there": "Olá", "dear friend": "Caro amigo",
        "dear friends": "Caros amigos", "to whom it may concern": "A quem possa interessar",
    },
    "en": {
        "exmo senhor": "Dear Sir", "exma senhora": "Dear Madam", "exmos senhores": "Dear Sirs",
        "exmas senhoras": "Dear Madams", "exmoa senhora": "Dear Sir or Madam", "caro senhor": "Dear Sir",
        "cara senhora": "Dear Madam", "caros senhores": "Dear Sirs", "prezados senhores": "Dear Sirs",
        "caros todos": "Dear all", "olá a todos": "Hello everyone", "cara equipa": "Dear team",
        "a quem possa interessar": "To whom it may concern",
    },
}  # fmt: skip
_ROLE = re.compile(
    r"(?:Diretora?|Presidente|Vereadora?|Ministr[oa]|Vizinh[oa]|Cliente|Coordenadora?|Administradora?|Reitora?|Encarregad[oa])\b"
)
"""A person by what they are: it has no name that an English letter would begin with."""
_HER: frozenset[str] = frozenset(
    "alice alison amy ann anne beatriz carol caroline catherine charlotte chloe christine claire dorothy edith elisabete "
    "elizabeth ellen emily evelyn florence frances grace hannah heather helen ines irene isabel jane janet jennifer joyce "
    "judith julie karen kate katherine kathleen lauren leonor lily lourdes louise lucy margaret marie mary megan michelle "
    "nancy nicole rachel raquel rose ruth sarah sophie stephanie susan wendy yasmin zoe".split()
)
_HIM = frozenset({"joshua", "luca", "nikita", "garcia"})
_FORMAL = re.compile(r"\b(s)(eus?|uas?)\b", re.IGNORECASE)
_FAMILIAR = re.compile(
    r"\b(?:tu|te|ti|contigo|teus?|tuas?|estás|tens|podes|queres|vais|és|sabes|foste)\b",
    re.IGNORECASE,
)
_SAID = {"eu": "vosso", "eus": "vossos", "ua": "vossa", "uas": "vossas"}


def salutation(line: str, to: str) -> tuple[str, str] | None:
    """Return how a letter begins in the other language, and what stands behind it; None for all else.

    Args:
        line: A line: *Dear Ms Oliveira,* or *Olá Rita, chegámos bem.*
        to: The language wanted: pt or en.
    """
    key = re.sub(r"[.()ºª]", "", line.strip().rstrip(",:!").lower())
    if (said := _SIRS[to].get(key)) is not None:
        return said + line.strip()[len(line.strip().rstrip(",:!")) :], ""
    found = (_ENGLISH if to == "pt" else _PORTUGUESE).fullmatch(line)
    if found is None or (not found["end"] and len(line.split()) > 4):
        return None
    if to == "en" and _ROLE.match(found["name"]):
        hers = (found["title"] or "").lower().startswith(("senhora", "sra"))
        return f"Dear {'Madam' if hers else 'Sir'}{found['end']}", (found["rest"] or "").strip()
    how = " ".join(found["how"].lower().split())
    title = _plain_title(found["title"])
    name = found["name"]
    if how in _GREETINGS:
        begins = f"{_GREETINGS[how]} {_titled(title, to)}"
    elif to == "en":
        begins = f"Dear {_TITLES.get(title, '')}"
    else:
        begins = f"{'Cara' if _is_hers(title, name) else 'Caro'} {_titled(title, to)}"
    return f"{begins}{name}{found['end']}", (found["rest"] or "").strip()


def _plain_title(said: str | None) -> str:
    words = (said or "").lower().split()
    return words[0].rstrip(".") if words else ""


def signed(line: str, to: str) -> str | None:
    """Return a name with its title, standing alone, in the other language: *Mrs Hughes*; None for all else."""
    found = _SIGNED[to].fullmatch(line) if to in _SIGNED else None
    if found is None:
        return None
    return f"{_titled(_plain_title(found['title']), to)}{found['name']}{found['end']}"


def below_closing(line: str, before: str, is_closing: Callable[[str], bool]) -> bool:
    """Say whether a line is the name under *Kind regards*: it stays as it was signed."""
    words = re.findall(r"[^\W\d_][\w'’.-]*", line)
    return (
        bool(words)
        and len(words) <= 4
        and not re.search(r"\d", line)
        and is_closing(before.strip())
        and all(
            each[0].isupper() or each in {"da", "de", "do", "dos", "das", "e", "and", "of"}
            for each in words
        )
    )


def _titled(title: str, to: str) -> str:
    if to == "en":
        return _TITLES.get(title, "")
    if title in {"mrs", "ms", "miss"}:
        return "Sra. "
    return {"mr": "Sr. ", "dr": "Dr. ", "prof": "Prof. ", "professor": "Professor "}.get(title, "")


def _is_hers(title: str, name: str) -> bool:
    first = plain(name.split(maxsplit=1)[0])
    if title:
        return title in {"mrs", "ms", "miss"}
    return first in _HER or (first.endswith("a") and first not in _HIM)


def addressed(text: str) -> str:
    """Let *seu* be yours in a letter to somebody: Portuguese says *his* and a courteous *your* alike.

    Only where the letter begins as one and never says *tu*: then *o seu pai* is the reader's father,
    as the writer would have said *o pai dele* of somebody else's.
    """
    greets = any(salutation(line.strip(), "en") for line in text.splitlines()[:15] if line.strip())
    if not greets or _FAMILIAR.search(text):
        return text

    def yours(found: re.Match[str]) -> str:
        said = _SAID[found[2].lower()]
        return said.capitalize() if found[1] == "S" else said

    return _FORMAL.sub(yours, text)


__all__ = ("addressed", "below_closing", "salutation", "signed")
