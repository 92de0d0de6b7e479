"""Cards whose vectors lie in one matrix: what a query is compared with, without a loop over cards.

A block never changes. Its cards are ordered by what they give and take, so that one type signature
is one range of rows and a typed query reads no others. A large block is turned into its principal
axes: the first of them bound from above how near a row can be (Cauchy-Schwarz over the rest), and
only cards whose bound reaches the k-th best are compared in full. The answer is exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from herd_graph.cards import ExpertCard
from herd_graph.discovery.words import stems
from herd_graph.types import Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from herd_graph.discovery.embedders import Vectors
    from herd_graph.discovery.mirror import CardRows

    Floats: TypeAlias = NDArray[np.floating[Any]]
    Places: TypeAlias = NDArray[np.intp]
    Mask: TypeAlias = NDArray[np.bool_]
else:
    Floats = Places = Mask = Vectors = Any

TURNED_FROM = 4096
"""From how many rows on a block is turned into its principal axes."""
AXES = 96
"""How many axes the first look reads."""
_SAMPLED = 20_000
_SAID_WEIGHT = 0.75
_USUAL = 40
"""How many different words a text may have before each of them counts for less."""
_BITS = {kind: 1 << number for number, kind in enumerate(Kind)}


def bits(kinds: Collection[Kind]) -> int:
    """Return kinds as the bits of a number."""
    return sum(_BITS[kind] for kind in {*kinds})


class Signature(NamedTuple):
    """What experts of one kind give and require, as bits."""

    gives: int
    takes: int
    """Every kind that a required input takes."""
    needs: tuple[int, ...]
    """The kinds that each required input takes."""

    @classmethod
    def of(cls, card: ExpertCard) -> Signature:
        """Return the signature of a card."""
        needs = sorted(bits(port.kinds) for port in card.inputs if port.required)
        return cls(bits(card.gives), bits(card.takes), tuple(needs))


@dataclass(frozen=True)
class Wanted:
    """Which type signatures a query allows."""

    takes: int = 0
    """Kinds of which an expert must require one; 0 for any expert."""
    gives: int = 0
    """Kinds of which an expert must give one; 0 for any expert."""
    only: frozenset[Signature] | None = None
    """Signatures on a way that was asked for; None for all."""

    @property
    def is_any(self) -> bool:
        """Whether every signature is allowed."""
        return not self.takes and not self.gives and self.only is None

    def allows(self, signature: Signature) -> bool:
        """Say whether cards that give and take these kinds may answer."""
        if self.only is not None and signature not in self.only:
            return False
        return (not self.gives or bool(signature.gives & self.gives)) and (
            not self.takes or bool(signature.takes & self.takes)
        )


class Block:
    """Some cards and their vectors, ready to be compared."""

    def __init__(
        self,
        cards: Mapping[str, ExpertCard],
        rows: Mapping[str, CardRows],
        held: Mapping[str, Mapping[str, float]] | None = None,
    ) -> None:
        """Lay out cards and their rows; ``held`` has the words of those that were laid out before."""
        import numpy as np

        signed = sorted((Signature.of(card), name) for name, card in cards.items())
        self.ids = [name for _, name in signed]
        self.cards = [cards[name] for name in self.ids]
        listed = [rows[name] for name in self.ids]
        self.place = {name: place for place, name in enumerate(self.ids)}
        self.ranges = _ranges([each for each, _ in signed])
        counts = [len(each.vectors) for each in listed]
        self.starts: Places = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
        self.matrix: Vectors = np.concatenate([each.vectors for each in listed])
        # The cards' own vectors are views of the matrix: each number is held once.
        self.rows = [
            replace(each, vectors=self.matrix[self.starts[place] : self.starts[place + 1]])
            for place, each in enumerate(listed)
        ]
        known = held or {}
        self.stems = [
            known.get(name) or _held(each) for name, each in zip(self.ids, self.rows, strict=True)
        ]
        self.postings = _postings(self.stems)
        self._facts: tuple[Mask, Any, list[frozenset[str]]] | None = None
        self._axes: Vectors | None = None
        if len(self.matrix) >= TURNED_FROM:
            self._turn()

    def __len__(self) -> int:
        return len(self.ids)

    def _turn(self) -> None:
        import numpy as np

        step = max(1, len(self.matrix) // _SAMPLED)
        sample = self.matrix[::step]
        _, axes = np.linalg.eigh((sample.T @ sample).astype(np.float64))
        self._axes = np.ascontiguousarray(axes[:, ::-1][:, :AXES].astype(np.float32))
        self._head = self.matrix @ self._axes
        squares = np.einsum("ij,ij->i", self.matrix, self.matrix)
        squares -= np.einsum("ij,ij->i", self._head, self._head)
        self._rest = np.sqrt(np.maximum(squares, 0.0)).astype(np.float32)

    def spans(self, wanted: Wanted) -> list[tuple[int, int]]:
        """Return the ranges of cards that a query allows, neighbours joined."""
        if wanted.is_any:
            return [(0, len(self))]
        found: list[tuple[int, int]] = []
        for signed, start, end in self.ranges:
            if wanted.allows(signed):
                if found and found[-1][1] == start:
                    found[-1] = (found[-1][0], end)
                else:
                    found.append((start, end))
        return found

    def lexical(self, asked: Mapping[str, float]) -> Floats:
        """Return, for each card, the weight of the asked words that it holds."""
        import numpy as np

        shared = np.zeros(len(self), dtype=np.float64)
        for word, weight in asked.items():
            posted = self.postings.get(word)
            if posted is not None:  # a card stands in it once, so no addition is lost
                shared[posted[0]] += weight * posted[1]
        return shared

    def nearest(self, vector: Vectors, start: int, end: int) -> tuple[Floats, Floats]:
        """Return how near the nearest row of each card of a range is, and how near each row is."""
        import numpy as np

        first = int(self.starts[start])
        # One product a row, not one for all: BLAS would wake a thread for each core, and a machine
        # that is busy answers ten times later for it.
        near = np.vecdot(self.matrix[first : int(self.starts[end])], vector)
        return np.maximum.reduceat(near, self.starts[start:end] - first), near

    def nearest_of(self, vector: Vectors, places: Places) -> Floats:
        """Return how near the nearest row of each of some cards is."""
        import numpy as np

        firsts, counts = self.starts[places], self.starts[places + 1] - self.starts[places]
        ends = np.cumsum(counts)
        offsets = np.arange(int(ends[-1])) - np.repeat(ends - counts, counts)
        near = np.vecdot(self.matrix[np.repeat(firsts, counts) + offsets], vector)
        return np.maximum.reduceat(near, ends - counts)

    @property
    def can_bound(self) -> bool:
        """Whether a first look at a few axes is cheaper than all of them."""
        return self._axes is not None

    def bound(self, vector: Vectors, start: int, end: int) -> Floats:
        """Return how near the nearest row of each card of a range can be at most."""
        import numpy as np

        assert self._axes is not None
        turned = vector @ self._axes
        rest = float(np.sqrt(max(0.0, float(vector @ vector) - float(turned @ turned))))
        first, last = int(self.starts[start]), int(self.starts[end])
        near = np.vecdot(self._head[first:last], turned)
        near += self._rest[first:last] * (rest + 1e-4)  # the slack is above float32's noise
        return np.maximum.reduceat(near, self.starts[start:end] - first)

    def closest(self, vector: Vectors, place: int, near: Floats | None = None) -> str:
        """Return the text of a card that comes nearest; ``near`` has its rows' products, if known."""
        rows = self.rows[place]
        return rows.texts[int((rows.vectors @ vector if near is None else near).argmax())][1]

    def fitting(self, local: bool, licences: frozenset[str] | None, most_usd: float | None) -> Mask:
        """Return which cards stay on this machine, have such a licence and cost no more.

        Args:
            local: Only experts that do not send data away.
            licences: Only these licences, of the code and of the weights, in lower case.
            most_usd: The most that a call may be expected to cost.
        """
        import numpy as np

        if self._facts is None:
            self._facts = (
                np.array([card.locality == "local" for card in self.cards]),
                np.array([card.cost_usd for card in self.cards]),
                [
                    frozenset(each.lower() for each in (card.licence, card.weights_licence) if each)
                    for card in self.cards
                ],
            )
        stays, costs, licensed = self._facts
        fit = stays.copy() if local else np.ones(len(self), dtype=np.bool_)
        if most_usd is not None:
            fit &= costs <= most_usd
        if licences is not None:
            fit &= np.array([each <= licences for each in licensed])
        return fit


