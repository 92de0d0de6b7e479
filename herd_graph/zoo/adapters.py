"""An adapter: named modules on the layers of one base, with what routers know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from herd_graph.errors import DeclarationError, ModelCorrupt
from herd_graph.types import JSONObject
from herd_graph.zoo.base import Base
from herd_graph.zoo.modules import Module, Tensor, bytes_of, cast, size_of


@dataclass(frozen=True, kw_only=True, eq=False)
class Adapter:
    """An expert inside a model. It never changes: an upgrade is another adapter of that name.

    Args:
        name: What it is called in a zoo.
        modules: A module for each layer, by the layer's dotted name.
        version: Raised by each upgrade.
        description: What it is good at.
        base: The fingerprint of the base that it was trained on; empty where nobody knows.
        vocabulary: The hash of the tokenizer's vocabulary; empty where nobody knows.
        keys: What local gates know of it: ``keys["phatgoose"][site]``.
        facts: Anything else worth keeping: data, steps, perplexities.
    """

    name: str
    modules: Mapping[str, Module]
    version: int = 1
    description: str = ""
    base: str = ""
    vocabulary: str = ""
    keys: Mapping[str, Mapping[str, Tensor]] = field(
        default_factory=lambda: MappingProxyType(dict[str, Mapping[str, Tensor]]())
    )
    facts: JSONObject = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        if not self.modules:
            raise DeclarationError(
                f"Adapter {self.name!r} has no modules. Expected at least one layer with one. Name "
                "target layers that the base has."
            )

    @property
    def parameters(self) -> int:
        """How many it adds to the base."""
        return sum(size_of(each) for each in self.modules.values())

    @property
    def bytes(self) -> int:
        """What it holds in memory."""
        return sum(bytes_of(each) for each in self.modules.values())

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its modules."""
        return tuple(sorted({each.kind for each in self.modules.values()}))

    def fit(self, base: Base) -> Adapter:
        """Return it in the base's precision, once it is known to fit.

        Raises:
            ModelCorrupt: It was trained on another base or tokenizer, or a layer is not there or
                has other widths.
        """
        if self.base and self.base != base.fingerprint:
            raise ModelCorrupt(
                f"Adapter {self.name!r} was trained on a base with fingerprint {self.base!r}; this "
                f"zoo's base {base.name!r} has {base.fingerprint!r}. Expected the same base. Open "
                "the zoo on the base that it was made for, or train it again on this one."
            )
        if self.vocabulary and base.vocabulary and self.vocabulary != base.vocabulary:
            raise ModelCorrupt(
                f"Adapter {self.name!r} was trained with another tokenizer (vocabulary "
                f"{self.vocabulary!r}, here {base.vocabulary!r}). Expected the same token ids. Use "
                "the tokenizer that it was trained with."
            )
        for site, module in self.modules.items():
            if base.layer(site) is None:
                raise ModelCorrupt(
                    f"Adapter {self.name!r} has a module for layer {site!r}, which base "
                    f"{base.name!r} does not have. Expected names such as "
                    f"{next(iter(base.sites('q_proj', 'c_attn', 'query_key_value')), '?')!r}. It is "
                    "for another architecture: open the base that it was trained on (--base)."
                )
            have = base.widths(site)
            want = module.widths()
            if any(
                w is not None and h is not None and w != h for h, w in zip(have, want, strict=True)
            ):
                raise ModelCorrupt(
                    f"Adapter {self.name!r}: its {module.kind} module for {site!r} is made for "
                    f"(in, out) = {want}; the layer has {have}. Expected equal widths. It is for "
                    "another size of this architecture: open the base that it was trained on "
                    "(--base)."
                )
        return replace(self, modules={s: cast(m, base.dtype) for s, m in self.modules.items()})


__all__ = ("Adapter",)
