"""Request → tool: how often discovery puts the right card first, beside plain baselines.

The form is MetaTool's (arXiv 2310.03128): a CSV of ``Query,Tool`` and a JSON object of tools with
their descriptions. Nothing is trained; a request with several right tools counts with the best.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from herd_graph.bench.vectors import remembered
from herd_graph.cards import ExpertCard, Port
from herd_graph.discovery import CapabilityIndex
from herd_graph.discovery.detail import spoken
from herd_graph.discovery.embedders import Embedder
from herd_graph.discovery.words import stems
from herd_graph.errors import DeclarationError
from herd_graph.experts import Expert
from herd_graph.registry import Snapshot
from herd_graph.types import Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from herd_graph.discovery.embedders import Vectors
else:
    NDArray = Vectors = Any

_SHOWN = 60
_RESAMPLED = 1000


@dataclass(frozen=True)
class Asked:
    """Requests, and the tools that are right for each."""

    queries: tuple[str, ...]
    right: tuple[frozenset[str], ...]
    tools: dict[str, str]
    """Descriptions by name."""


@dataclass(frozen=True, kw_only=True)
class Retrieval:
    """What a contestant reaches, each with the 95 % interval of a bootstrap over requests."""

    name: str
    first: tuple[float, float, float]
    """R@1: mean, low, high."""
    fifth: tuple[float, float, float]
    reciprocal: tuple[float, float, float]
    """Mean reciprocal rank."""
    lead: tuple[float, float, float]
    """R@1 above the first contestant's, paired."""
    ms: float
    """The median time of a request beyond its embedding; 0 where all were compared at once."""


