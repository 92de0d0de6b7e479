"""Tell which language a text is in, from its letters and commonest words: fast, and silent in doubt."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass

_COMMON = {
    "en": "the of and to in is that it for was on are with as his they be at this have from or had by but not "
    "what all were we when your can said there use an each which she do how their if will up about out many then "
    "them these so some her would make like him into time has look more two go see no way could people my than "
    "been who its now did get may i you he our me us am please thank thanks hello very here where any only after "
    "before between also every because through while should does being yes one shows picture",
    "pt": "o os as um uma uns umas do da dos das no na nos nas em ao à aos às pelo pela pelos não você vocês eu ele "
    "ela eles elas nós meu minha meus seu sua seus suas isso isto este esta está estão são foi ser ter tem têm com "
    "sem por para que se mais mas muito também já quando onde como ou e é bom dia obrigado obrigada olá amanhã hoje "
    "até então há depois antes vai vem pode era foram sobre entre ainda mesmo cada toda todos toda de fica nosso",
    "es": "el los las una unos unas del al y en es son fue con sin por para que se más pero muy también ya cuando "
    "donde dónde está están cómo o yo él ella ellos usted ustedes mi su esto este esta hola gracias mañana hoy "
    "hasta entonces hay después antes qué lo le no un la de nos tiene buenos días señor sobre entre cada todos ser "
    "nuestro como sus era desde ha han les porque",
    "fr": "le les la une des du au aux et en est sont avec sans pour que qui ne pas plus mais très aussi quand où "
    "comme ou je tu il elle nous vous ils elles mon ma mes son sa ses ce cette c'est bonjour merci demain dans sur "
    "être avoir a un de se par cet était leur notre votre ont fait tout tous d'une entre après",
    "de": "der die das den dem des ein eine einen einem einer und ist sind war mit ohne für dass nicht mehr aber sehr "
    "auch wenn wo wie oder ich du er sie es wir ihr mein sein dies diese dieser hallo danke morgen heute auf im in "
    "zu von bei nach haben werden wird zum zur über aus als noch nur am sich hat kann um bitte uhr",
    "it": "il lo gli i le la una uno del della dei delle alla alle e è sono con senza per che non più ma molto anche "
    "quando dove come o io tu lui lei noi voi loro mio suo questo questa ciao grazie domani oggi nel nella di a da "
    "in un si al ha hanno era dal sul ogni tutti prima dopo essere nostro c'è",
    "nl": "de het een en van ik te dat die in is niet op zijn met voor er maar om hem dan zou wat mijn men dit zo "
    "door over ze zich bij ook tot je mij uit der daar haar naar heb hoe heeft hebben deze u want nog zal me zij nu "
    "geen omdat iets worden toch al waren veel meer doen toen moet ben zonder kan hun dus alles onder ja werd wij",
}  # fmt: skip
_LETTERS = {"ã": "pt", "õ": "pt", "ñ": "es", "¿": "es", "¡": "es", "ß": "de", "ä": "de", "ö": "de", "ü": "de",
            "œ": "fr", "ê": "fr", "è": "fr", "û": "fr", "î": "fr", "ì": "it", "ò": "it", "ù": "it"}  # fmt: skip
_SCRIPTS = {
    "CYRILLIC": "ru", "GREEK": "el", "ARABIC": "ar", "HEBREW": "he", "DEVANAGARI": "hi", "CJK": "zh", "HIRAGANA": "ja",
    "KATAKANA": "ja", "HANGUL": "ko", "THAI": "th",
}  # fmt: skip
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MOST = 400
"""Words that are looked at."""
NAMES = {
    "en": "English", "pt": "Portuguese", "es": "Spanish", "fr": "French", "de": "German", "it": "Italian",
    "nl": "Dutch", "ru": "Cyrillic script", "el": "Greek", "ar": "Arabic script", "he": "Hebrew", "hi": "Devanagari",
    "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "th": "Thai",
}  # fmt: skip


def _known() -> dict[str, tuple[tuple[str, float], ...]]:
    held: dict[str, list[str]] = {}
    for code, listed in _COMMON.items():
        for word in set(listed.split()):
            held.setdefault(word, []).append(code)
    return {word: tuple((code, 1.0 / len(codes)) for code in codes) for word, codes in held.items()}


_WEIGHTS = _known()


@dataclass(frozen=True, kw_only=True)
class Tongue:
    """The language that a text seems to be in."""

    code: str
    """Empty where nothing tells."""
    sure: bool = False
    share: float = 0.0
    """The share of its words that are plainly of that language."""

    @property
    def name(self) -> str:
        """Its English name."""
        return NAMES.get(self.code, self.code or "no known language")


def tongue(text: str) -> Tongue:
    """Return the language of a text; ``sure`` only where another one is out of the question.

    Lists of names, prices and codes are in no language.
    """
    script = _script(text)
    if script:
        return Tongue(code=script, sure=True, share=1.0)
    words = [each.group().lower() for each in _WORDS.finditer(text[: _MOST * 12])][:_MOST]
    if not words:
        return Tongue(code="")
    scores: defaultdict[str, float] = defaultdict(float)
    hits: Counter[str] = Counter()
    for word in words:
        for code, weight in _WEIGHTS.get(word.replace("’", "'"), ()):
            scores[code] += weight
            hits[code] += 1
        for letter in word:
            if letter in _LETTERS:
                scores[_LETTERS[letter]] += 0.7
                hits[_LETTERS[letter]] += 1
                break
    ranked = sorted(scores.items(), key=lambda each: -each[1])[:2]
    if not ranked:
        return Tongue(code="")
    code, best = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    share = hits[code] / len(words)
    sure = best >= 2.0 and best >= 2.0 * second and share >= 0.15 and hits[code] >= 3
    return Tongue(code=code, sure=sure, share=share)


def _script(text: str) -> str:
    """Return the language that most letters' script stands for; empty for Latin letters."""
    head = text[:600]
    if head.isascii():
        return ""
    counted: Counter[str] = Counter()
    for each in head:
        if each.isalpha():
            counted["" if ord(each) < 0x250 else _script_of(each)] += 1
    if not counted:
        return ""
    (first, most), total = counted.most_common(1)[0], counted.total()
    return first if first and most >= 4 and most > 0.5 * total else ""


def _script_of(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return _SCRIPTS.get(name.partition(" ")[0], "")


__all__ = ("NAMES", "Tongue", "tongue")
