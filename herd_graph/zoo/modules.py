"""Modules that ride on one layer of a frozen base: what an adapter is made of.

Each gives an *addition* to the layer's output, so that several can be weighed and summed, and the
base itself is never written to. Four kinds, of any size, may stand side by side in one zoo.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeAlias

from herd_graph.errors import ModelCorrupt, suggest
from herd_graph.extras import need

torch: Any = need("torch", "zoo")
Tensor: TypeAlias = Any
"""A ``torch.Tensor``: torch's own types are partly unknown, and none of ours depends on them."""


class Module(Protocol):
    """What every kind can do."""

    kind: ClassVar[str]

    def delta(self, given: Tensor, made: Tensor, layer: Any) -> Tensor:
        """Return what is added to the layer's output.

        Args:
            given: The layer's input, shape (…, d_in).
            made: The layer's output without any module, shape (…, d_out).
            layer: The frozen layer itself.
        """
        ...

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors by name; with them the module can be made again."""
        ...

    def widths(self) -> tuple[int | None, int | None]:
        """Return (d_in, d_out) of the layers that it fits; None where it does not matter."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Lora:
    """A low-rank addition ``B A u`` (Hu et al., *LoRA*, arXiv 2106.09685, equation 3).

    ``a`` has shape (rank, d_in), ``b`` (d_out, rank). The scale alpha/r, or alpha/√r, is folded into ``b``:
    what merges modules need not know how each was scaled.
    """

    kind: ClassVar[str] = "lora"
    a: Tensor
    b: Tensor

    def delta(self, given: Tensor, made: Tensor, layer: Any) -> Tensor:
        """Return ``B A u``."""
        del layer
        return ((given.to(self.a.dtype) @ self.a.T) @ self.b.T).to(made.dtype)

    def tensors(self) -> dict[str, Tensor]:
        """Return both factors."""
        return {"a": self.a, "b": self.b}

    def widths(self) -> tuple[int | None, int | None]:
        """Return (d_in, d_out)."""
        return self.a.shape[1], self.b.shape[0]

    @property
    def rank(self) -> int:
        """The rank that the factors allow."""
        return int(self.a.shape[0])


@dataclass(frozen=True, kw_only=True, eq=False)
class Ia3:
    """A rescaling of a layer's output (Liu et al., *(IA)³*, arXiv 2205.05638, section 3.3).

    For keys and values ``l ⊙ W u``, hence the addition ``(l − 1) ⊙ W u``.
    """

    kind: ClassVar[str] = "ia3"
    scale: Tensor

    def delta(self, given: Tensor, made: Tensor, layer: Any) -> Tensor:
        """Return ``(l − 1) ⊙ W u``."""
        del given, layer
        return (made.to(self.scale.dtype) * (self.scale - 1)).to(made.dtype)

    def tensors(self) -> dict[str, Tensor]:
        """Return the one vector."""
        return {"scale": self.scale}

    def widths(self) -> tuple[int | None, int | None]:
        """Return (None, d_out)."""
        return None, self.scale.shape[0]


@dataclass(frozen=True, kw_only=True, eq=False)
class Ia3Inner:
    """A rescaling of a layer's *input*, as (IA)³ does before the second feed-forward layer.

    ``W (l ⊙ u)`` (arXiv 2205.05638, section 3.3), hence the addition ``W ((l − 1) ⊙ u)``.
    """

    kind: ClassVar[str] = "ia3_inner"
    scale: Tensor

    def delta(self, given: Tensor, made: Tensor, layer: Any) -> Tensor:
        """Return ``W ((l − 1) ⊙ u)``."""
        scaled = layer.forward((given.to(self.scale.dtype) * (self.scale - 1)).to(given.dtype))
        bias = getattr(layer, "bias", None)
        return (scaled if bias is None else scaled - bias).to(made.dtype)

    def tensors(self) -> dict[str, Tensor]:
        """Return the one vector."""
        return {"scale": self.scale}

    def widths(self) -> tuple[int | None, int | None]:
        """Return (d_in, None)."""
        return self.scale.shape[0], None


@dataclass(frozen=True, kw_only=True, eq=False)
class Bottleneck:
    """A small MLP beside a layer: ``U gelu(D u)`` (He et al., arXiv 2110.04366, table 1).

    Beside a feed-forward block it is the Zoo's "fine-tuned MLP" expert: as many parameters as a
    LoRA, and not linear. ``down`` has shape (width, d_in), ``up`` (d_out, width).
    """

    kind: ClassVar[str] = "bottleneck"
    down: Tensor
    up: Tensor

    def delta(self, given: Tensor, made: Tensor, layer: Any) -> Tensor:
        """Return ``U gelu(D u)``."""
        del layer
        hidden = torch.nn.functional.gelu(given.to(self.down.dtype) @ self.down.T)
        return (hidden @ self.up.T).to(made.dtype)

    def tensors(self) -> dict[str, Tensor]:
        """Return both layers."""
        return {"down": self.down, "up": self.up}

    def widths(self) -> tuple[int | None, int | None]:
        """Return (d_in, d_out)."""
        return self.down.shape[1], self.up.shape[0]