def read(table: Path, tools: Path) -> Asked:
    """Read requests and tools. Raises ``DeclarationError``."""
    opened = gzip.open if table.suffix == ".gz" else open
    right: dict[str, set[str]] = {}
    try:
        described = {str(name): str(said) for name, said in json.loads(tools.read_text()).items()}
        with opened(table, "rt", encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["Tool"] in described and row["Query"].strip():
                    right.setdefault(row["Query"], set()).add(row["Tool"])
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise DeclarationError(
            f"{str(table)!r} and {str(tools)!r} cannot be read: {error!r}. Expected a CSV with the "
            "columns Query and Tool, and a JSON object of tools with descriptions. Mend the files."
        ) from error
    if not right:
        raise DeclarationError(
            f"{str(table)!r} has no request for a tool of {str(tools)!r}. Expected the same names in "
            "both. Mend the files."
        )
    return Asked(tuple(right), tuple(map(frozenset, right.values())), described)


class Prepared:
    """An embedder that has the vectors of many texts already."""

    def __init__(self, embedder: Embedder, texts: Sequence[str]) -> None:
        self._embedder = embedder
        self._known = dict(zip(texts, remembered(texts, embedder), strict=True))
        self.name = embedder.name
        self.dimensions = embedder.dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a unit vector for each text."""
        import numpy as np

        if not texts:
            return self._embedder.embed(texts)
        return np.stack(
            [
                self._known[each] if each in self._known else self._embedder.embed([each])[0]
                for each in texts
            ]
        )


def compare(
    asked: Asked, embedder: Embedder, say: Callable[[str], None] = lambda _: None
) -> list[Retrieval]:
    """Return what each contestant reaches, the plain embedding first."""
    say(f"embedding {len(asked.queries)} requests (kept for the next time)")
    ready = Prepared(embedder, asked.queries)
    names = list(asked.tools)
    ranks: dict[str, NDArray[np.intp]] = {}
    spent: dict[str, float] = {}
    dense = ready.embed(asked.queries) @ ready.embed(list(asked.tools.values())).T
    ranks[f"{embedder.name}, description"] = _ranks(asked, names, dense)
    words = [stems(said) for said in asked.tools.values()]
    ranks["BM25, description"] = _ranks(asked, names, _bm25(words, asked.queries))
    ranks["TF-IDF, description"] = _ranks(asked, names, _tfidf(words, asked.queries))
    index, cards = _index(asked, ready)
    modes: dict[str, Literal["score", "rank"]] = {
        "HERD, search": "score",
        "HERD, search and a close look": "rank",
    }
    for name, mode in modes.items():
        say(f"asking {name}")
        ranks[name], spent[name] = _searched(asked, index, cards, mode)
    base = next(iter(ranks.values()))
    return [_retrieval(name, each, base, spent.get(name, 0.0)) for name, each in ranks.items()]


def cards_of(tools: Mapping[str, str]) -> dict[str, ExpertCard]:
    """Return a card for each tool, by the tool's name."""
    found: dict[str, ExpertCard] = {}
    taken: set[str] = set()
    for tool, said in tools.items():
        name = re.sub(r"[^a-z0-9]+", "_", spoken(tool).lower()).strip("_")[:56]
        name = name if name[:1].isalpha() else f"tool_{name}"
        while name in taken:
            name += "_too"
        taken.add(name)
        found[tool] = ExpertCard(
            name=name,
            description=said,
            inputs=(Port(name="request", kind=Kind.TEXT),),
            outputs=(Port(name="answer", kind=Kind.TEXT),),
        )
    return found


def _index(asked: Asked, embedder: Embedder) -> tuple[CapabilityIndex, dict[str, str]]:
    cards = cards_of(asked.tools)
    index = CapabilityIndex.in_memory(embedder)
    index.sync(Snapshot({card.id: Expert(card) for card in cards.values()}))
    return index, {card.id: tool for tool, card in cards.items()}


def _searched(
    asked: Asked, index: CapabilityIndex, tools: Mapping[str, str], mode: Literal["score", "rank"]
) -> tuple[NDArray[np.intp], float]:
    import numpy as np

    found: list[int] = []
    spent: list[float] = []
    for query, right in zip(asked.queries, asked.right, strict=True):
        started = time.perf_counter()
        hits = index.search(query, k=_SHOWN, mode=mode)
        spent.append(time.perf_counter() - started)
        places = (place for place, hit in enumerate(hits) if tools[hit.card] in right)
        found.append(next(places, len(tools)))
    return np.array(found), float(np.median(spent)) * 1000


def _ranks(asked: Asked, names: Sequence[str], scores: Any) -> NDArray[np.intp]:
    """Return at which place the first right tool stands, from 0."""
    import numpy as np

    place = {name: number for number, name in enumerate(names)}
    order = np.argsort(-scores, axis=1, kind="stable")
    inverse = np.argsort(order, axis=1)
    return np.array(
        [
            min(int(inverse[row, place[tool]]) for tool in right)
            for row, right in enumerate(asked.right)
        ]
    )


def _bm25(documents: Sequence[Sequence[str]], queries: Sequence[str]) -> Any:
    import numpy as np

    seen = Counter(each for document in documents for each in set(document))
    usual = sum(map(len, documents)) / len(documents)
    columns = {word: np.zeros(len(documents)) for word in seen}
    for row, document in enumerate(documents):
        for word, count in Counter(document).items():
            rarity = math.log(1 + (len(documents) - seen[word] + 0.5) / (seen[word] + 0.5))
            worn = 1.2 * (0.25 + 0.75 * len(document) / usual)
            columns[word][row] = rarity * count * 2.2 / (count + worn)
    return _summed(columns, len(documents), queries)


def _tfidf(documents: Sequence[Sequence[str]], queries: Sequence[str]) -> Any:
    import numpy as np

    seen = Counter(each for document in documents for each in set(document))
    rarity = {word: math.log((1 + len(documents)) / (1 + n)) + 1 for word, n in seen.items()}
    columns = {word: np.zeros(len(documents)) for word in seen}
    for row, document in enumerate(documents):
        counted = Counter(document)
        length = math.sqrt(sum((n * rarity[word]) ** 2 for word, n in counted.items()))
        for word, n in counted.items():
            columns[word][row] = n * rarity[word] ** 2 / max(length, 1e-9)
    return _summed(columns, len(documents), queries)


def _summed(columns: Mapping[str, Any], count: int, queries: Sequence[str]) -> Any:
    import numpy as np

    made = np.zeros((len(queries), count))
    for row, query in enumerate(queries):
        for word in set(stems(query)):
            if word in columns:
                made[row] += columns[word]
    return made


def _retrieval(name: str, ranks: Any, base: Any, ms: float) -> Retrieval:
    import numpy as np

    chance = np.random.default_rng(0)
    drawn = chance.integers(0, len(ranks), (_RESAMPLED, len(ranks)))

    def told(values: Any) -> tuple[float, float, float]:
        means = values[drawn].mean(axis=1)
        low, high = np.percentile(means, [2.5, 97.5])
        return float(values.mean()), float(low), float(high)

    return Retrieval(
        name=name,
        first=told((ranks < 1).astype(np.float32)),
        fifth=told((ranks < 5).astype(np.float32)),
        reciprocal=told((1.0 / (1.0 + ranks)).astype(np.float32)),
        lead=told((ranks < 1).astype(np.float32) - (base < 1).astype(np.float32)),
        ms=ms,
    )


__all__ = ("Asked", "Prepared", "Retrieval", "cards_of", "compare", "read")
