"""Give a text in the language that a request asks for, where it is in the other of two."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .languages import language

if TYPE_CHECKING:
    from .translation import Translator

_ASKED = (
    ("en", re.compile(r"\b(?:in|into|to) english\b|\b(?:em|para) ingl[eê]s\b", re.IGNORECASE)),
    (
        "pt",
        re.compile(r"\b(?:in|into|to) portuguese\b|\b(?:em|para) portugu[eê]s\b", re.IGNORECASE),
    ),
)
_ENGLISH = re.compile(
    r"\benglish (?:gist|summary|version|digest|title|key points|main points)\b", re.IGNORECASE
)
_PORTUGUESE = re.compile(
    r"\bportuguese (?:gist|summary|version|digest|title|key points|main points)\b", re.IGNORECASE
)


_LETTERS = re.compile(r"[ãõ]|ç[aãoõ]", re.IGNORECASE)
"""Of the two languages, only Portuguese has them: a short text may say no more."""


def asked_language(request: str) -> str:
    """Return ``en`` or ``pt`` where a request asks for that language; empty otherwise."""
    if _ENGLISH.search(request):
        return "en"
    if _PORTUGUESE.search(request):
        return "pt"
    found = [(hit.start(), code) for code, form in _ASKED for hit in form.finditer(request)]
    return max(found)[1] if found else ""


class Tongues:
    """Translates what is given in the other language than the one asked for; loads on first use."""

    def __init__(self) -> None:
        self._translator: Translator | None = None

    @property
    def translator(self) -> Translator:
        """The models of both directions."""
        if self._translator is None:
            from .translation import Translator

            self._translator = Translator()
        return self._translator

    def turned(self, text: str, request: str) -> str:
        """Return a text in the language of a request, or as it is where that asks for none other."""
        wanted = asked_language(request)
        written = language(text) or ("pt" if _LETTERS.search(text) else "")
        if (wanted, written) not in {("en", "pt"), ("pt", "en")}:
            return text
        return "\n".join(self.translator.line(each, wanted) for each in text.split("\n"))
