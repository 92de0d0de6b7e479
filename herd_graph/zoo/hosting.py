"""How modules take part in the base's forward pass: sparsely, and only while someone asks for it.

A hook sits on each layer that some adapter has a module for. It asks a context variable what to do;
outside a dispatch there is nothing to do, and the base's output is its own, bit for bit. There is
no mode to switch on or off and to forget.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from herd_graph.errors import ModelCorrupt
from herd_graph.extras import need
from herd_graph.zoo.base import Base
from herd_graph.zoo.modules import Module, Tensor

torch: Any = need("torch", "zoo")
Here = Mapping[str, Module]
"""The modules on one layer, by the name of their adapter."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Share:
    """Which tokens go through one adapter's module, and with which weight.

    Tokens are numbered over all rows of the batch: ``row × length + position``. None means all, a
    slice those of rows that stand together, which are then read where they are.
    """

    name: str
    tokens: Tensor | slice[int, int, None] | None = None
    weight: Tensor = None
    """A tensor with one for each token, a float for all, or None for 1."""


class Chooser(Protocol):
    """Says which adapters compute at a layer. Only those that it names do."""

    def choose(self, site: str, given: Tensor, here: Here) -> Sequence[Share]:
        """Return the shares at one layer.

        Args:
            site: The layer's name.
            given: Its input, shape (rows, length, d_in).
            here: The modules that there are.
        """
        ...


@dataclass(kw_only=True, eq=False)
class Dispatch:
    """One forward pass: which modules there are, who chooses, and what was chosen.

    Args:
        modules: By layer, then by adapter. Taken once: what is dropped meanwhile stays until the
            pass is over.
        chooser: Asked at each layer.
        record: Whether to note the mass that each adapter had on each token.
    """

    modules: Mapping[str, Here]
    chooser: Chooser
    record: bool = False
    mass: dict[str, Tensor] = field(default_factory=dict[str, Tensor])
    sites: int = 0
    """Layers at which something was chosen, for averaging ``mass``."""

    def apply(self, site: str, layer: Any, given: Tensor, made: Tensor) -> Tensor | None:
        """Return the layer's output with the chosen modules' additions; None to leave it alone."""
        here = self.modules.get(site)
        if not here:
            return None
        shares = self.chooser.choose(site, given, here)
        if self.record:
            self._note(shares, given)
        if not shares:
            return None
        flat_in, flat_out = given.reshape(-1, given.shape[-1]), made.reshape(-1, made.shape[-1])
        result = flat_out
        for share in shares:
            module, tokens = here[share.name], share.tokens
            if tokens is None:
                result = result + _weighed(module.delta(flat_in, flat_out, layer), share.weight)
                continue
            if result is flat_out:
                result = flat_out.clone()  # the layer's own output is what other modules read
            if isinstance(tokens, slice):
                change = module.delta(flat_in[tokens], flat_out[tokens], layer)
                result[tokens] += _weighed(change, share.weight)
            else:
                change = module.delta(
                    flat_in.index_select(0, tokens), flat_out.index_select(0, tokens), layer
                )
                result.index_add_(0, tokens, _weighed(change, share.weight))
        return result.reshape(made.shape)

    def _note(self, shares: Sequence[Share], given: Tensor) -> None:
        count = given.shape[0] * given.shape[1]
        self.sites += 1
        for share in shares:
            mass = self.mass.setdefault(share.name, torch.zeros(count))
            weight = share.weight
            if weight is None or isinstance(weight, float):
                weight = torch.full((), 1.0 if weight is None else weight)
            weight = weight.detach().float()
            tokens: Any = share.tokens
            # No token is in a share twice, so that adding by number loses nothing.
            mass[slice(None) if tokens is None else tokens] += weight

    def masses(self, rows: int) -> dict[str, Tensor]:
        """Return for each adapter its mean mass on each token, shape (rows, length)."""
        return {
            name: (mass / max(1, self.sites)).reshape(rows, -1) for name, mass in self.mass.items()
        }


_active: ContextVar[Dispatch | None] = ContextVar("herd_zoo_dispatch", default=None)
_hooked: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
_lock = threading.Lock()


@contextmanager
def dispatching(dispatch: Dispatch) -> Generator[Dispatch]:
    """Let the modules take part in forward passes inside the block, in this thread alone."""
    token = _active.set(dispatch)
    try:
        yield dispatch
    finally:
        _active.reset(token)


@contextmanager
def untouched() -> Generator[None]:
    """Run the base alone inside a block that dispatches."""
    token = _active.set(None)
    try:
        yield
    finally:
        _active.reset(token)


