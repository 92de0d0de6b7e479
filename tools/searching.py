"""Find the passages of documents that answer a query: by their words and by their meaning."""

from __future__ import annotations

import html
import io
import math
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from importlib import import_module

from pydantic import BaseModel, ConfigDict

from herd_graph.artifacts import Artifact, Document, Text
from herd_graph.artifacts.base import decode_text
from herd_graph.discovery.embedders import default_embedder
from herd_graph.discovery.words import STOP_WORDS
from herd_graph.errors import ArtifactUnreadable, PortViolation
from herd_graph.experts import ExpertContext
from herd_graph.function_experts import expert

from .alike import held, terms
from .languages import language
from .needs import need
from .pdf import pdf_texts
from .sentences import sentences
from .tongues import Tongues

MAX_CHARS = 5_000_000
WORDS = 60
"""Words of a passage at most: the embedder reads 160 tokens, and sees small things in small ones."""
BY_MEANING = 250
"""Passages that are embedded (10 ms each); of more, those are taken that share words first."""
GIVEN = 5
UNLIKE = 0.36
"""Cosine below which a passage that shares no word with the query has nothing to do with it."""
TRANSLATED = 6_000
"""Characters of Portuguese that are put into English to be searched."""
UNPACKED = 100 << 20


class Passage(BaseModel):
    """A passage that was found."""

    model_config = ConfigDict(frozen=True)

    text: str
    label: str
    """Where it stands, for people: ``report.pdf, page 3, score 0.82``."""
    source: str
    score: float
    """From 0 to 1: half of it the share of words, half of it the likeness in meaning."""


@expert(
    name="search_text",
    tags=[
        "search",
        "find in documents",
        "passages",
        "lookup",
        "quote",
        "retrieval",
        "where does it say",
    ],
    examples=[
        "find where the contract mentions 'notice period'",
        "search the documents for the delivery date",
        "which passage says something about refunds?",
        "look up 'warranty' in the attached files",
        "where in the report is the budget discussed?",
        "find the part about holidays in the handbook",
    ],
    latency_s=0.5,
    memory="240 MiB",
    licence="Apache-2.0; runs on onnxruntime (MIT), pypdfium2 (BSD-3-Clause)",
    weights_licence="Apache-2.0 (all-MiniLM-L6-v2)",
    notes=(
        "Text, PDF, HTML and .docx. It quotes passages and answers nothing itself. Meaning is "
        "compared in English; short Portuguese texts are translated for that, other languages are found by "
        "their words. Scanned pages have no text "
        "to search: read them first (read_pdf)."
    ),
    timeout_s=300,
)
class SearchText:
    """Search documents for the passages that have to do with a query, with source and score."""

    def load(self) -> None:
        """Load the embedder."""
        need("numpy")
        self._embedder = default_embedder()
        self._embedder.embed(["ready"])
        self._tongues = Tongues()

    def close(self) -> None:
        """Let go of it."""
        del self._embedder, self._tongues

    def __call__(
        self,
        documents: list[Text | Document],
        query: Text,
        context: ExpertContext | None = None,
    ) -> list[Passage]:
        """Search.

        Args:
            documents: What is searched.
            query: What is looked for: words, or a question.
            context: Hears how far it is.
        """
        asked = " ".join(query.text.split())
        if not re.search(r"\w", asked) or len(asked) > 2_000:
            raise PortViolation(
                f"The query has {len(asked):,} characters. Expected words, at most 2,000 characters. "
                "Say what to look for."
            )
        passages = _passages(documents)
        if not passages:
            raise PortViolation(
                "The documents hold no text. Expected words to search. Attach others."
            )
        glosses = self._glosses(asked, [text for text, _ in passages])
        read = [glosses.get(text, text) for text, _ in passages]
        by_words = [
            max(pair)
            for pair in zip(
                bm25([_terms(text) for text, _ in passages], _terms(asked)),
                akin(read, asked),
                strict=True,
            )
        ]
        order = sorted(range(len(passages)), key=lambda at: (-by_words[at], at))[:BY_MEANING]
        target = self._embedder.embed([asked])[0]
        scored: list[tuple[float, int]] = []
        for done, at in enumerate(order):
            likeness = float(self._embedder.embed([read[at]])[0] @ target)
            if by_words[at] > 0.34 or likeness >= UNLIKE:
                scored.append((0.5 * by_words[at] + 0.5 * max(0.0, likeness), at))
            if context is not None and done % 50 == 49:
                context.progress(done / len(order), "comparing passages")
        best = sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:GIVEN]
        if not best:
            raise PortViolation(
                f"Nothing about {asked[:80]!r} was found in {len(documents)} "
                f"document{'s' if len(documents) > 1 else ''} ({len(passages)} passages). Expected "
                "words that stand there, or something close in meaning. Ask with other words."
            )
        enough = 0.5 * best[0][0]
        return [
            Passage(
                text=passages[at][0]
                + (f" ({gloss})" if (gloss := glosses.get(passages[at][0])) else ""),
                label=f"{passages[at][1]}, score {score:.2f}",
                source=passages[at][1],
                score=round(score, 3),
            )
            for score, at in best
            if score >= enough
        ]

    def _glosses(self, asked: str, texts: Sequence[str]) -> dict[str, str]:
        """Return Portuguese passages in English where the query is not in Portuguese.

        An embedder of English finds everything Portuguese alike, and no word of the query in it.
        """
        if language(asked) == "pt" or sum(map(len, texts)) > TRANSLATED:
            return {}
        whole = language("\n".join(texts))
        foreign = [each for each in texts if whole == "pt" and language(each) in {"pt", ""}]
        shared = frozenset(_terms(asked))
        if any(shared & frozenset(_terms(each)) for each in foreign):
            return {}  # it is asked for by a word that stands there
        return {each: self._tongues.translator.line(each, "en") for each in foreign}


