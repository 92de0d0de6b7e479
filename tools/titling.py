"""Write a title: a tiny network chooses which of a text's own words to keep."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from herd_graph.artifacts import Text
from herd_graph.discovery.words import STOP_WORDS, stem, stems
from herd_graph.errors import PortViolation
from herd_graph.function_experts import expert

from .identifying import Identifier, not_english
from .languages import NAMES
from .letters import subject, without_header, without_letterhead
from .needs import model
from .passages import passages
from .sentences import sentences
from .summaries import choose
from .tongues import Tongues

MAX_CHARS = 2_000_000
PROMPT = "Write a title: "
TOKENS = 400
BEAM = 4
STEPS = 20
LEADS = 4
"""Sentences that a title is sought in: the first ones and the central ones."""
TOPIC = 1.5
"""What a title gains that names what the text speaks of most, in units of its score."""
LEAD = 1.2
"""What one out of the first sentence gains."""
MOST_COUNTED = 400
"""Sentences in which words are counted."""
END = 1
TRANSLATED = 4_000
"""Characters of a Portuguese text that are read for its title."""
MOST_HEADING = 7
"""Words of a line that may be a heading."""
_HEADS = re.compile(r"[A-ZÀ-Ý][^.!?;,:@\d|]*[^\W\d_][!?]?")
_DATELINE = re.compile(r"[A-ZÀ-Ý][\w ]{2,25}, [^.]{0,12}\d{1,2} de .{4,12}\d{4}\.?")
"""*Lisboa, 9 de janeiro de 2026*: where and when a letter was written."""
_GREETS = re.compile(
    r"(?i)(?:dear|hello|hi|hey|good (?:morning|afternoon|evening)|to|from|best wishes|kind regards|minutes? by)\b"
)
_NEGATIONS = re.compile(
    r"(?i)\b(?:not|no|never|none|without|nobody|nothing|neither|nor|cannot)\b|n['’]t\b"
)


_PRESENTS = re.compile(
    r"(?i)(?:hello|hi|hey|good (?:morning|afternoon|evening))?\W*(?:[\w']+\W+){0,3}?(?:(?:my name is|this is|it['’]s|i am|i['’]m) (?-i:[A-ZÀ-Ý])|i(?: am|['’]m) the (?:\w+ )?(?:father|mother|mum|dad|parent|son|daughter|owner|tenant|neighbour)\b.*)[^.!?]*[.!?]?$"
)
"""Who speaks is no title."""
_JOINS = re.compile(
    r"(?:,? (?:and|but|while|whereas|so|because|although|when|who|which) |; | [–-] )"
    r"(?=(?:[A-ZÀ-Ý][\w'’-]+|he|she|they|we|I|you|it|nobody|everybody|somebody|there|(?:the|a|my|our|his|her|your|their) [\w'’-]+) [a-z])"
)
LEAST = 4
"""Words of a clause that a title can be made of."""


_MINUTES = re.compile(
    r"((?:[^,.!?:|\d]+?(?:, (?![^,]*\d)(?=[A-ZÀ-Ý]))?){1,2}),? (?:on |of |de |em )?(?:\w+day,? |\w+-feira,? )?(?:\d{1,2}(?:st|nd|rd|th)? (?:de )?[A-Za-zç]+|[A-Z][a-z]+ \d{1,2}).*\d"
)


@dataclass(frozen=True)
class _Beam:
    tokens: tuple[int, ...]
    at: int
    """The place in the sentence of the last token."""
    score: float


@expert(
    name="write_title",
    tags=["title", "headline", "heading", "name", "caption for a text"],
    examples=[
        "write a title for this article",
        "suggest a headline for the text",
        "give the letter a title",
        "what would be a good heading for this note?",
        "title this story",
    ],
    latency_s=0.6,
    memory="290 MiB",
    licence="Apache-2.0; runs on onnxruntime (MIT)",
    weights_licence="MIT (traceforge-title-model); Apache-2.0 (flan-t5-small)",
    notes=(
        "flan-t5-small, 8 bits. Left alone it makes things up, so it may only keep or drop words of "
        "one sentence, in their order: the title says nothing that the text does not, names what it "
        "speaks of most, and is plain rather than witty. A text that has a heading keeps it. English; the title of a "
        "Portuguese text is made of its translation, and put into Portuguese."
    ),
)
class WriteTitle:
    """Write a short title for an English or Portuguese text, out of its own words."""

    def load(self) -> None:
        """Load the encoder, the decoder and the tokenizer, on one thread."""
        folder = model("title-flan-t5-small").locate() / "data" / "span"
        runtime: Any = import_module("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3

        def session(name: str) -> Any:
            return runtime.InferenceSession(
                str(folder / name), options, providers=["CPUExecutionProvider"]
            )

        self._identifier, self._tongues = Identifier(), Tongues()
        self._encoder, self._decoder = session("encoder.onnx"), session("decoder.onnx")
        tokenizers: Any = import_module("tokenizers")
        self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))

    def close(self) -> None:
        """Let go of the model."""
        del self._encoder, self._decoder, self._tokenizer, self._identifier, self._tongues

    def __call__(self, text: Text) -> Text:
        """Write.

        Args:
            text: English or Portuguese prose: an article, a letter, a note.
        """
        source = without_letterhead(without_header(text.text))
        if len(source) > MAX_CHARS:
            raise PortViolation(
                f"The text has {len(source):,} characters. Expected at most {MAX_CHARS:,}. Split it."
            )
        letters = [each for each in source[:20_000] if each.isalpha()]
        if len(letters) < 12 or len(source.split()) < 4:
            raise PortViolation(
                f"{' '.join(source.split())[:40]!r} is too short to need a title. Expected a sentence or "
                "more. Give a longer text."
            )
        if (heading := _subject(text.text) or _heading(source)) is not None:
            return Text(heading)
        named = not_english(source, self._identifier)
        if named == NAMES["pt"]:
            return self._in_portuguese(source)
        if named:
            raise PortViolation(
                f"The text seems to be {named}. Expected English, the language of 'write_title'. "
                "Translate it first (translate, to='en')."
            )
        told = [each.text for each in passages(source) if not each.is_aside] or sentences(source)
        said = [_begun(each) for each in told if len(each.split()) >= 4] or [source]
        said = [
            each
            for each in said
            if not re.match(r"(?i)(?:dear|hello|hi|best wishes|kind regards)\b[^.!?]*$", each)
            and not _PRESENTS.match(each)
        ] or said
        if framed := next((e for e in map(_framed, told[:2]) if e), ""):
            return Text(framed)
        leads = list(dict.fromkeys([*said[:2], *choose(said[:200], LEADS - 1)]))[:LEADS]
        encoded = self._encode(" ".join(leads))
        topics = _topics(said)
        tries: list[tuple[float, str]] = []
        for place, lead in enumerate(leads):
            gains = LEAD if place == 0 else 0.0
            parts = _apart(lead)
            for clause in [e for e in parts if not _PRESENTS.match(e)] or parts:
                for score, title in self._tries(clause, encoded):
                    tries.append((score + gains + _about(title, topics), title))
        if not tries:
            return Text(_clean(" ".join(leads[0].split()[:10])))
        return Text(max(tries)[1])

    def _in_portuguese(self, source: str) -> Text:
        """Return the title of a text in Portuguese: that of its translation, translated."""
        line = self._tongues.translator.line
        kept = [e for e in source[:TRANSLATED].split("\n") if not _DATELINE.fullmatch(e.strip())]
        english = "\n".join(line(each, "en") for each in kept)
        made = self(Text(english))
        return Text(line(made.text, "pt").rstrip("."))

    def _encode(self, source: str) -> tuple[Any, Any]:
        import numpy as np

        ids = self._tokenizer.encode(PROMPT + source[: TOKENS * 12]).ids[:TOKENS]
        given = np.array([ids], dtype=np.int64)
        mask = np.ones_like(given)
        return self._encoder.run(None, {"input_ids": given, "attention_mask": mask})[0], mask

    def _tries(self, lead: str, encoded: tuple[Any, Any]) -> list[tuple[float, str]]:
        """Return titles out of one sentence with their scores: a beam over which words to keep."""
        import numpy as np

        kept = " ".join(lead.split()[:50])
        tokens: list[int] = self._tokenizer.encode(kept, add_special_tokens=False).ids
        pieces = [str(self._tokenizer.id_to_token(each)) for each in tokens]
        starts = [at for at, piece in enumerate(pieces) if piece.startswith("▁")]
        fixed = self._fixed(kept, pieces)
        beams = [_Beam((0,), -1, 0.0)]
        done: list[_Beam] = []
        for _ in range(STEPS):
            grown: list[_Beam] = []
            logits = self._next([each.tokens for each in beams], encoded)
            for beam, row in zip(beams, logits, strict=True):
                likely = row - np.logaddexp.reduce(row)
                for at in _following(beam.at, pieces, starts, fixed):
                    token = END if at == len(tokens) else tokens[at]
                    score = beam.score + float(likely[token])
                    grown.append(_Beam((*beam.tokens, token), at, score))
            grown.sort(key=lambda each: -each.score)
            done += [each for each in grown[: 2 * BEAM] if each.at == len(tokens)]
            beams = [each for each in grown if each.at < len(tokens)][:BEAM]
            if not beams:
                break
        found: list[tuple[float, str]] = []
        for each in done:
            words = _clean(str(self._tokenizer.decode(list(each.tokens), skip_special_tokens=True)))
            if any(each in words.lower() and each not in kept.lower() for each in _MUST):
                continue  # *you have the right to object* is not *you have to object*
            telling = [w for w in words.lower().split() if w not in STOP_WORDS]
            if len(words.split()) <= 12 and len(telling) >= 3 and _is_whole(words):
                found.append((each.score / len(each.tokens) ** 0.8, words))
        return sorted(found, reverse=True)[:2]

    def _next(self, given: list[tuple[int, ...]], encoded: tuple[Any, Any]) -> Any:
        import numpy as np

        hidden, mask = encoded
        count = len(given)
        return self._decoder.run(
            None,
            {
                "input_ids": np.array(given, dtype=np.int64),
                "encoder_hidden_states": np.repeat(hidden, count, axis=0),
                "encoder_attention_mask": np.repeat(mask, count, axis=0),
            },
        )[0][:, -1]

    def _fixed(self, sentence: str, pieces: list[str]) -> set[int]:
        """Return the places of words that must not be dropped once the title goes past them."""
        del sentence
        fixed: set[int] = set()
        word: list[int] = []
        for at, piece in [*enumerate(pieces), (len(pieces), "▁")]:
            if piece.startswith("▁"):
                text = "".join(pieces[each] for each in word).replace("▁", "")
                if word and _NEGATIONS.search(text):
                    fixed.add(word[0])
                word = []
            word.append(at)
        return fixed


def _apart(sentence: str) -> list[str]:
    """Return the clauses of a sentence that have subjects of their own.

    *Omar fixed the radio, and Lucy mended the zip* must not become *Omar mended the zip*.
    """
    found: list[str] = []
    start = 0
    for hit in _JOINS.finditer(sentence):
        before, after = sentence[start : hit.start()], sentence[hit.end() :]
        if len(before.split()) >= LEAST and len(after.split()) >= LEAST:
            found.append(before)
            start = hit.end()
    return [*found, sentence[start:]]


def _subject(source: str) -> str | None:
    """Return what a mail says that it is about."""
    said = re.sub(r"(?i)^(?:(?:re|fwd?|aw|enc)\s*:\s*)+", "", subject(source)).strip()
    return _clean(said) if len(said.split()) > 1 else None


def _begun(sentence: str) -> str:
    """Leave out what only says that something is told: *this is to remind you of …*."""
    rest = _FRAME.sub("", sentence)
    return rest if len(rest.split()) >= LEAST else sentence


def _framed(sentence: str) -> str:
    """Return what a letter says that it is about: *your appointment with Dr Sen*; empty where it says none."""
    rest = _FRAME.sub("", sentence)
    short = re.split(r"[,;.!?]| (?:and|because|which|but) ", rest, maxsplit=1)[0]
    fits = rest != sentence and LEAST <= len(short.split()) <= MOST_FRAMED
    return _clean(short) if fits and _is_whole(short) else ""


MOST_FRAMED = 12
_FRAME = re.compile(
    r"(?i)^(?:(?:hello|hi|good (?:morning|afternoon|evening))(?: [\w.]+){0,2}, )?(?:this is to (?:remind you (?:of|that)|inform you (?:of|that)|let you know that|confirm(?: that)?)|(?:we|i) (?:refer to|regret to inform you that|would like to (?:inform|tell) you that|(?:are|am) writing (?:to (?:inform you that|tell you that|complain about|ask (?:for|whether|if)|confirm(?: that)?|thank you for)|about|because))|please note that) "
)


def _heading(source: str) -> str | None:
    """Return the line that stands above a text as its title: it needs no other."""
    lines = source.strip().split("\n")
    first, after = lines[0].strip(), " ".join(lines[1:2]).strip()
    words = first.split()
    letter = any(re.match(r"(?i)(?:dear|hi|hello|hey|car[oa]|exm[oa])\b", e.strip()) for e in lines)
    if not after and len(lines) > 2 and not letter and (minutes := _MINUTES.match(first)):
        return _clean(minutes[1])  # *PTA meeting, Oakfield Primary, 22 January …*
    if not 2 <= len(words) <= MOST_HEADING or not _HEADS.fullmatch(first) or _GREETS.match(first):
        return None
    stands_out = first.isupper() or (len(lines) > 2 and not after)
    if not stands_out and not (len(after.split()) > MOST_HEADING and after[-1] in ".!?:"):
        return None
    return first.capitalize() if first.isupper() else _clean(first)


def _topics(said: list[str]) -> dict[str, float]:
    """Return the stems of what a text speaks of again and again, with how much: 1 for the first of them."""
    counted: Counter[str] = Counter()
    for each in said[:MOST_COUNTED]:
        counted.update(word for word in set(stems(each)) if word.isalpha() and len(word) > 2)
    most = max(counted.values(), default=0)
    return {word: (count / most) ** 2 for word, count in counted.items() if count > 1}


def _about(title: str, topics: dict[str, float]) -> float:
    """Return what a title gains that names what its text is about."""
    return TOPIC * max((topics.get(stem(each), 0.0) for each in title.split()), default=0.0)


def _following(at: int, pieces: list[str], starts: list[int], fixed: set[int]) -> list[int]:
    """Return where a title may go on after ``at``: inside its word, at a later word, or to the end."""
    after = at + 1
    if (
        0 < after < len(pieces)
        and not pieces[after].startswith("▁")
        and not _is_mark(pieces[after])
    ):
        return [after]
    found: list[int] = []
    for start in starts:
        if start < after:
            continue
        found.append(start)
        if start in fixed or len(found) == 12:
            break
    if at >= 0 and not any(each >= after for each in fixed):
        found.append(len(pieces))
    return found


def _is_mark(piece: str) -> bool:
    return re.fullmatch(r"[.,;:!?\"()]+", piece) is not None


def _clean(words: str) -> str:
    words = re.sub(r"\s+([,;:.!?])", r"\1", words).strip(" ,;:.\"'-–(")
    return words[:1].upper() + words[1:]


_MUST = ("have to", "has to", "had to", "is to", "are to", "was to", "were to")
_LASTS_NOT = frozenset(
    "a an the of to in on at for and or but with by from as that which who is are was were will "  # noqa: SIM905
    "has have had its their his her our your my this these be been until than expects "
    "against into about over under after before during not no very more two three".split()
)
_FIRSTS_NOT = frozenset(
    "and or but to of with on at by than as are is was were will has have had be been hi".split()  # noqa: SIM905
)


def _is_whole(words: str) -> bool:
    """Say whether a title breaks off nowhere: none begins with *and*, or ends on *of the*."""
    said = words.lower().split()
    return said[-1] not in _LASTS_NOT and said[0] not in _FIRSTS_NOT