def _ranges(signed: Sequence[Signature]) -> list[tuple[Signature, int, int]]:
    found: list[tuple[Signature, int, int]] = []
    start = 0
    for place in range(1, len(signed) + 1):
        if place == len(signed) or signed[place] != signed[start]:
            found.append((signed[start], start, place))
            start = place
    return found


def _held(rows: CardRows) -> Mapping[str, float]:
    """Return the stems of a card's texts; what it says of itself outweighs its examples."""
    held: dict[str, float] = {}
    for what, text in rows.texts:
        said = dict.fromkeys(stems(text))
        # A text that is stuffed with words must not hold some of every request for nothing.
        weight = (_SAID_WEIGHT if what == "example" else 1.0) * min(1.0, _USUAL / max(1, len(said)))
        for each in said:
            held[each] = max(held.get(each, 0.0), weight)
    return held


def _postings(held: Sequence[Mapping[str, float]]) -> dict[str, tuple[Places, Floats]]:
    import numpy as np

    listed: defaultdict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
    for place, each in enumerate(held):
        for word, weight in each.items():
            places, weights = listed[word]
            places.append(place)
            weights.append(weight)
    return {
        word: (np.array(places, dtype=np.intp), np.array(weights, dtype=np.float32))
        for word, (places, weights) in listed.items()
    }