def akin(texts: Sequence[str], query: str) -> list[float]:
    """Return how far each text says the words of a query in another form: *allergic*, for *allergies*."""
    asked = frozenset(terms(query))
    if not asked:
        return [0.0] * len(texts)
    bags = [frozenset(terms(each)) for each in texts]
    return [0.8 * sum(held(term, bag) for term in asked) / len(asked) for bag in bags]


def bm25(documents: Sequence[Sequence[str]], query: Sequence[str]) -> list[float]:
    """Return for each document its BM25 score over the best that this query could get.

    Okapi BM25 (Robertson and Zaragoza, 2009), k1 = 1.2, b = 0.75.
    """
    wanted = set(query)
    counts = [Counter(each for each in document if each in wanted) for document in documents]
    mean = sum(len(each) for each in documents) / max(1, len(documents))
    weight = {
        term: math.log(1 + (len(documents) - held + 0.5) / (held + 0.5))
        for term in wanted
        if (held := sum(term in each for each in counts)) or True
    }
    most = sum(weight.values()) * 2.2
    scores: list[float] = []
    for document, held in zip(documents, counts, strict=True):
        room = 1.2 * (0.25 + 0.75 * len(document) / max(1.0, mean))
        score = sum(weight[term] * count * 2.2 / (count + room) for term, count in held.items())
        scores.append(min(1.0, score / most * 1.6) if most else 0.0)
    return scores


def _passages(documents: Sequence[Text | Document]) -> list[tuple[str, str]]:
    """Return passages of about ``WORDS`` words with where they stand."""
    found: list[tuple[str, str]] = []
    total = 0
    for number, document in enumerate(documents, 1):
        name = " ".join(document.name.split()) or f"text {number}"
        for place, text in _parts(document):
            total += len(text)
            if total > MAX_CHARS:
                raise PortViolation(
                    f"The documents have more than {MAX_CHARS:,} characters. Expected at most that. "
                    "Search fewer at a time."
                )
            where = f"{name}, {place}" if place else name
            found += [(passage, where) for passage in _cut(text)]
    return found


