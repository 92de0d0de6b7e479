"""Which tools a request wants.

What speaks for each is weighed by trees: some for tools that past plans hold, others for those that
none does, of which only the card speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from herd_graph.routing.learned.cards import CARD_EVIDENCE, Cards
from herd_graph.routing.learned.forests import Forest
from herd_graph.routing.learned.memory import EVIDENCE, Memory
from herd_graph.routing.learned.reading import Reading
from herd_graph.routing.learned.words import Floats, Ints

DOUBT, UNLIKELY = 10, -3.0
"""What hiding a few tools taught about unknown ones is little: with as many known tools as this, half
is the log-odds of a tool of which nothing is known."""
FAVOUR, ENOUGH = 2.2, 0.78
"""What is added to the log-odds of tools that came after training, where at least this share of the
tools is known.

Tools that plans hold come with habits: which others are used beside them, how often they are used at
all. One without any would lose against them whenever both could be meant, and would never get the
plans that teach its worth. Measured with a fifth of the tools held out (benchmarks/README.md): with
less, fewer of the wanted ones are chosen, with more, node F1 falls. Where most tools are unknown, a
card that is merely near is no reason: below that share the favour goes with its square. A tool that
was there when the model was trained and that no plan held gets none: that nobody used it is known.
"""
_NAMES = (*EVIDENCE, *CARD_EVIDENCE)
_AT = {name: place for place, name in enumerate(_NAMES)}
_RANKED = ("by both", "clause, best", "card, clause", "nearest with it", "10 nearest")
_GAPS = ("by both", "clause, best", "card, clause", "name's words, clause", "by meaning")
FEATURES = (
    *_NAMES,
    *(f"place {name}" for name in (*_RANKED, "by card")),
    *(f"behind the first {name}" for name in _GAPS),
    *(f"behind the third {name}" for name in _GAPS),
    "likeliest kin",
    "all kin",
    "others in its clause",
    "lead in its clause",
    "how many likely",
    "how many sure",
    "clauses",
    "length",
)
TOLD = {name: _AT[name] for name in ("by words", "by meaning", "clause, best", "card, clause")}
"""What a trace tells of each candidate."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What speaks for each of the tools that there are, for one request."""

    values: Floats
    """Of shape (evidence, tools)."""
    clause_scores: Floats
    """How much each clause sounds like each tool, of shape (clauses, tools)."""
    near_cards: Floats
    """How near each clause is to each card, of shape (clauses, tools)."""
    known: Floats
    """1 where past plans hold the tool, of shape (tools,)."""
    kin: Floats
    """How much alike tools are by name, of shape (tools, tools)."""


def gather(
    reading: Reading, memory: Memory, cards: Cards, place: Ints, similar: tuple[Floats, Floats]
) -> Evidence:
    """Gather what memory and cards say.

    Args:
        reading: The request.
        memory: Past plans.
        cards: The tools that there are.
        place: Where the memory has each of them; -1 for a tool that it does not know.
        similar: ``memory.similarities`` of the request.
    """
    import numpy as np

    known = place >= 0
    scores = memory.by_clause(reading)
    held = memory.evidence(*similar, scores)
    remembered = np.zeros((len(EVIDENCE), len(place)), dtype=np.float32)
    remembered[:, known] = held[:, place[known]]
    said = np.zeros((len(scores), len(place)), dtype=np.float32)
    said[:, known] = scores[:, place[known]]
    seen = known & (np.where(known, memory.counts[place], 0) > 0)
    return Evidence(
        values=np.concatenate([remembered, cards.evidence(reading)]),
        clause_scores=said,
        near_cards=cards.by_clause(reading),
        known=seen.astype(np.float32),
        kin=cards.kin,
    )


def candidates(evidence: Evidence) -> Ints:
    """Return the places of the tools that are worth weighing."""
    import numpy as np

    values = evidence.values
    cards = _by_card(values)
    count = values.shape[1]
    chosen: list[int] = []
    for scores, most in (
        (values[_AT["by both"]], 12),
        (values[_AT["10 nearest"]], 8),
        (values[_AT["clause, best"]], 5),
        (cards, 6),
        (np.where(evidence.known > 0, -1.0, cards), 6),
    ):
        order = np.argsort(-scores, kind="stable")[: min(most, count)]
        chosen += [int(each) for each in order if scores[each] > -1]
    return np.array(list(dict.fromkeys(chosen)), dtype=np.int32)


def _by_card(values: Floats) -> Floats:
    return values[_AT["card and deed, clause"]]


def features(evidence: Evidence, chosen: Ints, reading: Reading) -> Floats:
    """Return a row of ``FEATURES`` for each candidate."""
    import numpy as np

    values = evidence.values
    columns = [*values[:, chosen]]
    ranked = [values[_AT[name]] for name in _RANKED] + [_by_card(values)]
    columns += [
        np.minimum((scores[None, :] > scores[chosen, None]).sum(axis=1), 50) for scores in ranked
    ]
    ordered = [np.sort(values[_AT[name]]) for name in _GAPS]
    for nth in (1, 3):
        for name, scores in zip(_GAPS, ordered, strict=True):
            columns.append(values[_AT[name]][chosen] - scores[-min(nth, len(scores))])
    # Tools that are named alike are of one trade: where one is wanted, another may be.
    trade = evidence.kin[chosen] * np.clip(values[_AT["by both"]], 0, 1)
    columns += [trade.max(axis=1), trade.sum(axis=1)]
    # What else claims the clause that is nearest to its card: a tool that nobody has asked for yet
    # is likelier where known tools leave a clause alone.
    clause = evidence.near_cards[:, chosen].argmax(axis=0)
    said = evidence.clause_scores[clause]
    said[np.arange(len(chosen)), chosen] = -1
    others = np.clip(said.max(axis=1), 0, None)
    near = evidence.near_cards[clause]
    own = near[np.arange(len(chosen)), chosen].copy()
    near[np.arange(len(chosen)), chosen] = -1
    columns += [others, own - near.max(axis=1)]
    likely = np.clip(values[_AT["by both"]], 0, 1)
    whole = (likely.sum(), (likely > 0.5).sum(), len(reading.clauses), len(reading.text))
    columns += [np.full(len(chosen), each) for each in whole]
    return np.stack([np.asarray(each, dtype=np.float32) for each in columns], axis=1)


@dataclass(frozen=True, kw_only=True)
class Weighing:
    """How much the evidence is worth: trees for tools that plans hold, and for those that none does."""

    known: Forest
    unknown: Forest

    def probabilities(self, rows: Floats, chosen: Ints, known: Floats, place: Ints) -> Floats:
        """Return how likely each candidate is wanted.

        Args:
            rows: ``features`` of the candidates.
            chosen: Which tools they are.
            known: 1 for each of all tools that plans hold.
            place: Where the memory has each of all tools; -1 for one that came after training.
        """
        import numpy as np

        made = self.known.probability(rows)
        new = known[chosen] == 0
        if new.any():
            count = float(known.sum())
            trust = count / (count + DOUBT)
            odds = trust * self.unknown.log_odds(rows) + (1 - trust) * UNLIKELY
            favour = FAVOUR * min(1.0, float(known.mean()) / ENOUGH) ** 2
            odds = odds + favour * (place[chosen] < 0)
            made = np.where(new, 1 / (1 + np.exp(-np.clip(odds, -30, 30))), made)
        return made


def places(names: Sequence[str], known: Sequence[str]) -> Ints:
    """Return where ``known`` has each name; -1 where it does not."""
    import numpy as np

    at = {name: place for place, name in enumerate(known)}
    return np.array([at.get(name, -1) for name in names], dtype=np.int32)
