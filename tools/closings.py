"""What ends a letter, and hours as the Portuguese write them: the translator's models make nonsense of both."""

from __future__ import annotations

import re

_PORTUGUESE = {
    "thank you": "Obrigado", "thanks": "Obrigado", "many thanks": "Muito obrigado",
    "thank you very much": "Muito obrigado", "thank you so much": "Muito obrigado",
    "thanks a lot": "Muito obrigado", "thank you in advance": "Desde já, obrigado",
    "thanks in advance": "Desde já, obrigado", "regards": "Cumprimentos",
    "kind regards": "Com os melhores cumprimentos", "best regards": "Com os melhores cumprimentos",
    "warm regards": "Com os melhores cumprimentos", "with kind regards": "Com os melhores cumprimentos",
    "best wishes": "Com os melhores cumprimentos", "sincerely": "Atenciosamente",
    "yours sincerely": "Atenciosamente", "sincerely yours": "Atenciosamente", "yours truly": "Atenciosamente",
    "yours faithfully": "Atenciosamente", "see you soon": "Até breve", "see you tomorrow": "Até amanhã",
    "cheers": "Um abraço", "love": "Com carinho", "lots of love": "Com muito carinho", "with love": "Com carinho",
    "yours": "Cumprimentos", "all the best": "Tudo de bom", "take care": "Cuide-se", "talk soon": "Até breve",
    "see you": "Até logo", "see you later": "Até logo", "bye": "Adeus", "greetings": "Saudações", "hugs": "Abraços",
    "kisses": "Beijinhos", "respectfully": "Respeitosamente", "best": "Cumprimentos", "warmly": "Com carinho",
}  # fmt: skip
_ENGLISH = {
    "obrigado": "Thank you", "obrigada": "Thank you", "muito obrigado": "Thank you very much",
    "muito obrigada": "Thank you very much", "desde já, obrigado": "Thank you in advance",
    "desde já, obrigada": "Thank you in advance", "cumprimentos": "Regards",
    "com os melhores cumprimentos": "Kind regards", "melhores cumprimentos": "Kind regards",
    "os melhores cumprimentos": "Kind regards", "com os meus melhores cumprimentos": "Kind regards",
    "atenciosamente": "Sincerely", "cordialmente": "Kind regards", "saudações": "Regards",
    "um abraço": "Best wishes", "abraço": "Best wishes", "abraços": "Best wishes",
    "um grande abraço": "Best wishes", "beijinhos": "Love", "beijos": "Love", "um beijo": "Love",
    "um beijinho": "Love", "com carinho": "With love", "até logo": "See you later", "com estima": "Kind regards",
    "respeitosamente": "Respectfully", "grato": "With thanks", "grata": "With thanks", "até já": "See you soon",
    "até breve": "See you soon", "até amanhã": "See you tomorrow",
}  # fmt: skip
_CLOSING = re.compile(
    r"(?P<said>[^\W\d_][^.!\d:;?]{2,40}?)(?P<end>(?:[,.!]| *[-–—])?)"
    r"(?P<name>(?<=[,.!–—-])\s+[A-ZÀ-Ý][\w'’-]*(?:\s+(?:d[aeo]s? )?[A-ZÀ-Ý][\w'’-]*){0,3}\.?)?"
)
_HOUR = re.compile(r"\b([01]?\d|2[0-4]) ?h ?([0-5]\d)?(?:min)?\b(?!/)")
_AT = re.compile(r"\b(?:às|as|à|das|até|pelas) $", re.IGNORECASE)


def closing(sentence: str, to: str) -> str | None:
    """Return a closing in the other language, with the name behind it as it stands; None for all else.

    Args:
        sentence: A line or a sentence: *Kind regards, Tom*.
        to: The language wanted: pt or en.
    """
    found = _CLOSING.fullmatch(sentence)
    if found is None:
        return None
    words = {"pt": _PORTUGUESE, "en": _ENGLISH}.get(to, {})
    said = _put_over(" ".join(found["said"].lower().split()), words, to)
    return None if said is None else f"{said}{found['end']}{found['name'] or ''}"


def _put_over(said: str, words: dict[str, str], to: str) -> str | None:
    """Put one closing over, or two: *many thanks and kind regards*."""
    if said in words:
        return words[said]
    first, both, last = said.partition(" and " if to == "pt" else " e ")
    if not both or first not in words or last not in words:
        return None
    second = words[last]
    return f"{words[first]} {'e' if to == 'pt' else 'and'} {second[0].lower()}{second[1:]}"


def english_hours(line: str) -> str:
    """Write *às 10h30* as *às 10:30*, which the model leaves as it stands."""

    def of_day(found: re.Match[str]) -> str:
        if not _AT.search(line[: found.start()]):  # a film lasts 2h30
            return found[0]
        return f"{found[1]}:{found[2] or '00'}"

    return _HOUR.sub(of_day, line)


__all__ = ("closing", "english_hours")
