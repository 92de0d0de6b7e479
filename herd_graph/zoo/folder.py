"""A zoo on disk: which base, which adapters, and what is needed to route among them.

zoo.json            the base that everything stands on
man_de/             an adapter: manifest and safetensors
.training/man_de/   progress of a training that was broken off
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from herd_graph.config import home
from herd_graph.errors import (
    ConfigError,
    ExpertNotRegistered,
    HerdError,
    RoutingError,
    suggest,
)
from herd_graph.extras import need
from herd_graph.zoo.adapters import Adapter
from herd_graph.zoo.base import SMOLLM2, Base
from herd_graph.zoo.examples import Whitening, example_gate
from herd_graph.zoo.files import is_adapter, load, save
from herd_graph.zoo.gates import GATES
from herd_graph.zoo.training import Recipe, Told, mean_activation, train, train_gate
from herd_graph.zoo.zoo import ExpertZoo, Route

_SETTINGS = "zoo.json"
_NAME = re.compile(r"\w[\w .+-]{0,99}")
TEXTS = "texts"
"""Under this key an adapter keeps embeddings of its own texts, for example gates."""
_MOST_TEXTS = 200
FEWEST_ROWS = 16
"""Of general text, for whitening."""
EXAMPLE_GATES = ("rnd", "cluster", "retrieval")
ROUTES = (*GATES, *EXAMPLE_GATES)
"""The gates that can be named."""
TAKEN = ("base", "posterior", *ROUTES)
"""What no adapter may be called, for routes are told by their names."""


def default_folder() -> Path:
    """Return ``HERD_HOME/zoo``."""
    return home() / "zoo"


@dataclass(kw_only=True)
class ZooFolder:
    """A zoo on disk.

    Args:
        path: The folder; made when something is written to it.
    """

    path: Path

    @property
    def base(self) -> str:
        """The base that the zoo was begun on; empty for a new one."""
        place = self.path / _SETTINGS
        if not place.is_file():
            return ""
        try:
            return str(
                cast("dict[str, Any]", json.loads(place.read_text(encoding="utf-8")))["base"]
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"{str(place)!r} cannot be read: {error}. Expected a JSON object with 'base'. Write "
                "it again, or name another folder."
            ) from error

    @property
    def names(self) -> list[str]:
        """The adapters that are there, sorted."""
        if not self.path.is_dir():
            return []
        found = (each for each in self.path.iterdir() if not each.name.startswith("."))
        return sorted(each.name for each in found if each.is_dir() and is_adapter(each))

    def open_base(self, reference: str = "") -> Base:
        """Load the base: the one named, which must be the zoo's own, else the zoo's, else SmolLM2.

        Raises:
            ConfigError: The zoo stands on another base.
        """
        own = self.base
        if own and reference and own not in (reference, _named(reference)):
            raise ConfigError(
                f"The zoo {str(self.path)!r} stands on base {own!r}, and {reference!r} was asked "
                "for. Expected one base for all adapters. Leave --base out, or use another --zoo."
            )
        return Base.open(own or reference or SMOLLM2)

    def note_base(self, base: Base) -> None:
        """Keep which base the zoo stands on."""
        self.path.mkdir(parents=True, exist_ok=True)
        if not self.base:
            settings = json.dumps({"base": _named(base.name)})
            (self.path / _SETTINGS).write_text(settings, encoding="utf-8")

    def read(self, name: str) -> Adapter:
        """Return an adapter. Raises ``ExpertNotRegistered``."""
        return load(self._find(name), name=name)

    def _find(self, name: str) -> Path:
        if name not in self.names:
            raise ExpertNotRegistered(
                f"Adapter {name!r} is not in the zoo {str(self.path)!r}. "
                f"{suggest(name, self.names, what='It holds')}"
            )
        return self.path / name

    def write(self, adapter: Adapter) -> Path:
        """Write an adapter, whole or not at all. Raises ``ConfigError`` for a name that is a path."""
        return save(adapter, self.path / _folder_name(adapter.name))

    def drop(self, name: str) -> None:
        """Remove an adapter, damaged or not. Raises ``ExpertNotRegistered``."""
        folder = self._find(name)
        # Out of sight in one move: half an adapter would be damage to whoever lists the zoo.
        gone = Path(tempfile.mkdtemp(prefix=".dropped-", dir=self.path))
        folder.replace(gone / "adapter")
        shutil.rmtree(gone, ignore_errors=True)

    def open(
        self, base: Base, *, refused: Callable[[str, HerdError], None] | None = None
    ) -> ExpertZoo:
        """Return the zoo with every adapter that is there.

        Args:
            base: The base.
            refused: Told of each adapter that is damaged or does not fit, and why; the others
                serve. Without it the first one is an error.
        """
        zoo = ExpertZoo(base)
        for name in self.names:
            try:
                zoo.add(self.read(name))
            except HerdError as error:
                if refused is None:
                    raise
                refused(name, error)
        return zoo

    def learn(
        self,
        base: Base,
        name: str,
        texts: Sequence[str],
        recipe: Recipe,
        *,
        gate_steps: int = 15,
        length: int = 128,
        description: str = "",
        told: Told | None = None,
    ) -> Adapter:
        """Train an adapter and everything that routes to it, and write it.

        A training that was broken off goes on where it was. ``gate_steps=0`` trains no PHATGOOSE
        gate; average activations and embeddings of its texts are always kept.
        """
        progress = self.path / ".training" / _folder_name(name)
        rows = chunks(base, texts, length)
        adapter = train(
            base, rows, name, recipe, folder=progress, told=told, description=description
        )
        adapter = with_gates(base, adapter, rows, gate_steps=gate_steps, batch=recipe.batch)
        if name in self.names:
            adapter = replace(adapter, version=self.read(name).version + 1)
        self.note_base(base)
        self.write(adapter)
        shutil.rmtree(progress, ignore_errors=True)
        return adapter


def _named(reference: str) -> str:
    """Return what a base is kept as: a path means the same from wherever it is read."""
    return reference if reference == SMOLLM2 else str(Path(reference).resolve())


def _folder_name(name: str) -> str:
    """Return a name that may be a folder of the zoo: it may come from somebody's manifest."""
    if name in TAKEN:
        raise ConfigError(
            f"An adapter cannot be called {name!r}: that is a route of every zoo. Expected a name that "
            f"is none of {', '.join(map(repr, TAKEN))}. Give another --name."
        )
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"An adapter cannot be called {name!r:.80} in a zoo. Expected letters, digits, spaces and "
            "_ - + . after the first, at most 100: it is the name of a folder. Give another --name."
        )
    return name