@dataclass(frozen=True, kw_only=True, eq=False)
class Dense:
    """A full ``ΔW`` of shape (d_out, d_in): what TIES and DARE leave, whose rank is not low."""

    kind: ClassVar[str] = "dense"
    weight: Tensor

    def delta(self, given: Tensor, made: Tensor, layer: Any) -> Tensor:
        """Return ``ΔW u``."""
        del layer
        return (given.to(self.weight.dtype) @ self.weight.T).to(made.dtype)

    def tensors(self) -> dict[str, Tensor]:
        """Return the one matrix."""
        return {"weight": self.weight}

    def widths(self) -> tuple[int | None, int | None]:
        """Return (d_in, d_out)."""
        return self.weight.shape[1], self.weight.shape[0]


@dataclass(frozen=True, kw_only=True, eq=False)
class FeedForward:
    """A whole gated feed-forward block in the place of the base's own.

    Branch-Train-MiX (Sukhbaatar et al., arXiv 2403.07816, equation 1) sums ``w_i FFN_i(u)``. As an
    addition it is ``FFN_i(u) − FFN(u)``: with weights that sum to one the base's own block is gone.
    ``gate`` and ``up`` have shape (inner, d), ``down`` (d, inner).
    """

    kind: ClassVar[str] = "feed_forward"
    gate: Tensor
    up: Tensor
    down: Tensor

    def delta(self, given: Tensor, made: Tensor, layer: Any) -> Tensor:
        """Return ``FFN_i(u) − FFN(u)``."""
        del layer
        u = given.to(self.gate.dtype)
        inner = torch.nn.functional.silu(u @ self.gate.T) * (u @ self.up.T)
        return (inner @ self.down.T).to(made.dtype) - made

    def tensors(self) -> dict[str, Tensor]:
        """Return the three layers."""
        return {"gate": self.gate, "up": self.up, "down": self.down}

    def widths(self) -> tuple[int | None, int | None]:
        """Return (d, d)."""
        return self.gate.shape[1], self.down.shape[0]


KINDS: dict[str, Callable[..., Module]] = {
    "lora": Lora,
    "ia3": Ia3,
    "ia3_inner": Ia3Inner,
    "bottleneck": Bottleneck,
    "dense": Dense,
    "feed_forward": FeedForward,
}
"""Makes a module of each kind from its tensors."""
_NAMES: dict[str, frozenset[str]] = {
    "lora": frozenset({"a", "b"}),
    "ia3": frozenset({"scale"}),
    "ia3_inner": frozenset({"scale"}),
    "bottleneck": frozenset({"down", "up"}),
    "dense": frozenset({"weight"}),
    "feed_forward": frozenset({"gate", "up", "down"}),
}


def make(kind: str, tensors: Mapping[str, Tensor], where: str) -> Module:
    """Make a module, and check that its tensors fit each other and hold numbers.

    Args:
        kind: One of ``KINDS``.
        tensors: By name.
        where: What an error calls it.

    Raises:
        ModelCorrupt: An unknown kind, missing tensors, ranks that differ, NaN or infinity.
    """
    if kind not in KINDS:
        raise ModelCorrupt(f"{where} is a module of kind {kind!r}. {suggest(kind, KINDS)}")
    if frozenset(tensors) != _NAMES[kind]:
        raise ModelCorrupt(
            f"{where} has the tensors {sorted(tensors)}. Expected {sorted(_NAMES[kind])} for kind "
            f"{kind!r}. Save it again with ExpertZoo.save."
        )
    for name, tensor in tensors.items():
        wanted = 1 if kind.startswith("ia3") else 2
        if tensor.dim() != wanted:
            raise ModelCorrupt(
                f"{where}: tensor {name!r} has shape {tuple(tensor.shape)}. Expected {wanted} "
                f"dimension{'s' if wanted > 1 else ''}. The file is damaged or of another method."
            )
        if not bool(torch.isfinite(tensor).all()):
            raise ModelCorrupt(
                f"{where}: tensor {name!r} holds NaN or infinity. Expected finite numbers. Its "
                "training diverged or the file is damaged: train it again with a lower rate."
            )
    inner = {"lora": ("a", "b"), "bottleneck": ("down", "up")}.get(kind)
    if inner is not None:
        first, second = tensors[inner[0]], tensors[inner[1]]
        if first.shape[0] != second.shape[1]:
            raise ModelCorrupt(
                f"{where}: {inner[0]!r} has rank {first.shape[0]} and {inner[1]!r} has rank "
                f"{second.shape[1]}. Expected one rank. The two factors are not of one module."
            )
    return KINDS[kind](**tensors)


def size_of(module: Module) -> int:
    """Return how many parameters a module has."""
    return sum(int(each.numel()) for each in module.tensors().values())


def bytes_of(module: Module) -> int:
    """Return how many bytes a module holds."""
    return sum(int(each.numel() * each.element_size()) for each in module.tensors().values())


def matrix(module: Module) -> Tensor:
    """Return ``ΔW`` of a module that is linear in the layer's input alone; None for any other."""
    if isinstance(module, Lora):
        return module.b.float() @ module.a.float()
    if isinstance(module, Dense):
        return module.weight.float()
    return None


def cast(module: Module, dtype: Any) -> Module:
    """Return the module with its tensors in another precision; itself where they are in it."""
    tensors = module.tensors()
    if all(each.dtype == dtype for each in tensors.values()):
        return module
    return KINDS[module.kind](**{name: each.to(dtype) for name, each in tensors.items()})


__all__ = (
    "KINDS",
    "Bottleneck",
    "Dense",
    "FeedForward",
    "Ia3",
    "Ia3Inner",
    "Lora",
    "Module",
    "Tensor",
    "bytes_of",
    "cast",
    "make",
    "matrix",
    "size_of",
)
