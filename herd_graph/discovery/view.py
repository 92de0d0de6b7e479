"""What queries see: blocks of cards, never changed, replaced as a whole, so a search needs no lock.

A change makes a new view that shares its blocks with the old one: what is added becomes a block of
its own, what is gone is masked. Blocks of like size are joined now and then, as in a log-structured
merge tree, so there are few of them and each card is moved a few times in its life.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from herd_graph.cards import ExpertCard
from herd_graph.discovery.blocks import Block, Mask, Places, Wanted
from herd_graph.discovery.words import stems

if TYPE_CHECKING:
    from herd_graph.discovery.embedders import Vectors
    from herd_graph.discovery.mirror import CardRows
else:
    Vectors = Any

DENSE_SHARE = 0.7
"""How much of a score is meaning; the rest is shared words."""
_JOINED_WHEN = 4
_MOST_BLOCKS = 8
_FIRST_LOOK = 64
_DIGIT = 1e-6


@dataclass(frozen=True)
class Scored:
    """A card and what a query makes of it."""

    card: str
    score: float
    dense: float
    lexical: float
    closest: str


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What an expert must be, besides near."""

    wanted: Wanted = field(default_factory=Wanted)
    eligible: Collection[str] | None = None
    local: bool = False
    licences: frozenset[str] | None = None
    most_usd: float | None = None


@dataclass
class _Part:
    """A range of a block: what is known of the scores of its cards."""

    block: Block
    start: int
    end: int
    lexical: Any
    scores: Any
    """What a card can reach at most; its score, where it is known."""
    dense: Any
    known: Any
    rows: Any = None
    """How near each row is, where all were compared."""

    def closest(self, vector: Vectors, place: int) -> str:
        """Return the text of a card that comes nearest."""
        card = self.start + place
        if self.rows is None:
            return self.block.closest(vector, card)
        starts, first = self.block.starts, self.block.starts[self.start]
        near = self.rows[starts[card] - first : starts[card + 1] - first]
        return self.block.closest(vector, card, near)


@dataclass(frozen=True)
class View:
    """Cards at one moment, ready to be searched."""

    blocks: tuple[Block, ...] = ()
    gone: tuple[Mask | None, ...] = ()
    seen: Counter[str] = field(default_factory=Counter[str])
    """How many cards hold a word."""
    count: int = 0

    def find(self, card: str) -> CardRows | None:
        """Return the rows of a card that is here."""
        for block, gone in zip(self.blocks, self.gone, strict=True):
            place = block.place.get(card)
            if place is not None and (gone is None or not gone[place]):
                return block.rows[place]
        return None

    def card(self, name: str) -> ExpertCard:
        """Return a card that is here. Raises ``KeyError``."""
        for block, gone in zip(self.blocks, self.gone, strict=True):
            place = block.place.get(name)
            if place is not None and (gone is None or not gone[place]):
                return block.cards[place]
        raise KeyError(name)

    def changed(
        self,
        added: Mapping[str, ExpertCard],
        rows: Mapping[str, CardRows],
        removed: Collection[str],
    ) -> View:
        """Return a view with some cards more and some fewer; what is added replaces its id."""
        seen = self.seen.copy()
        blocks, masks = list(self.blocks), list(self.gone)
        away = [*removed, *added]
        for number, block in enumerate(blocks):
            places = [block.place[each] for each in away if each in block.place]
            mask = masks[number]
            places = [each for each in places if mask is None or not mask[each]]
            if places:
                masks[number] = _masked(block, mask, places)
                for place in places:
                    seen.subtract(block.stems[place].keys())
        if added:
            block = Block(added, rows)
            for held in block.stems:
                seen.update(held.keys())
            blocks.append(block)
            masks.append(None)
        blocks, masks = _joined(blocks, masks)
        count = sum(map(_alive, blocks, masks))
        return View(tuple(blocks), tuple(masks), +seen if removed else seen, count)

    def best(
        self,
        words: str,
        vector: Vectors,
        k: int,
        limits: Limits,
        *,
        spare: int | None = None,
    ) -> list[Scored]:
        """Return the ``k`` best cards, the best first.

        Args:
            words: What words are compared with.
            vector: What was asked, as a vector.
            k: How many.
            limits: Which cards may answer.
            spare: Compare only so many candidates of a large block in full: faster and no longer
                exact. None is exact.
        """
        asked, total = self._weighed(words)
        parts: list[_Part] = []
        for block, gone in zip(self.blocks, self.gone, strict=True):
            allowed = _allowed(block, gone, limits)
            shared = block.lexical(asked)
            shared = (shared / total if total > 0 else shared).clip(0.0, 1.0)
            for start, end in block.spans(limits.wanted):
                part = _part(block, start, end, vector, shared[start:end], k)
                if allowed is not None:
                    part.scores[~allowed[start:end]] = -1.0
                parts.append(part)
        for part in parts:
            _look(part, vector, _most(part, max(_FIRST_LOOK, 4 * k) if spare is None else spare))
        if spare is None:
            least = _kth(parts, k) - _DIGIT
            for part in parts:
                _look(part, vector, ((part.scores >= least) & ~part.known).nonzero()[0])
        return _listed(parts, vector, k)

    def _weighed(self, words: str) -> tuple[dict[str, float], float]:
        """Return how much each word tells, and how much of it there is to be had.

        A word that no card knows counts, but less than one that tells cards apart: requests are full
        of names and things.
        """
        held: dict[str, float] = {}
        total = 0.0
        for each in dict.fromkeys(stems(words)):
            n = self.seen.get(each, 0)
            if n > 0:
                held[each] = math.log(1 + (self.count - n + 0.5) / (n + 0.5))
                total += held[each]
            else:
                total += math.log(1 + (self.count + 0.5) / 0.5) * 0.4
        if total <= 0:
            return {}, 0.0
        # One word that half of the cards hold, such as "text", says next to nothing by itself.
        least = math.log(1 + (self.count - 2 + 0.5) / 2.5) if self.count > 3 else 0.0
        return held, max(total, least)


