"""Which symbol may come next: a plan is written under the types of the experts that are there.

The network scores symbols; only those that keep the plan a valid one are looked at. What it writes
therefore always has the right number of arguments, of the right types, and never asks for the same
thing twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from herd_graph.cards import ExpertCard, Port
from herd_graph.conversions import links
from herd_graph.flow import is_listlike, item_of
from herd_graph.routing.neural.symbols import (
    CLOSE,
    CLOSE_LIST,
    EACH,
    END,
    FOUND_OUT,
    IF,
    LARGEST,
    NEXT,
    NOTHING,
    OPEN_LIST,
    OPERATORS,
    PARTLY,
    SPAN,
)
from herd_graph.types import Kind

MOST_PARTS = 8
DEEPEST = 6
_NUMBERS = tuple(f"#{number}" for number in range(LARGEST + 1))


@dataclass(frozen=True)
class Frame:
    """A call or a list that is still open."""

    expert: str
    """Empty for a list, which is the value of a port of the frame around it."""
    port: int = 0
    """The first port that may still be filled; of a list, the port that it goes into."""
    each: bool = False
    """``each`` was just written: a list comes next, one item of which goes into a port."""
    looped: bool = False
    """One of its arguments goes over a list already, so that it gives a list."""
    must_loop: bool = False
    """What is around it goes over its results, which are a list only if it is looped."""
    may_loop: bool = True
    """A list may stand where its results go."""
    bound: bool = False
    """Something was bound already; only what is bound first can be gone over."""
    held: int = 0
    """How many elements a list has."""


@dataclass(frozen=True)
class Written:
    """What has been written so far."""

    frames: tuple[Frame, ...] = ()
    phase: str = "start"
    """``start``, ``part`` (one begins), ``expression``, ``ended`` (a part is whole), ``test`` (what
    is tested begins), ``tested``, ``right``, ``partly``, ``nothing`` or ``over``."""
    part: tuple[str, ...] = ()
    """The symbols of the present part; words of the request by their place."""
    parts: tuple[tuple[str, ...], ...] = ()
    testing: bool = False
    tested: bool = False
    """The present part has its condition."""


class Roles:
    """Which call may stand in which port. Made once for a set of experts.

    Args:
        cards: The experts, by name.
    """

    def __init__(self, cards: Mapping[str, ExpertCard]) -> None:
        self.cards = cards
        self.gives = {
            f"e:{card.name}" + (f".{port.name}" if place else ""): port
            for card in cards.values()
            for place, port in enumerate(card.outputs)
        }
        self._known: dict[tuple[str, int, bool], tuple[str, ...]] = {}

    def calls(self, expert: str, place: int, *, each: bool) -> tuple[str, ...]:
        """Return the calls that may stand in a port.

        Args:
            expert: Whose port it is.
            place: Which of its ports.
            each: One item of what the call gives goes in, time after time. A call that gives one
                thing may stand there, too: looped, it gives a list.
        """
        key = (expert, place, each)
        if key not in self._known:
            port = self.cards[expert].inputs[place]
            self._known[key] = tuple(
                symbol
                for symbol, source in self.gives.items()
                if ((each and _goes_over(source, port)) or links(source, port))
                and not self._is_spoken(symbol, port)
            )
        return self._known[key]

    def _is_spoken(self, symbol: str, port: Port) -> bool:
        """Say whether a call makes sound of a text: nobody wants that listened to by an expert."""
        takes = {kind for each in self.cards[_expert(symbol)].inputs for kind in each.kinds}
        return Kind.AUDIO in port.kinds and Kind.AUDIO not in takes and Kind.VIDEO not in takes

    def is_list(self, symbol: str) -> bool:
        """Say whether a call gives a list without being looped."""
        return self.gives[symbol].many


class Crew:
    """The experts and inputs that a plan may be made of.

    Args:
        roles: The experts.
        inputs: What is attached, and what earlier turns made, by the names that a plan binds.
    """

    def __init__(self, roles: Roles, inputs: Mapping[str, Port]) -> None:
        self.roles = roles
        self.cards = roles.cards
        self.inputs = inputs
        self._known: dict[Frame, dict[str, int]] = {}

    def allowed(self, state: Written) -> frozenset[str]:
        """Return the symbols that may come next."""
        return frozenset(self._allowed(state))

    def _allowed(self, state: Written) -> Iterator[str]:
        phase = state.phase
        if phase == "start":
            yield NOTHING
            yield from self.roles.gives
        elif phase in {"part", "test"}:
            yield from self.roles.gives
        elif phase == "expression":
            yield from self._arguments(state.frames)
        elif phase == "tested":
            yield from OPERATORS
        elif phase == "right":
            yield from (f"c:{each}" for each in FOUND_OUT)
            yield from ("c:pt", "c:en", SPAN, *_NUMBERS)
        elif phase == "ended":
            if state.part in state.parts:
                return  # the same thing twice: a dead end
            yield END
            yield PARTLY
            if len(state.parts) < MOST_PARTS - 1:
                yield NEXT
            if not state.tested:
                yield IF
        elif phase in {"partly", "nothing"}:
            yield END

    def _arguments(self, frames: tuple[Frame, ...]) -> Iterator[str]:
        frame = frames[-1]
        deep = len(frames) >= DEEPEST
        for symbol in self._fitting(frame, frames[-2].expert if not frame.expert else ""):
            if not (deep and symbol.startswith("e:")):
                yield symbol
        if not frame.expert:
            if frame.held:
                yield CLOSE_LIST
        elif not frame.each and self._may_close(frame):
            yield CLOSE

    def _fitting(self, frame: Frame, outer: str = "") -> dict[str, int]:
        """Return the symbols that fill a port of what is open, and which port each fills."""
        key = replace(frame, expert=frame.expert or f"[{outer}", held=0)
        known = self._known.get(key)
        if known is not None:
            return known
        found: dict[str, int] = {}
        if not frame.expert:
            port = self.cards[outer].inputs[frame.port]
            one = port.model_copy(update={"many": False})
            found |= dict.fromkeys(self.roles.calls(outer, frame.port, each=False), frame.port)
            found |= dict.fromkeys(self._inputs(one, each=False), frame.port)
        else:
            ports = self.cards[frame.expert].inputs
            for place in range(frame.port, len(ports)):
                listed = ports[place].many and not ports[place].required
                if listed and Kind.TABLE in ports[place].kinds:
                    continue  # filled beside the plan
                for symbol in self._into(frame, place):
                    found.setdefault(symbol, place)
                if ports[place].required:
                    break
        self._known[key] = found
        return found

    def _into(self, frame: Frame, place: int) -> Iterator[str]:
        port = self.cards[frame.expert].inputs[place]
        if port.choices:
            if not (frame.each or (frame.must_loop and not frame.looped)):
                yield from (f"c:{each}" for each in port.choices)
            return
        number = port.kind is Kind.DATA and port.scalar in {"integer", "number"}
        if frame.must_loop and not frame.looped and not frame.each:
            if not number and not port.many:
                yield EACH
            return
        if number:
            yield from _NUMBERS
            yield SPAN
            return
        yield from self.roles.calls(frame.expert, place, each=frame.each)
        yield from self._inputs(port, each=frame.each)
        if frame.each:
            return
        if port.many:
            yield OPEN_LIST
        elif frame.may_loop and not frame.bound:
            yield EACH
        if Kind.TEXT in port.kinds:
            yield SPAN

    def _inputs(self, port: Port, *, each: bool) -> Iterator[str]:
        for name, source in self.inputs.items():
            if _goes_over(source, port) if each else links(source, port):
                yield f"i:{name}"

    def _may_close(self, frame: Frame) -> bool:
        if frame.must_loop and not frame.looped:
            return False
        return not any(each.required for each in self.cards[frame.expert].inputs[frame.port :])

    def place(self, frame: Frame, symbol: str) -> int:
        """Return which port a symbol fills. Raises ``KeyError`` where it fills none."""
        return self._fitting(frame)[symbol]

    def after(self, state: Written, symbol: str, said: str = "") -> Written:
        """Return the state after a symbol that is allowed.

        Args:
            state: What has been written.
            symbol: What is added.
            said: For words of the request, which ones: two questions about one table differ.
        """
        grown = replace(state, part=(*state.part, symbol + said))
        if symbol == END:
            return replace(state, phase="over", parts=(*state.parts, state.part))
        if symbol == NOTHING:
            return replace(grown, phase="nothing")
        if symbol == PARTLY:
            return replace(state, phase="partly")
        if symbol == NEXT:
            return Written(phase="part", parts=(*state.parts, state.part))
        if symbol == IF:
            return replace(grown, phase="test", testing=True)
        if symbol in OPERATORS:
            return replace(grown, phase="right")
        if state.phase == "right":
            return replace(grown, phase="ended", testing=False, tested=True)
        if state.phase in {"start", "part", "test"}:
            return replace(grown, phase="expression", frames=(Frame(_expert(symbol)),))
        return self._filled(grown, symbol)

    def _filled(self, state: Written, symbol: str) -> Written:
        frames, frame = state.frames, state.frames[-1]
        if symbol == CLOSE:
            rest = frames[:-1]
            if rest:
                return replace(state, frames=rest)
            return replace(state, frames=(), phase="tested" if state.testing else "ended")
        if symbol == CLOSE_LIST:
            return replace(state, frames=frames[:-1])
        if symbol == EACH:
            return replace(state, frames=(*frames[:-1], replace(frame, each=True)))
        place = frame.port
        if not frame.expert:
            outer = (*frames[:-1], replace(frame, held=frame.held + 1))
        else:
            place = self._fitting(frame)[symbol]
            filled = replace(
                frame,
                port=place + 1,
                each=False,
                looped=frame.looped or frame.each,
                bound=frame.bound or symbol[:2] in {"e:", "i:"} or symbol == OPEN_LIST,
            )
            outer = (*frames[:-1], filled)
            if symbol == OPEN_LIST:
                return replace(state, frames=(*outer, Frame("", port=place)))
        if symbol.startswith("e:"):
            loops = frame.each and not self.roles.is_list(symbol)
            whole = bool(frame.expert) and self.cards[frame.expert].inputs[place].many
            inner = Frame(_expert(symbol), must_loop=loops, may_loop=loops or whole)
            outer = (*outer, inner)
        return replace(state, frames=outer)


def _expert(symbol: str) -> str:
    return symbol[2:].partition(".")[0]


def _goes_over(source: Port, port: Port) -> bool:
    """Say whether one item of a list may go into a port."""
    one = item_of(source) if is_listlike(source) else None
    return one is not None and links(one, port)


__all__ = ("Crew", "Frame", "Roles", "Written")
