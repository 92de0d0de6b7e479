"""Say which language a text is in."""

from __future__ import annotations

import math
from importlib import import_module
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation
from herd_graph.function_experts import expert

from .languages import language
from .needs import model

MAX_CHARS = 2_000_000
READ = 20_000
"""Characters that are looked at: beginning, middle and end. More changes nothing."""
SURE = 0.75
ENOUGH = 40
"""Letters from which the classifier is believed when it says that a text is not English."""
SHORT = 20
"""Letters below which a text in a script that many languages share is a guess."""
# Names in English, for the languages that the model knows.
NAMES = dict(
    pair.split(":")
    for pair in [
        "af:Afrikaans",
        "am:Amharic",
        "an:Aragonese",
        "ar:Arabic",
        "as:Assamese",
        "az:Azerbaijani",
        "be:Belarusian",
        "bg:Bulgarian",
        "bn:Bengali",
        "br:Breton",
        "bs:Bosnian",
        "ca:Catalan",
        "cs:Czech",
        "cy:Welsh",
        "da:Danish",
        "de:German",
        "dz:Dzongkha",
        "el:Greek",
        "en:English",
        "eo:Esperanto",
        "es:Spanish",
        "et:Estonian",
        "eu:Basque",
        "fa:Persian",
        "fi:Finnish",
        "fo:Faroese",
        "fr:French",
        "ga:Irish",
        "gl:Galician",
        "gu:Gujarati",
        "he:Hebrew",
        "hi:Hindi",
        "hr:Croatian",
        "ht:Haitian",
        "hu:Hungarian",
        "hy:Armenian",
        "id:Indonesian",
        "is:Icelandic",
        "it:Italian",
        "ja:Japanese",
        "jv:Javanese",
        "ka:Georgian",
        "kk:Kazakh",
        "km:Khmer",
        "kn:Kannada",
        "ko:Korean",
        "ku:Kurdish",
        "ky:Kyrgyz",
        "la:Latin",
        "lb:Luxembourgish",
        "lo:Lao",
        "lt:Lithuanian",
        "lv:Latvian",
        "mg:Malagasy",
        "mk:Macedonian",
        "ml:Malayalam",
        "mn:Mongolian",
        "mr:Marathi",
        "ms:Malay",
        "mt:Maltese",
        "nb:Norwegian",
        "ne:Nepali",
        "nl:Dutch",
        "nn:Norwegian",
        "no:Norwegian",
        "oc:Occitan",
        "or:Odia",
        "pa:Punjabi",
        "pl:Polish",
        "ps:Pashto",
        "pt:Portuguese",
        "qu:Quechua",
        "ro:Romanian",
        "ru:Russian",
        "rw:Kinyarwanda",
        "se:Sami",
        "si:Sinhala",
        "sk:Slovak",
        "sl:Slovene",
        "sq:Albanian",
        "sr:Serbian",
        "sv:Swedish",
        "sw:Swahili",
        "ta:Tamil",
        "te:Telugu",
        "th:Thai",
        "tl:Tagalog",
        "tr:Turkish",
        "ug:Uyghur",
        "uk:Ukrainian",
        "ur:Urdu",
        "uz:Uzbek",
        "so:Somali",
        "ha:Hausa",
        "yo:Yoruba",
        "ig:Igbo",
        "sn:Shona",
        "tg:Tajik",
        "tk:Turkmen",
        "tt:Tatar",
        "mi:Maori",
        "my:Burmese",
        "bo:Tibetan",
        "gd:Gaelic",
        "fy:Frisian",
        "su:Sundanese",
        "ceb:Cebuano",
        "sd:Sindhi",
        "vi:Vietnamese",
        "vo:Volapük",
        "wa:Walloon",
        "xh:Xhosa",
        "yi:Yiddish",
        "zh:Chinese",
        "zu:Zulu",
    ]
)


class Language(BaseModel):
    """The language of a text."""

    model_config = ConfigDict(frozen=True)

    language: str
    """In English: ``Portuguese``; ``unknown`` where the text does not tell."""
    code: str
    """ISO 639: ``pt``; ``und`` where the text does not tell."""
    score: float = Field(ge=0, le=1)
    note: str = ""
    """Why the answer is a guess; empty when it is none."""