def _cut(text: str) -> list[str]:
    """Cut text at blank lines, and long paragraphs between sentences; headings go with what follows."""
    passages: list[str] = []
    heading = ""
    for block in re.split(r"\n\s*\n", text):
        said = " ".join(block.split())
        if not said:
            continue
        if len(said.split()) < 8 and said[-1] not in ".!?:;" and not heading:
            heading = said
            continue
        passages += _pieces(f"{heading}\n{block}" if heading else block)
        heading = ""
    return [*passages, heading] if heading else passages


def _pieces(block: str) -> list[str]:
    passages: list[str] = []
    held: list[str] = []
    for sentence in sentences(block):
        words = sentence.split()
        for at in range(0, len(words), WORDS):
            piece = " ".join(words[at : at + WORDS])
            if held and sum(len(each.split()) for each in held) + len(piece.split()) > WORDS:
                passages.append(" ".join(held))
                held = []
            held.append(piece[:2_000])
    return [*passages, " ".join(held)] if held else passages


def _parts(document: Text | Document) -> list[tuple[str, str]]:
    """Return the text of a document, page by page where it has pages."""
    if isinstance(document, Text):
        return [("", document.text)]
    content = document.bytes()
    if b"%PDF-" in content[:1024]:
        need("pypdfium2")
        texts = pdf_texts(import_module("pypdfium2"), document)
        if not any(each.strip() for each in texts):
            raise ArtifactUnreadable(
                f"{_named(document)} has no text to search: its pages are pictures. Expected a PDF "
                "with text. Read it first (read_pdf), and search the result."
            )
        return [(f"page {at}", text) for at, text in enumerate(texts, 1)]
    if content.startswith(b"PK"):
        return [("", _word(document, content))]
    text = decode_text(content, document.name)
    return (
        [("", _unmarked(text))]
        if re.search(r"<(?:!doctype|html|body|p|div)\b", text[:5000], re.IGNORECASE)
        else [("", text)]
    )


def _word(document: Document, content: bytes) -> str:
    """Return the paragraphs of a .docx file: runs of text in a zip of XML."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            info = archive.getinfo("word/document.xml")
            if info.file_size > UNPACKED:
                raise ArtifactUnreadable(
                    f"{_named(document)} unpacks to {info.file_size >> 20} MB. Expected an ordinary "
                    "document. Export it as text."
                )
            xml = archive.read(info).decode("utf-8", "replace")
    except (KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise ArtifactUnreadable(
            f"{_named(document)} ({document.mime}) cannot be searched. Expected text, PDF, HTML or "
            ".docx. Save it as one of these."
        ) from error
    paragraphs = re.findall(r"<w:p[ >].*?</w:p>", xml, re.DOTALL)
    lines = ["".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", each)) for each in paragraphs]
    return html.unescape("\n\n".join(each for each in lines if each.strip()))


def _unmarked(text: str) -> str:
    text = re.sub(r"(?is)<(script|style|head)\b.*?</\1\s*>|<!--.*?-->", " ", text)
    text = re.sub(r"(?i)</?(?:p|div|br|li|h[1-6]|tr|table|ul|ol)\b[^>]*>", "\n\n", text)
    return html.unescape(re.sub(r"<[^>]{0,2000}>", " ", text))


def _terms(text: str) -> list[str]:
    """Return stems of the words that say something; single signs where there are no spaces."""
    found: list[str] = []
    for word in re.findall(r"[^\W_]+", text.casefold()):
        if re.search(r"[\u3040-\u30ff\u3400-\u9fff]", word):
            found += [word[at : at + 2] for at in range(max(1, len(word) - 1))]
        elif word not in STOP_WORDS:
            found.append(re.sub(r"(?:ing|ed|es|s)$", "", word) if len(word) > 4 else word)
    return found


def _named(document: Artifact) -> str:
    return repr(document.name or "The document")