def install(base: Base, sites: Sequence[str]) -> None:
    """Put a hook on each layer that has none. It does nothing outside ``dispatching``."""
    with _lock:
        hooked = _hooked.setdefault(base.model, set())
        for site in sites:
            if site not in hooked:
                base.layer(site).register_forward_hook(_hook(site))
                hooked.add(site)


def _hook(site: str) -> Any:
    def added(layer: Any, given: tuple[Any, ...], made: Any) -> Any:
        dispatch = _active.get()
        if dispatch is None:
            return None
        if not isinstance(made, torch.Tensor):
            raise ModelCorrupt(
                f"Layer {site!r} gives a {type(made).__name__}. Expected one tensor: modules add to "
                "it. Target linear layers, or blocks such as 'mlp'."
            )
        return dispatch.apply(site, layer, given[0], made)

    return added


def _weighed(change: Tensor, weight: Tensor) -> Tensor:
    if weight is None or (isinstance(weight, float) and weight == 1.0):
        return change
    if isinstance(weight, float):
        return change * weight
    return change * weight.reshape(-1, 1).to(change.dtype)


@dataclass(eq=False)
class ByRow:
    """A fixed mixture for each row of the batch: task- and example-level routing.

    Args:
        rows: For each row the weight of each adapter; an empty one leaves the row to the base.
    """

    rows: Sequence[Mapping[str, float]]
    _places: dict[int, list[Share]] = field(init=False, default_factory=dict[int, list[Share]])

    def choose(self, site: str, given: Tensor, here: Here) -> Sequence[Share]:
        """Return each adapter with the tokens of the rows that want it."""
        del site
        length = int(given.shape[1])
        if length not in self._places:  # equal for every layer of a pass
            named = dict.fromkeys(name for row in self.rows for name, w in row.items() if w)
            self._places[length] = [self._place(name, length) for name in named]
        return [share for share in self._places[length] if share.name in here]

    def _place(self, name: str, length: int) -> Share:
        wanted = [index for index, row in enumerate(self.rows) if row.get(name)]
        weights = [float(self.rows[index][name]) for index in wanted]
        same = len(set(weights)) == 1
        weight = weights[0] if same else torch.tensor(weights).repeat_interleave(length)
        if len(wanted) == len(self.rows):
            return Share(name=name, weight=weight)
        if wanted[-1] - wanted[0] + 1 == len(wanted):
            tokens = slice(wanted[0] * length, (wanted[-1] + 1) * length)
            return Share(name=name, tokens=tokens, weight=weight)
        first = torch.tensor(wanted, dtype=torch.long)[:, None] * length
        tokens = (first + torch.arange(length)).reshape(-1)
        return Share(name=name, tokens=tokens, weight=weight)


@dataclass(eq=False)
class ByToken:
    """A weight for each token and adapter, the same at every layer.

    Args:
        weights: Shape (rows, length, adapters).
        names: The adapters, in the order of the last axis.
    """

    weights: Tensor
    names: Sequence[str]

    def choose(self, site: str, given: Tensor, here: Here) -> Sequence[Share]:
        """Return each adapter with the tokens on which it has a weight."""
        del site, given
        flat = self.weights.reshape(-1, self.weights.shape[-1])
        shares: list[Share] = []
        for column, name in enumerate(self.names):
            if name not in here:
                continue
            weight = flat[:, column]
            if weight.requires_grad or bool((weight != 0).all()):
                shares.append(Share(name=name, weight=weight))
            else:
                tokens = weight.nonzero()[:, 0]
                if len(tokens):
                    shares.append(Share(name=name, tokens=tokens, weight=weight[tokens]))
        return shares


@dataclass(eq=False)
class Together:
    """Different choosers for different rows of one batch: every request has its own router.

    Args:
        parts: Pairs of row numbers and the chooser of those rows.
    """

    parts: Sequence[tuple[Sequence[int], Chooser]]

    def choose(self, site: str, given: Tensor, here: Here) -> Sequence[Share]:
        """Ask each chooser about its own rows, and renumber what it says."""
        length = int(given.shape[1])
        shares: list[Share] = []
        for rows, chooser in self.parts:
            picked = torch.tensor(list(rows), dtype=torch.long)
            numbers = (picked[:, None] * length + torch.arange(length)).reshape(-1)
            for share in chooser.choose(site, given.index_select(0, picked), here):
                tokens = numbers if share.tokens is None else numbers[share.tokens]
                shares.append(Share(name=share.name, tokens=tokens, weight=share.weight))
        return shares


__all__ = (
    "ByRow",
    "ByToken",
    "Chooser",
    "Dispatch",
    "Here",
    "Share",
    "Together",
    "dispatching",
    "install",
    "untouched",
)
