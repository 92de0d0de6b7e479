r"""``ExpertZoo``: one frozen base, many adapters on it, chosen for each request or each token.

    zoo = ExpertZoo(Base.open("smollm2"))
    zoo.add("adapters/man_de")                      # ours, or a folder that peft saved
    zoo.score(["Die Katze schläft."], use="man_de")
    zoo.write("NAME\n  ls", use=Arrow(top_k=2))

Adapters are taken up, upgraded and dropped while requests are served: each request sees the zoo as
it stood when it came.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias, cast

from herd_graph.errors import DeclarationError, ExpertExists, ExpertNotRegistered, suggest
from herd_graph.extras import need
from herd_graph.zoo.adapters import Adapter
from herd_graph.zoo.base import Base
from herd_graph.zoo.examples import ExampleGate
from herd_graph.zoo.files import is_adapter, load, save
from herd_graph.zoo.gates import KeyGate, Pooled
from herd_graph.zoo.hosting import (
    ByRow,
    Chooser,
    Dispatch,
    Here,
    Together,
    dispatching,
    install,
)
from herd_graph.zoo.modules import Tensor

torch: Any = need("torch", "zoo")
Route: TypeAlias = "str | Mapping[str, float] | KeyGate | ExampleGate | Chooser | None"
"""Who computes: nobody (the base alone), an adapter, a mixture, or whom a gate chooses."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """A zoo as it stands at one moment. A request holds on to the one that it began with."""

    adapters: Mapping[str, Adapter]
    modules: Mapping[str, Here]
    """By layer, then by adapter."""

    @classmethod
    def of(cls, adapters: Mapping[str, Adapter]) -> Standing:
        """Arrange adapters by layer."""
        layers: dict[str, dict[str, Any]] = {}
        for name, adapter in adapters.items():
            for site, module in adapter.modules.items():
                layers.setdefault(site, {})[name] = module
        return cls(adapters=MappingProxyType(dict(adapters)), modules=layers)


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """How a text was predicted.

    ``logprobs[t]`` is the natural logarithm of the probability of token ``t + 1`` given those
    before it; ``mass`` has for each adapter its share of the computation at each such position.
    """

    ids: tuple[int, ...]
    logprobs: Any
    mass: Mapping[str, Any]

    @property
    def perplexity(self) -> float:
        """The exponential of the mean negative log-probability."""
        import math

        return math.exp(-float(self.logprobs.mean())) if len(self.logprobs) else float("nan")


class ExpertZoo:
    """A frozen base with adapters that come and go.

    Args:
        base: The model that all of them share.
        adapters: Those that are there from the start.

    Example::

        zoo = ExpertZoo(Base.open("smollm2"))
        zoo.add("./my-peft-adapter", name="legal")
        zoo.score(["The party of the first part"], use="legal")[0].perplexity
    """

    def __init__(self, base: Base, adapters: Sequence[Adapter] = ()) -> None:
        self.base = base
        self._lock = threading.Lock()
        self._standing = Standing.of({})
        for each in adapters:
            self.add(each)

    @classmethod
    def open(cls, folder: Path | str, base: Base) -> ExpertZoo:
        """Take up every adapter in a folder's sub-folders."""
        zoo = cls(base)
        for each in sorted(Path(folder).iterdir() if Path(folder).is_dir() else ()):
            if not each.name.startswith(".") and is_adapter(each):
                zoo.add(each)
        return zoo

    @property
    def standing(self) -> Standing:
        """The zoo at this moment; never changes."""
        return self._standing

    @property
    def names(self) -> tuple[str, ...]:
        """The adapters, in the order in which they came."""
        return tuple(self._standing.adapters)

    def __len__(self) -> int:
        return len(self._standing.adapters)

    def __contains__(self, name: object) -> bool:
        return name in self._standing.adapters

    def __iter__(self) -> Iterator[Adapter]:
        return iter(self._standing.adapters.values())

    def __getitem__(self, name: str) -> Adapter:
        return _find(self._standing, name)

    def add(
        self, given: Adapter | Path | str, *, name: str | None = None, replace: bool = False
    ) -> Adapter:
        """Take up an adapter; requests that are running do not see it.

        Args:
            given: An adapter, or the folder of one: ours, or peft's.
            name: Another name than its own.
            replace: Whether one of that name is upgraded.

        Raises:
            ExpertExists: One of that name is there, and ``replace`` was not passed.
            ModelCorrupt: It does not fit this base, is damaged or pickled. The zoo is as before.
            ModelMissing: The folder holds none.
        """
        adapter = given if isinstance(given, Adapter) else load(Path(given))
        adapter = adapter if name is None else dataclasses.replace(adapter, name=name)
        fitted = adapter.fit(self.base)
        with self._lock:
            held = dict(self._standing.adapters)
            before = held.get(fitted.name)
            if before is not None:
                if not replace:
                    raise ExpertExists(
                        f"Adapter {fitted.name!r} is in the zoo already (version {before.version}). "
                        "Expected a new name. Give another (name=, --name), or upgrade it (replace=True, --replace)."
                    )
                fitted = dataclasses.replace(
                    fitted, version=max(fitted.version, before.version + 1)
                )
            held[fitted.name] = fitted
            install(self.base, list(fitted.modules))
            self._standing = Standing.of(held)
        return fitted

    def drop(self, name: str) -> Adapter:
        """Take an adapter away. Requests that are running keep it until they are done.

        Raises:
            ExpertNotRegistered: There is none of that name.
        """
        with self._lock:
            found = _find(self._standing, name)
            held = {each: a for each, a in self._standing.adapters.items() if each != name}
            self._standing = Standing.of(held)
        return found

    def save(self, folder: Path | str) -> None:
        """Write every adapter to a sub-folder of its name."""
        for adapter in self:
            save(adapter, Path(folder) / adapter.name)

    def chooser(
        self,
        routes: Sequence[Route],
        standing: Standing,
        embeddings: Sequence[Any],
        lengths: Sequence[int] = (),
    ) -> Chooser:
        """Return what chooses for a batch in which each row has a route of its own.

        Args:
            routes: One for each row.
            standing: The zoo that names are looked up in.
            embeddings: The base's of each row, as its example gate looks at it; None for rows
                without one.
            lengths: Of the rows, for gates that look at whole texts.
        """
        fixed: dict[int, Mapping[str, float]] = {}
        gates: dict[int, tuple[Chooser, list[int]]] = {}
        for row, route in enumerate(routes):
            if route is None:
                fixed[row] = {}
            elif isinstance(route, str):
                fixed[row] = {_find(standing, route).name: 1.0}
            elif isinstance(route, Mapping):
                fixed[row] = {_find(standing, n).name: float(w) for n, w in route.items()}
            elif isinstance(route, ExampleGate):
                fixed[row] = route.weights([embeddings[row]], list(standing.adapters))[0]
            else:
                gates.setdefault(id(route), (route, []))[1].append(row)
        there = standing.adapters.values()
        for key, (route, rows) in list(gates.items()):
            if isinstance(route, KeyGate):
                gates[key] = (route.settled(there, self.base), rows)
            elif isinstance(route, Pooled):
                own = [lengths[row] for row in rows] if lengths else []
                gates[key] = (route.settled(there, self.base, own), rows)
        if not gates:
            return ByRow([fixed[row] for row in range(len(routes))])
        if len(gates) == 1 and not fixed:
            return next(iter(gates.values()))[0]
        parts: list[tuple[Sequence[int], Chooser]] = [(rows, gate) for gate, rows in gates.values()]
        if fixed:
            parts.append((list(fixed), ByRow(list(fixed.values()))))
        return Together(parts)

    def dispatch(
        self, rows: Sequence[Sequence[int]], use: Route | Sequence[Route], *, record: bool = False
    ) -> Dispatch:
        """Return what a forward pass over these rows has to do; see ``hosting.dispatching``."""
        standing = self._standing
        routes = _for_each(use, len(rows))
        embeddings: list[Any] = [None] * len(rows)
        for window in {each.window for each in routes if isinstance(each, ExampleGate)}:
            for row, made in enumerate(self.embed(rows, window=window)):
                route = routes[row]
                if isinstance(route, ExampleGate) and route.window == window:
                    embeddings[row] = made
        chooser = self.chooser(routes, standing, embeddings, list(map(len, rows)))
        return Dispatch(modules=standing.modules, chooser=chooser, record=record)

    def score(
        self,
        texts: Sequence[str] | Sequence[Sequence[int]],
        use: Route | Sequence[Route] = None,
        *,
        batch: int = 8,
        record: bool = False,
    ) -> list[Scored]:
        """Return how well each text is predicted.

        Args:
            texts: Texts or rows of token ids.
            use: Who computes; a list has one route for each text.
            batch: Texts in one pass.
            record: Whether to say which adapter took which token.

        Raises:
            ExpertNotRegistered: A route names an adapter that is not there (any more).
        """
        import numpy as np

        rows = self.rows(texts)
        routes = _for_each(use, len(rows))
        # One array for all, made before the first pass: small ones in between, which stay, would each
        # take a piece of the room that a pass has left, and the next would need new room.
        ends = np.cumsum([len(row) - 1 for row in rows])
        kept = np.split(np.empty(ends[-1] if rows else 0), ends[:-1])
        scored: list[Scored] = []
        for start in range(0, len(rows), batch):
            part = rows[start : start + batch]
            dispatch = self.dispatch(part, routes[start : start + batch], record=record)
            ids, mask = self.base.pad(part)
            with torch.inference_mode(), dispatching(dispatch):
                logits = self.base.model(input_ids=ids, attention_mask=mask).logits
            found = logprobs_of(logits, ids)
            masses = dispatch.masses(len(part)) if record else {}
            for index, row in enumerate(part):
                count = len(row) - 1
                own = kept[start + index]
                own[:] = found[index, :count].numpy()
                scored.append(
                    Scored(
                        ids=tuple(row),
                        logprobs=own,
                        mass={n: m[index, :count].numpy() for n, m in masses.items()},
                    )
                )
        return scored

    def embed(
        self,
        texts: Sequence[str] | Sequence[Sequence[int]],
        *,
        layer: int | None = None,
        batch: int = 8,
        window: int = 0,
    ) -> Any:
        """Return the base's mean-pooled hidden states, shape (texts, width), as numpy float32.

        Args:
            texts: Texts or rows of token ids.
            layer: After which layer; by default the one in the middle, which tells domains apart
                better than the last, whose work is the next token.
            batch: Texts in one pass.
            window: Pool so many tokens at a time, and return a list with an array of shape (parts,
                width) for each text; what is left at its end is a part if it is half as long.
        """
        import numpy as np

        rows = self.rows(texts)
        parts: list[Any] = []
        pooled = np.empty((len(rows), self.base.width), dtype=np.float32)
        for start in range(0, len(rows), batch):
            part = rows[start : start + batch]
            ids, mask = self.base.pad(part)
            hidden = self.hidden(ids, mask, layer=layer)
            if window:
                parts += [
                    _windows(states[: len(row)].numpy(), window)
                    for states, row in zip(hidden, part, strict=True)
                ]
                continue
            weight = mask[:, :, None].float()
            pooled[start : start + len(part)] = (hidden * weight).sum(1) / weight.sum(1)
        return parts if window else pooled

    def hidden(self, ids: Tensor, mask: Tensor, *, layer: int | None = None) -> Tensor:
        """Return the base's own hidden states, shape (rows, length, width), without adapters."""
        from herd_graph.zoo.hosting import untouched

        with torch.inference_mode(), untouched():
            states = self.base.model(
                input_ids=ids, attention_mask=mask, output_hidden_states=True
            ).hidden_states
        return states[len(states) // 2 if layer is None else layer].float()

    def rows(self, texts: Sequence[str] | Sequence[Sequence[int]]) -> list[list[int]]:
        """Return token ids of texts; rows of ids as they are.

        Raises:
            DeclarationError: A text without tokens.
        """
        words = [each for each in texts if isinstance(each, str)]
        rows = (
            self.base.encode(words)
            if len(words) == len(texts)
            else [list(cast("Sequence[int]", each)) for each in texts]
        )
        if any(not row for row in rows):
            raise DeclarationError(
                f"Text {next(i for i, row in enumerate(rows) if not row)} has no tokens. Expected at "
                "least one. Leave empty texts out."
            )
        return rows

    @property
    def memory(self) -> dict[str, int]:
        """Bytes of the base and of each adapter."""
        weights = self.base.model.parameters()
        own = sum(int(each.numel() * each.element_size()) for each in weights)
        return {"base": own, **{each.name: each.bytes for each in self}}

    def __repr__(self) -> str:
        return f"<ExpertZoo on {self.base.name!r}: {', '.join(self.names) or 'no adapters'}>"


def logprobs_of(logits: Tensor, ids: Tensor) -> Tensor:
    """Return the log-probability of each next token, shape (rows, length − 1)."""
    wide = logits[:, :-1].float()
    picked = wide.gather(2, ids[:, 1:, None])[:, :, 0]
    return picked - wide.logsumexp(dim=2)


def _windows(states: Any, window: int) -> Any:
    """Return the means of windows of a text's states, shape (parts, width), float32."""
    import numpy as np

    ends = [*range(window, len(states) + 1, window)]
    if not ends or 2 * (len(states) - ends[-1]) >= window:
        ends.append(len(states))
    cut = np.split(states, ends[:-1])
    cut[-1] = cut[-1][: ends[-1] - (ends[-2] if len(ends) > 1 else 0)]
    return np.stack([each.mean(axis=0) for each in cut]).astype(np.float32)


def _for_each(use: Route | Sequence[Route], count: int) -> list[Route]:
    if isinstance(use, Sequence) and not isinstance(use, str):
        routes = list(use)
        if len(routes) != count:
            raise DeclarationError(
                f"{len(routes)} routes were given for {count} texts. Expected one for each, or one "
                "for all. Pass a list of the same length."
            )
        return routes
    return [use] * count


def _find(standing: Standing, name: str) -> Adapter:
    found = standing.adapters.get(name)
    if found is None:
        raise ExpertNotRegistered(
            f"Adapter {name!r} is not in the zoo. "
            f"{suggest(name, standing.adapters, what='It holds')} It may have been dropped meanwhile."
        )
    return found


__all__ = ("ExpertZoo", "Route", "Scored", "Standing", "logprobs_of")
