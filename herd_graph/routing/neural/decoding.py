"""Write a plan symbol by symbol: beam search over what the types allow.

Each hypothesis is scored by the product of its symbols' probabilities, each taken among the symbols
that may stand there. What is left over at the end are whole, typed plans with their probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from herd_graph.routing.golds import Wanted
from herd_graph.routing.neural import symbols as alphabet
from herd_graph.routing.neural.network import Array, Decoder, Memory, Past
from herd_graph.routing.neural.reading import Reading
from herd_graph.routing.neural.writing import Crew, Written

if TYPE_CHECKING:
    import numpy as np

BEAM = 4
LONGEST = 76
"""Symbols of a plan; the network's places end there."""
_HOPELESS = 6.0
"""Natural logarithm of how much likelier a finished plan is than what is not worth finishing."""
_QUIET = frozenset({alphabet.CLOSE, alphabet.NEXT, alphabet.END, alphabet.CLOSE_LIST})


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """A plan that the network wrote."""

    wanted: Wanted
    probability: float
    looks: tuple[Array, ...]
    """For each part, how much it looked at each token, summed to 1; shape (tokens,)."""


@dataclass(frozen=True)
class _Hypothesis:
    state: Written
    symbols: tuple[str, ...] = ()
    spans: tuple[tuple[int, int, int], ...] = ()
    """Place among the symbols, first token, last token."""
    score: float = 0.0
    looks: tuple[tuple[int, Array], ...] = ()
    """The number of the part, and where the network looked when it wrote a symbol of it."""


@dataclass(frozen=True)
class _Step:
    score: float
    parent: int
    symbol: str


def decode(
    reading: Reading,
    hidden: Array,
    decoder: Decoder,
    symbols: Sequence[str],
    crew: Crew,
    *,
    beam: int = BEAM,
) -> list[Parsed]:
    """Return plans for a request, the likeliest first.

    Args:
        reading: The request.
        hidden: Its tokens as the encoder sees them.
        decoder: What scores the next symbol.
        symbols: The decoder's symbols, in its order.
        crew: What a plan may be made of.
        beam: How many plans are kept at once.
    """
    search = _Search(reading, decoder, symbols, crew, decoder.memory(hidden, _tokens(reading)))
    return search.run(beam)


class _Search:
    def __init__(
        self,
        reading: Reading,
        decoder: Decoder,
        symbols: Sequence[str],
        crew: Crew,
        memory: Memory,
    ) -> None:
        self.reading, self.decoder, self.symbols, self.crew = reading, decoder, symbols, crew
        self.memory = memory
        self.table = decoder.arrays["table"]
        self.place = {symbol: place for place, symbol in enumerate(symbols)}
        for place, (name, _) in enumerate(reading.inputs):
            self.place[f"i:{name}"] = len(symbols) + place

    def run(self, beam: int) -> list[Parsed]:
        live = [_Hypothesis(Written())]
        past, done = Past(), list[_Hypothesis]()
        for _ in range(LONGEST):
            state, looks, past = self.decoder.step(self.memory, past, self._vectors(live))
            scores = self.decoder.scores(self.memory, state)
            steps = sorted(
                (each for row in range(len(live)) for each in self._steps(live, row, scores, beam)),
                key=lambda each: -each.score,
            )
            best = max((each.score for each in done), default=-1e9)
            kept = [each for each in steps if each.score > best - _HOPELESS][:beam]
            done += [self._grown(live, e, state, looks) for e in kept if e.symbol == alphabet.END]
            going = [each for each in kept if each.symbol != alphabet.END]
            if not going or len(done) >= beam:
                break
            live = [self._grown(live, each, state, looks) for each in going]
            past = past.chosen([each.parent for each in going])
        done.sort(key=lambda each: -each.score)
        return [self._parsed(each) for each in done]

    def _vectors(self, live: Sequence[_Hypothesis]) -> Array:
        import numpy as np

        return np.stack([self._vector(each) for each in live])

    def _vector(self, hypothesis: _Hypothesis) -> Array:
        symbol = hypothesis.symbols[-1] if hypothesis.symbols else alphabet.START
        place = self.place[symbol]
        if place < len(self.symbols):
            return self.table[place]
        return self.memory.rows[self.reading.inputs[place - len(self.symbols)][1]]

    def _steps(
        self, live: Sequence[_Hypothesis], row: int, scores: Array, beam: int
    ) -> list[_Step]:
        import numpy as np

        hypothesis = live[row]
        allowed = [each for each in self.crew.allowed(hypothesis.state) if each in self.place]
        if not allowed:
            return []
        found = scores[row, [self.place[each] for each in allowed]].astype(np.float64)
        logs = found - _log_sum(found)
        top: list[int] = np.argsort(-logs, kind="stable")[:beam].tolist()
        return [_Step(hypothesis.score + float(logs[k]), row, allowed[k]) for k in top]

    def _grown(
        self, live: Sequence[_Hypothesis], step: _Step, state: Array, looks: Array
    ) -> _Hypothesis:
        parent = live[step.parent]
        spans, said = parent.spans, ""
        if step.symbol == alphabet.SPAN:
            last = len(self.reading.ids) - 2
            start, end = self.decoder.span(
                self.memory, state[step.parent], self.reading.first, max(last, self.reading.first)
            )
            spans, said = (*spans, (len(parent.symbols), start, end)), f"{start}-{end}"
        seen = parent.looks
        if step.symbol not in _QUIET:
            seen = (*seen, (len(parent.state.parts), looks[step.parent]))
        return replace(
            parent,
            state=self.crew.after(parent.state, step.symbol, said),
            symbols=(*parent.symbols, step.symbol),
            spans=spans,
            score=step.score,
            looks=seen,
        )

    def _parsed(self, hypothesis: _Hypothesis) -> Parsed:
        import numpy as np

        said = {at: self.reading.words(start, end) for at, start, end in hypothesis.spans}
        wanted = alphabet.read(hypothesis.symbols[:-1], said)
        shares: list[Array] = []
        for number in range(len(wanted.parts)):
            total = np.sum([each for part, each in hypothesis.looks if part == number], axis=0)
            shares.append((total / max(float(total.sum()), 1e-9)).astype(np.float32))
        return Parsed(
            wanted=wanted,
            probability=float(np.exp(hypothesis.score)),
            looks=tuple(shares),
        )


def _tokens(reading: Reading) -> list[int]:
    return [token for _, token in reading.inputs]


def _log_sum(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    import numpy as np

    top = float(values.max())
    return top + float(np.log(np.exp(values - top).sum()))


__all__ = ("BEAM", "LONGEST", "Parsed", "decode")