def chunks(base: Base, texts: Iterable[str], length: int) -> list[list[int]]:
    """Return rows of at most ``length`` tokens; what is left over is kept if it has 8 or more."""
    rows: list[list[int]] = []
    for ids in base.encode(list(texts)):
        cut = [ids[at : at + length] for at in range(0, len(ids), length)]
        rows += [row for row in cut if len(row) >= min(8, length)]
    return rows


def with_gates(
    base: Base,
    adapter: Adapter,
    rows: Sequence[Sequence[int]],
    *,
    gate_steps: int = 15,
    batch: int = 4,
    told: Told | None = None,
) -> Adapter:
    """Give an adapter what every local gate needs to know of it, from rows that it is good at.

    Args:
        base: The base.
        adapter: Trained here, or by anybody else.
        rows: Token ids; the adapter's own training data, or what is like it.
        gate_steps: Of training a PHATGOOSE gate; 0 for none.
        batch: Rows in each of them.
        told: Told every one of them.

    Raises:
        DeclarationError: There are no rows, or some are too short.
    """
    if gate_steps:
        adapter = train_gate(base, adapter, rows, steps=gate_steps, batch=batch, told=told)
    return keep_texts(base, mean_activation(base, adapter, rows[:64]), rows)


def keep_texts(base: Base, adapter: Adapter, rows: Sequence[Sequence[int]]) -> Adapter:
    """Note embeddings of an adapter's texts, spread over all of them."""
    torch: Any = need("torch", "zoo")
    step = max(1, len(rows) // _MOST_TEXTS)
    vectors = ExpertZoo(base).embed([list(row) for row in rows[::step][:_MOST_TEXTS]])
    return replace(adapter, keys={**adapter.keys, TEXTS: {"vectors": torch.from_numpy(vectors)}})


def whitened_by(base: Base, texts: Sequence[str], *, length: int = 128) -> Whitening:
    """Learn from general text what all embeddings have in common, so that gates leave it out.

    The text is nobody's in particular: it must not be one adapter's, and stays the same as adapters
    come and go.

    Raises:
        RoutingError: There are fewer than ``FEWEST_ROWS`` rows: a spread cannot be told.
    """
    rows = chunks(base, texts, length)
    if len(rows) < FEWEST_ROWS:
        raise RoutingError(
            f"General text of {len(rows)} rows of {length} tokens was given to whiten by. Expected at "
            f"least {FEWEST_ROWS}, of many kinds. Give more of it, or leave whitening out."
        )
    parts = np.concatenate(ExpertZoo(base).embed(rows, window=16))
    if len(parts) > 2 * base.width:
        return Whitening.fit(parts, shrink=0.1)
    return Whitening.fit(parts)  # too little to tell what channels have in common


def route_named(
    zoo: ExpertZoo,
    name: str,
    *,
    top_k: int = 2,
    abstain_below: float = 0.0,
    whitening: Whitening | None = None,
) -> Route:
    """Return a route by name: ``base``, an adapter, or one of ``ROUTES``.

    Args:
        zoo: Whose adapters it chooses from.
        name: Of the route.
        top_k: How many adapters a token may go through.
        abstain_below: Of example gates: see ``ExampleGate``.
        whitening: Of example gates: see ``whitened_by``.

    Raises:
        RoutingError: No such gate, or no adapter has what it needs.
    """
    if name == "base":
        return None
    if name in zoo:
        return name
    if name in GATES:
        return GATES[name](top_k=top_k)
    if name in EXAMPLE_GATES:
        gate = example_gate(name, zoo.base.width, whitening=whitening, abstain_below=abstain_below)
        for adapter in zoo:
            vectors = adapter.keys.get(TEXTS, {}).get("vectors")
            if vectors is not None and len(vectors) > 1:
                gate.fit(adapter.name, vectors.numpy())
        if not gate.known:
            raise RoutingError(
                f"No adapter here keeps texts of its own, which {name!r} routes by. Expected adapters "
                "made by 'herd zoo train', or added with --texts FILE. Choose arrow or spectral, which "
                "need weights alone."
            )
        return gate
    known = ("base", *zoo.names, *ROUTES)
    raise RoutingError(
        f"There is no route named {name!r}. {suggest(name, known, what='There are')}"
    )


__all__ = (
    "EXAMPLE_GATES",
    "ROUTES",
    "ZooFolder",
    "chunks",
    "default_folder",
    "route_named",
    "whitened_by",
    "with_gates",
)
