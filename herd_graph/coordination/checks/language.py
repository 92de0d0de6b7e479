"""Whether a text came in the language that the port, the card, its source or the request says."""

from __future__ import annotations

import re

from herd_graph.cards import ExpertCard
from herd_graph.coordination.checks.base import (
    CheckInput,
    check,
    doubt,
    failed,
    listed,
    passed,
    source_words,
)
from herd_graph.coordination.checks.natures import made_of_its_source, reads_pictures
from herd_graph.coordination.checks.tongues import NAMES, tongue
from herd_graph.routing.tongues import language_code, languages
from herd_graph.state import Verdict
from herd_graph.types import Kind

_PARAMETERS = frozenset({"to", "target", "language", "target_language", "into", "lang", "tgt"})
_SPEECH = frozenset({Kind.AUDIO, Kind.VIDEO})
_WRITTEN_IN = re.compile(
    r"(?:\b(?:is|are|was|were)|['’]s) (?:(?:all|only|entirely|originally|written|typed|recorded|printed|spoken) )*in [^\W\d_]+\b",
    re.IGNORECASE,
)
"""*The letter is in Portuguese*: so it is, and nobody wants it to be."""
_PIECE = 240
"""Letters of a text that are judged together: a translation may be left half done."""


@check(name="language", gives=Kind.TEXT, cost=0.0003)
async def language(subject: CheckInput) -> Verdict | None:
    """Hold text outputs against the language that they should be in."""
    wanted, why = await wanted_languages(subject)
    if not wanted:
        return None
    others = _pair(subject) - wanted
    for port, text in (await subject.texts()).items():
        for piece in _pieces(text):
            found = tongue(piece)
            is_other = found.sure or (found.code in others and found.share >= 0.25)
            if is_other and found.code not in wanted:
                named = " or ".join(NAMES.get(each, each) for each in sorted(wanted))
                told = f"{port!r} is in {found.name}; {why} {named}"
                certain = made_of_its_source(subject.card) or not why.startswith("what")
                if not certain:
                    return doubt("language", told, score=0.4, evidence=piece[:120])
                return failed("language", told, score=0.1, evidence=piece[:120])
    return passed("language")


async def wanted_languages(subject: CheckInput) -> tuple[frozenset[str], str]:
    """Return the languages that a text output may be in, and who says so; none where nobody does."""
    asked = await parameter(subject)
    if asked:
        return frozenset({asked}), "it was asked for in"
    given = {ref.kind for refs in subject.inputs.values() for ref in listed(refs)}
    if given and given <= _SPEECH:
        return _named_by(subject.card), "its expert hears"
    if given == {Kind.TEXT} and _keeps_language(subject.card):
        sources = await subject.texts(given=True)
        found = [tongue(each) for each in sources.values()]
        if (
            found
            and all(each.sure for each in found)
            and not any(_names_language(each) for each in sources.values())
        ):
            return frozenset(each.code for each in found), "what it was made of is in"
    if Kind.TABLE in given or (Kind.IMAGE in given and not reads_pictures(subject.card)):
        return await _around(subject), "around it all is in"
    return frozenset(), ""


async def _around(subject: CheckInput) -> frozenset[str]:
    """Return the languages of expert, question and source: figures may be told in any of them."""
    words = [subject.card.description, subject.request, subject.ask, *await source_words(subject)]
    return frozenset(each.code for each in map(tongue, words) if each.code)


async def parameter(subject: CheckInput) -> str:
    """Return the language that an input asks for; empty where none does."""
    for port in subject.card.inputs:
        choices = [language_code(each) for each in port.choices]
        named = port.name in _PARAMETERS and not port.choices
        if not named and not (len(choices) > 1 and all(choices)):
            continue
        for ref in listed(subject.inputs.get(port.name)):
            if ref.size <= 40 and ref.kind in {Kind.TEXT, Kind.DATA}:
                code = language_code((await subject.text(ref)).strip().strip('"'))
                if code:
                    return code
    return ""


def in_other_words(text: str, source: str, subject: CheckInput) -> bool:
    """Say whether a source, or a part of it, is in another language than what was made of it.

    Its words then say nothing of the text: *sábado* is *Saturday*. That holds of a language that
    somebody may want: one that the request names, or is written in, where there is a request in words.
    """
    said = tongue(text)
    if not said.code or not (said.sure or said.share >= 0.25):
        return False
    asked = subject.ask or subject.request
    wanted = {each.code for each in languages(f"{subject.request} {asked}")} | {tongue(asked).code}
    if said.code not in wanted:
        return False
    return any(found.sure and found.code != said.code for found in map(tongue, _pieces(source)))


def _pair(subject: CheckInput) -> frozenset[str]:
    """Return the languages of an expert that knows but two: less tells them apart."""
    for port in subject.card.inputs:
        codes = frozenset(each for each in map(language_code, port.choices) if each)
        if len(codes) == len(port.choices) == 2:
            return codes
    return frozenset()


def _keeps_language(card: ExpertCard) -> bool:
    words = f"{card.description} {' '.join(card.tags)}".lower()
    return not re.search(r"translat|language|\bcode\b|dictionary", words) and not languages(words)


def _names_language(text: str) -> bool:
    """Say whether words speak of a language, as *how do you say hello in Portuguese?* does."""
    return len(text) < 400 and bool(languages(text))


def _named_by(card: ExpertCard) -> frozenset[str]:
    return frozenset(each.code for each in languages(card.description))


def _pieces(text: str) -> list[str]:
    """Cut a text into pieces at white space; a short rest belongs to the piece before."""
    if len(text) <= 2 * _PIECE:
        return [text]
    found: list[str] = []
    start = 0
    while start < len(text) and len(found) < 12:
        end = text.find(" ", start + _PIECE)
        if end < 0 or len(text) - end < _PIECE // 2:
            end = len(text)
        found.append(text[start:end])
        start = end
    return found


@check(name="request:language", gives=Kind.TEXT, cost=0.0003, when=lambda subject: subject.answers)
async def asked_language(subject: CheckInput) -> Verdict | None:
    """Hold a text that answers against the language that the request names.

    Where another step is told that language, it is that step's answer which the request means.
    """
    said = _WRITTEN_IN.sub(" ", subject.ask or subject.request)
    asked = {each.code for each in languages(said) if each.target}
    if not asked or asked & subject.served:
        return None
    for text in (await subject.texts()).values():
        found = tongue(text)
        if found.sure and found.code not in asked:
            named = " and ".join(NAMES.get(each, each) for each in sorted(asked))
            return doubt(
                "request:language",
                f"it was asked for in {named}, and is in {found.name}",
                score=0.3,
            )
    return passed("request:language")


@check(name="caution:voice", gives=Kind.AUDIO, takes=Kind.TEXT, cost=0.0003)
async def voice_fits(subject: CheckInput) -> Verdict | None:
    """Say where a voice for one language read a text in another: it can be used, with a caution."""
    given = {ref.kind for refs in subject.inputs.values() for ref in listed(refs)}
    voices = _named_by(subject.card)
    if given != {Kind.TEXT} or len(voices) != 1:
        return None
    for text in (await subject.texts(given=True)).values():
        found = tongue(text)
        if found.sure and found.code in NAMES and found.code not in voices:
            voice = NAMES.get(next(iter(voices)), "")
            return passed("caution:voice", f"{found.name} read by a voice for {voice}")
    return None


__all__ = (
    "asked_language",
    "in_other_words",
    "language",
    "parameter",
    "voice_fits",
    "wanted_languages",
)
