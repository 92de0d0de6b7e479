"""Gates inside the model: which adapters take a token, at each layer anew.

All but the learned one are *local*: what a gate knows of an adapter comes from that adapter alone.
Its keys stand in blocks of constant width, so that products have the same shape whoever else is
there: adding an adapter, and taking it away again, leaves every other score the same bit for bit.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, ClassVar

from herd_graph.errors import RoutingError
from herd_graph.extras import need
from herd_graph.routing.taxonomy import (
    DepthGranularity,
    ExpertAggregation,
    ExpertSelection,
    ExpertTraining,
    InputGranularity,
    RoutingData,
    Taxonomy,
)
from herd_graph.zoo.adapters import Adapter
from herd_graph.zoo.base import Base
from herd_graph.zoo.hosting import Here, Share
from herd_graph.zoo.modules import Bottleneck, FeedForward, Ia3, Ia3Inner, Module, Tensor, matrix

torch: Any = need("torch", "zoo")
BLOCK = 32
"""Keys for each product. Its shape never changes, so neither does the rounding of a column."""


@dataclass(eq=False)
class Slots:
    """Keys of one layer, a column each, in blocks of ``BLOCK``."""

    width: int
    _blocks: list[Tensor] = field(default_factory=list[Tensor])
    _places: dict[str, int] = field(default_factory=dict[str, int])

    def put(self, name: str, key: Tensor) -> None:
        """Give an adapter a column; the first that is free."""
        taken = set(self._places.values())
        place = self._places.get(name)
        if place is None:
            place = next(each for each in range(len(taken) + 1) if each not in taken)
        if place // BLOCK >= len(self._blocks):
            self._blocks.append(torch.zeros(self.width, BLOCK))
        self._blocks[place // BLOCK][:, place % BLOCK] = key
        self._places[name] = place

    def free(self, name: str) -> None:
        """Take an adapter's column away."""
        place = self._places.pop(name, None)
        if place is not None:
            self._blocks[place // BLOCK][:, place % BLOCK] = 0

    def products(self, given: Tensor, names: Sequence[str]) -> Tensor:
        """Return the product of each input with each named key, shape (inputs, names)."""
        places = [self._places[name] for name in names]
        made = {block: given @ self._blocks[block] for block in {p // BLOCK for p in places}}
        return torch.stack([made[place // BLOCK][:, place % BLOCK] for place in places], dim=1)

    def copy(self) -> Slots:
        """Return them with the same columns, to be changed apart."""
        made = Slots(self.width)
        made._blocks = [block.clone() for block in self._blocks]
        made._places = dict(self._places)
        return made

    def __contains__(self, name: object) -> bool:
        return name in self._places


class KeyGate:
    """A gate that compares a token with one key for each adapter; the parent of several.

    Args:
        top_k: How many adapters compute for a token; 0 for all (dense).
        temperature: Of the softmax over the scores that are kept.
    """

    name: ClassVar[str]
    taxonomy: ClassVar[Taxonomy]

    def __init__(self, *, top_k: int = 2, temperature: float = 1.0) -> None:
        self.top_k = top_k
        self.temperature = temperature
        self._known: dict[str, Adapter] = {}
        self._slots: dict[str, Slots] = {}
        self._lock = threading.Lock()
        self._view: KeyGate | None = None

    def key(self, adapter: Adapter, site: str, base: Base) -> Tensor:
        """Return the adapter's key at a layer, shape (d_in,)."""
        raise NotImplementedError

    def prepare(self, given: Tensor) -> Tensor:
        """Return the inputs as they are compared with keys."""
        return given.float()

    def finish(self, products: Tensor) -> Tensor:
        """Return scores from the products with keys."""
        return products

    def follow(self, adapters: Iterable[Adapter], base: Base) -> None:
        """Learn the newcomers and forget those that are gone; the others stay as they are."""
        now = {each.name: each for each in adapters}
        for name, known in list(self._known.items()):
            if now.get(name) is not known:
                self._forget(name)
        for name, adapter in now.items():
            if name not in self._known:
                self._learn(adapter, base)
                self._known[name] = adapter

    def settled(self, adapters: Iterable[Adapter], base: Base) -> KeyGate:
        """Return the gate as it is with these adapters; it does not change when others come and go.

        A request that is running keeps its own. The newest is kept for the requests that follow.
        """
        now = {each.name: each for each in adapters}
        with self._lock:
            before = self._view or self
            if self._view is None or before._known != now:
                view = before._copy()
                view.follow(now.values(), base)  # what cannot be learnt leaves the old one standing
                self._view = view
            return self._view

    def _copy(self) -> KeyGate:
        made = copy(self)
        made._known = dict(self._known)
        made._slots = {site: slots.copy() for site, slots in self._slots.items()}
        return made

    def _learn(self, adapter: Adapter, base: Base) -> None:
        keys = {site: self.key(adapter, site, base) for site in adapter.modules}
        for site, key in keys.items():  # all or none: a missing key must leave nothing behind
            self._slots.setdefault(site, Slots(int(key.shape[0]))).put(adapter.name, key)

    def _forget(self, name: str) -> None:
        del self._known[name]
        for slots in self._slots.values():
            slots.free(name)

    def scores(self, site: str, given: Tensor, names: Sequence[str]) -> Tensor:
        """Return how well each adapter fits each input, shape (inputs, names)."""
        return self.finish(self._slots[site].products(self.prepare(given), names))

    def choose(self, site: str, given: Tensor, here: Here) -> Sequence[Share]:
        """Return the ``top_k`` adapters of each token with the softmax of their scores."""
        names = [name for name in here if name in self._known]
        if not names:
            return []
        scores = self.scores(site, given.reshape(-1, given.shape[-1]), names) / self.temperature
        if self.top_k <= 0 or self.top_k >= len(names):
            weights = scores.softmax(dim=1)
            return [Share(name=n, weight=weights[:, i]) for i, n in enumerate(names)]
        best, which = scores.topk(self.top_k, dim=1)
        weights = best.softmax(dim=1)  # equal to the softmax over all, renormalised over the kept
        # Sorted by adapter once, so that no adapter that nobody chose costs anything.
        chosen, order = which.reshape(-1).sort(stable=True)
        tokens, weights = order // self.top_k, weights.reshape(-1)[order]
        counts: list[int] = chosen.bincount(minlength=len(names)).tolist()
        shares: list[Share] = []
        start = 0
        for name, count in zip(names, counts, strict=True):
            if count:
                own = slice(start, start + count)
                shares.append(Share(name=name, tokens=tokens[own], weight=weights[own]))
            start += count
        return shares


def _place(training: ExpertTraining, data: RoutingData) -> Taxonomy:
    return Taxonomy(
        expert_training=training,
        routing_data=data,
        input_granularity=InputGranularity.STEP,
        depth_granularity=DepthGranularity.MODULE,
        selection=ExpertSelection.SPARSE,
        aggregation=ExpertAggregation.OUTPUT,
    )


class Phatgoose(KeyGate):
    """Trained sigmoid gates as keys (Muqeeth et al., PHATGOOSE, arXiv 2402.05859, section 3).

    ``s_i = norm(u)ᵀ norm(v_i) / √d``, where norm brings mean 0 and variance 1, softmax over the
    top-k. ``v_i`` was trained with the adapter frozen; see ``training.train_gate``.
    """

    name = "phatgoose"
    taxonomy = _place(ExpertTraining.CUSTOM, RoutingData.NONE)

    def key(self, adapter: Adapter, site: str, base: Base) -> Tensor:
        """Return ``norm(v) / √d``."""
        del base
        found = adapter.keys.get(self.name, {}).get(site)
        if found is None:
            raise RoutingError(
                f"Adapter {adapter.name!r} has no {self.name} key for layer {site!r}. Expected one "
                f"for each layer. Make it from texts that the adapter is for: herd zoo add FOLDER "
                f"--name {adapter.name} --replace --texts FILE"
            )
        return _norm(found.float()) / found.shape[0] ** 0.5

    def prepare(self, given: Tensor) -> Tensor:
        """Return ``norm(u)``."""
        return _norm(given.float())


class AverageActivation(Phatgoose):
    """The mean input of each layer on the adapter's data, as a key.

    The baseline of PHATGOOSE (arXiv 2402.05859, section 4.2). Nothing is trained.
    """

    name = "activation"
    taxonomy = _place(ExpertTraining.STANDARD, RoutingData.EXPERT)


class Arrow(KeyGate):
    """The top right singular vector of ``ΔW`` as a key (Ostapenko et al., arXiv 2405.11157, eq. 4).

    ``s_i = |p_iᵀ u|``: the sign of a singular vector is arbitrary. No data at all is needed.
    Modules that are not linear are taken at their linear part.

    Args:
        top_k: How many adapters compute for a token; 0 for all.
        temperature: Of the softmax.
        normalise: Compare with ``norm(u)``, which keeps the softmax from depending on the length
            of hidden states. The paper does not.
    """

    name = "arrow"
    taxonomy = _place(ExpertTraining.STANDARD, RoutingData.NONE)

    def __init__(
        self, *, top_k: int = 4, temperature: float = 1.0, normalise: bool = False
    ) -> None:
        super().__init__(top_k=top_k, temperature=temperature)
        self.normalise = normalise

    def key(self, adapter: Adapter, site: str, base: Base) -> Tensor:
        """Return ``p``, of unit length."""
        return spectrum(adapter.modules[site], base.layer(site))[1][0]

    def prepare(self, given: Tensor) -> Tensor:
        """Return ``u`` or ``norm(u)``."""
        return _norm(given.float()) if self.normalise else given.float()

    def finish(self, products: Tensor) -> Tensor:
        """Return absolute values."""
        return products.abs()


class Spectral(KeyGate):
    """The whole spectrum of ``ΔW`` (Fleshman & Van Durme, SpectR, arXiv 2504.03454).

    ``s_i = ‖Σ_i V_iᵀ u‖``, which is the length of what the adapter would add.
    """

    name = "spectral"
    taxonomy = _place(ExpertTraining.STANDARD, RoutingData.NONE)

    def __init__(
        self, *, top_k: int = 2, temperature: float = 1.0, normalise: bool = False
    ) -> None:
        super().__init__(top_k=top_k, temperature=temperature)
        self.normalise = normalise
        self._spectra: dict[tuple[str, str], Tensor] = {}

    def _copy(self) -> KeyGate:
        made = copy(self)
        made._known = dict(self._known)
        made._spectra = dict(self._spectra)
        return made

    def _learn(self, adapter: Adapter, base: Base) -> None:
        for site, module in adapter.modules.items():
            values, vectors = spectrum(module, base.layer(site))
            self._spectra[adapter.name, site] = (values[:, None] * vectors).contiguous()

    def _forget(self, name: str) -> None:
        del self._known[name]
        for key in [each for each in self._spectra if each[0] == name]:
            del self._spectra[key]

    def scores(self, site: str, given: Tensor, names: Sequence[str]) -> Tensor:
        """Return the lengths, one product for each adapter: spectra have different ranks."""
        wide = _norm(given.float()) if self.normalise else given.float()
        lengths = [(wide @ self._spectra[name, site].T).norm(dim=1) for name in names]
        return torch.stack(lengths, dim=1)


class Pooled:
    """A gate that decides once for each text, at every layer: what MixDA and WEMoE do.

    Compares the mean input of a layer over the whole text with the keys of another gate. Its texts
    are scored or prompted whole: the mean of what is still to come cannot be known.

    Args:
        gate: The gate that is asked.
        lengths: Of the texts in a batch, whose padding has no say; a zoo fills them in.
    """

    def __init__(self, gate: KeyGate, lengths: Sequence[int] = ()) -> None:
        self.gate = gate
        self.lengths = lengths

    def settled(
        self, adapters: Iterable[Adapter], base: Base, lengths: Sequence[int] = ()
    ) -> Pooled:
        """Return it as it is with these adapters, for texts of these lengths."""
        return Pooled(self.gate.settled(adapters, base), lengths)

    def choose(self, site: str, given: Tensor, here: Here) -> Sequence[Share]:
        """Return the adapters of each text, for all its tokens."""
        length = int(given.shape[1])
        steps = torch.arange(length)
        shares: list[Share] = []
        means = given.mean(dim=1, keepdim=True)
        if self.lengths:
            ends = torch.tensor(self.lengths).clamp(max=length)[:, None]
            inside = (steps < ends)[:, :, None].to(given.dtype)
            means = (given * inside).sum(dim=1, keepdim=True) / inside.sum(dim=1, keepdim=True)
        for share in self.gate.choose(site, means, here):
            texts = torch.arange(given.shape[0])
            texts = texts if share.tokens is None else texts[share.tokens]
            weight = share.weight
            if weight is not None and not isinstance(weight, float):
                weight = weight.repeat_interleave(length)
            tokens = (texts[:, None] * length + steps).reshape(-1)
            shares.append(Share(name=share.name, tokens=tokens, weight=weight))
        return shares


def spectrum(module: Module, layer: Any) -> tuple[Tensor, Tensor]:
    """Return singular values (r,) and right singular vectors (r, d_in) of a module's ``ΔW``.

    For a LoRA from the r × r core: ``B = Q R`` and ``Q`` has no part in either.
    """
    if module.kind == "lora":
        factors = module.tensors()
        core = torch.linalg.qr(factors["b"].detach().float(), mode="r").R
        _, values, vectors = torch.linalg.svd(
            core @ factors["a"].detach().float(), full_matrices=False
        )
    else:
        _, values, vectors = torch.linalg.svd(linear_part(module, layer), full_matrices=False)
    kept = max(1, int((values > 1e-6 * values[0]).sum()))  # the rest is rounding
    return values[:kept], vectors[:kept]


def linear_part(module: Module, layer: Any) -> Tensor:
    """Return the matrix that a module multiplies its layer's input with, near zero."""
    exact = matrix(module)
    if exact is not None:
        return exact.detach()
    if isinstance(module, Bottleneck):
        return 0.5 * (module.up.float() @ module.down.float()).detach()  # gelu'(0) = 1/2
    if isinstance(module, FeedForward):
        raise RoutingError(
            "A gate that reads weights was asked about a whole feed-forward block, which has no "
            "direction of its own. Expected adapters. Use the router that the mixture was trained with."
        )
    weight = layer.weight.detach().float()
    weight = weight if hasattr(layer, "in_features") else weight.T
    if isinstance(module, Ia3):
        return (module.scale.detach().float() - 1)[:, None] * weight
    assert isinstance(module, Ia3Inner)
    return weight * (module.scale.detach().float() - 1)


def _norm(given: Tensor) -> Tensor:
    return torch.nn.functional.layer_norm(given, (given.shape[-1],))


GATES: Mapping[str, type[KeyGate]] = {
    each.name: each for each in (Phatgoose, Arrow, Spectral, AverageActivation)
}
"""The gates that can be named."""

__all__ = (
    "BLOCK",
    "GATES",
    "Arrow",
    "AverageActivation",
    "KeyGate",
    "Phatgoose",
    "Pooled",
    "Slots",
    "Spectral",
    "linear_part",
    "spectrum",
)