class Identifier:
    """The classifier behind the experts that must know a language."""

    def __init__(self) -> None:
        folder = model("langid-py3").locate()
        langid: Any = import_module("py3langid.langid")
        # A classifier of its own: the package's module-level one is shared and can be reconfigured.
        self._model: Any = langid.LanguageIdentifier.from_modelpath(
            str(folder / "data" / "model.npz.xz"), norm_probs=True
        )
        # Without its dialects and pidgins, which take half of the score of the language they are of.
        self._model.set_languages([each for each in self._model.labels if each in NAMES])

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Return codes and scores, the likeliest first. Call ``sample`` on long text first."""
        found = [(str(code), float(score)) for code, score in self._model.rank(text)]
        if any(math.isnan(score) for _, score in found):
            return [("und", 0.0)]
        return [("no" if code in {"nb", "nn"} else code, score) for code, score in found]


def not_english(text: str, identifier: Identifier) -> str:
    """Say what a text is that is plainly no English: ``Swedish``; empty when it is, or may be."""
    seen = sample(text)
    letters = [each for each in seen if each.isalpha()]
    if sum(each > "\u024f" for each in letters) > len(letters) / 2:
        return "in another script than Latin"
    code = language(seen)
    if not code and len(letters) >= ENOUGH:
        found, score = identifier.rank(" ".join(seen.split()))[0]
        code = found if score > 0.8 else ""
    return "" if code in {"", "en"} else NAMES.get(code, code)


def sample(text: str) -> str:
    """Return at most ``READ`` characters of a text: its beginning, middle and end."""
    if len(text) <= READ:
        return text
    part, middle = READ // 3, len(text) // 2
    return "\n".join((text[:part], text[middle : middle + part], text[-part:]))


@expert(
    name="identify_language",
    tags=["language", "which language", "detect language", "English", "Spanish", "German"],
    examples=[
        "which language is this text in?",
        "what language is the letter written in?",
        "detect the language of the note",
        "is this Spanish or Portuguese?",
        "in which language does she write?",
    ],
    latency_s=0.01,
    memory="100 MiB",
    licence="BSD-3-Clause (py3langid)",
    weights_licence="BSD-3-Clause (langid.py)",
    notes=(
        "About a hundred languages, from written text. A word or two is a guess, and the note says so; close "
        "relatives (Danish and Norwegian, Croatian and Serbian) are told apart in longer texts only. "
        "Of a text in several languages it names the one with most of it."
    ),
)
class IdentifyLanguage:
    """Identify the language that a text is written in."""

    def load(self) -> None:
        """Load the classifier."""
        self._identifier = Identifier()

    def close(self) -> None:
        """Let go of it."""
        del self._identifier

    def __call__(self, text: Text) -> Language:
        """Identify.

        Args:
            text: A text in any language.
        """
        source = text.text
        if len(source) > MAX_CHARS:
            raise PortViolation(
                f"The text has {len(source):,} characters. Expected at most {MAX_CHARS:,}. Give a part."
            )
        seen = sample(source)
        letters = [each for each in seen if each.isalpha()]
        if not letters:
            raise PortViolation(
                "The text holds no letters. Expected words in some language. Give a text with words."
            )
        ranked = self._identifier.rank(" ".join(seen.split()))
        code, score = ranked[0]
        rivals = ", ".join(f"{NAMES.get(each, each)} {of:.2f}" for each, of in ranked[1:3])
        latin = sum(each < "\u0590" for each in letters) > len(letters) / 2
        note = ""
        if latin and len(letters) < SHORT:
            note = f"a guess: {len(letters)} letters are too few to be sure (next: {rivals})"
            score = min(score, 0.5)
        elif score < SURE:
            note = f"not sure (next: {rivals})"
        if score < 0.2:
            return Language(
                language="unknown",
                code="und",
                score=round(score, 2),
                note=f"the text does not tell (nearest: {NAMES.get(code, code)} {score:.2f}, {rivals})",
            )
        return Language(
            language=NAMES.get(code, code), code=code, score=round(min(score, 1.0), 2), note=note
        )