def _masked(block: Block, mask: Mask | None, places: Sequence[int]) -> Mask:
    import numpy as np

    made = np.zeros(len(block), dtype=np.bool_) if mask is None else mask.copy()
    made[list(places)] = True
    return made


def _alive(block: Block, mask: Mask | None) -> int:
    return len(block) - (0 if mask is None else int(mask.sum()))


def _joined(blocks: list[Block], masks: list[Mask | None]) -> tuple[list[Block], list[Mask | None]]:
    """Drop what is empty; of too many blocks, join the last ones of like size."""
    kept = [(block, mask) for block, mask in zip(blocks, masks, strict=True) if _alive(block, mask)]
    start = len(kept)
    size = 0
    for place in range(len(kept) - 1, -1, -1):
        alive = _alive(*kept[place])
        if place < len(kept) - 1 and alive > _JOINED_WHEN * size:
            break
        start = place
        size += alive
    if len(kept) > _MOST_BLOCKS:
        kept[start:] = [(_rebuilt(kept[start:]), None)]
    kept = [
        (_rebuilt([(block, mask)]), None) if 2 * _alive(block, mask) < len(block) else (block, mask)
        for block, mask in kept
    ]
    return [block for block, _ in kept], [mask for _, mask in kept]


def _rebuilt(parts: Sequence[tuple[Block, Mask | None]]) -> Block:
    cards: dict[str, ExpertCard] = {}
    rows: dict[str, CardRows] = {}
    held: dict[str, Mapping[str, float]] = {}
    for block, mask in parts:
        for place, name in enumerate(block.ids):
            if mask is None or not mask[place]:
                cards[name] = block.cards[place]
                rows[name] = block.rows[place]
                held[name] = block.stems[place]
    return Block(cards, rows, held)


def _allowed(block: Block, gone: Mask | None, limits: Limits) -> Mask | None:
    """Return which cards of a block may answer; None for all."""
    import numpy as np

    mask: Mask | None = None if gone is None else ~gone
    if limits.eligible is not None:
        named = np.zeros(len(block), dtype=np.bool_)
        places = [block.place[each] for each in limits.eligible if each in block.place]
        named[places] = True
        mask = named if mask is None else mask & named
    if limits.local or limits.licences is not None or limits.most_usd is not None:
        fit = block.fitting(limits.local, limits.licences, limits.most_usd)
        mask = fit if mask is None else mask & fit
    return mask


def _part(block: Block, start: int, end: int, vector: Vectors, lexical: Any, k: int) -> _Part:
    import numpy as np

    bounded = block.can_bound and 20 * k < end - start
    near, rows = (
        (block.bound(vector, start, end), None) if bounded else block.nearest(vector, start, end)
    )
    near = near.clip(0.0, 1.0).astype(np.float64)
    return _Part(
        block=block,
        start=start,
        end=end,
        lexical=lexical,
        scores=DENSE_SHARE * near + (1 - DENSE_SHARE) * lexical,
        dense=near,
        known=np.full(end - start, not bounded),
        rows=rows,
    )


def _most(part: _Part, count: int) -> Places:
    """Return the places of the cards that promise most, of those whose score is not known."""
    import numpy as np

    if part.known.all():
        return np.zeros(0, dtype=np.intp)
    if count >= len(part.scores):
        return (~part.known).nonzero()[0]
    return np.argpartition(part.scores, -count)[-count:]


def _look(part: _Part, vector: Vectors, places: Places) -> None:
    """Compare some cards in full."""
    places = places[(~part.known[places]) & (part.scores[places] >= 0)]
    if len(places):
        near = part.block.nearest_of(vector, places + part.start).clip(0.0, 1.0)
        part.dense[places] = near
        part.scores[places] = (
            DENSE_SHARE * part.dense[places] + (1 - DENSE_SHARE) * (part.lexical[places])
        )
        part.known[places] = True


def _kth(parts: Sequence[_Part], k: int) -> float:
    """Return the k-th best score that is known."""
    import numpy as np

    if k >= sum(part.end - part.start for part in parts):
        return 0.0
    known = [part.scores[part.known & (part.scores >= 0)] for part in parts]
    joined = np.concatenate(known) if known else np.zeros(0)
    if len(joined) < k or not len(joined):
        return 0.0
    return float(np.partition(joined, -k)[-k])


def _listed(parts: Sequence[_Part], vector: Vectors, k: int) -> list[Scored]:
    least = max(_kth(parts, k) - _DIGIT, 0.0)  # 0 is a score like any other; -1 may not answer
    found: list[tuple[float, str, _Part, int, float, float]] = []
    for part in parts:
        good = (part.known & (part.scores >= least)).nonzero()[0]
        # As lists: numbers that are taken out of an array one by one cost more than all the rest.
        told = zip(
            good.tolist(),
            part.scores[good].tolist(),
            part.dense[good].tolist(),
            part.lexical[good].tolist(),
            strict=True,
        )
        ids, start = part.block.ids, part.start
        found += [
            (-round(score, 6), ids[start + place], part, place, dense, lexical)
            for place, score, dense, lexical in told
        ]
    found.sort(key=itemgetter(0, 1))
    return [
        Scored(
            card=card,
            score=-score,
            dense=round(dense, 4),
            lexical=round(lexical, 4),
            closest=part.closest(vector, place),
        )
        for score, card, part, place, dense, lexical in found[:k]
    ]
