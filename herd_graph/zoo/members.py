"""Language models of any kind behind one seam: what an ensemble, or a deferral, asks of them.

A member gives the probabilities of the next token, and goes on with whichever token came. Members
of one ensemble share a vocabulary and nothing else: an n-gram, a recurrent net and a transformer
with an adapter mix as well as three of a kind.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from herd_graph.errors import DeclarationError
from herd_graph.extras import need
from herd_graph.zoo.hosting import Dispatch, dispatching
from herd_graph.zoo.posterior import Vector
from herd_graph.zoo.zoo import ExpertZoo, Route

Rows = Sequence[Sequence[int]]


class Session(Protocol):
    """One text, as a member reads and continues it."""

    def logprobs(self) -> Vector:
        """Return the log-probability of every token as the next one, shape (vocabulary,)."""
        ...

    def feed(self, tokens: Sequence[int]) -> None:
        """Go on with these tokens."""
        ...


class Member(Protocol):
    """A language model."""

    name: str

    @property
    def size(self) -> int:
        """How many tokens its vocabulary has."""
        ...

    def begin(self, ids: Sequence[int]) -> Session:
        """Start with a text of at least one token."""
        ...

    def score(self, ids: Sequence[int]) -> Vector:
        """Return the log-probability of each token but the first, shape (length − 1,)."""
        ...


@dataclass(kw_only=True, eq=False)
class CausalMember:
    """A base with whatever route through its zoo: an adapter, a mixture, a gate, or alone."""

    zoo: ExpertZoo
    use: Route = None
    name: str = "base"

    @property
    def size(self) -> int:
        """The width of its output layer."""
        return int(self.zoo.base.model.config.vocab_size)

    def begin(self, ids: Sequence[int]) -> CausalSession:
        """Read the text in one pass, and keep what the next token needs (the key-value cache)."""
        return CausalSession(self.zoo, ids, self.use)

    def score(self, ids: Sequence[int]) -> Vector:
        """Score in one pass."""
        return self.zoo.score([list(ids)], use=self.use)[0].logprobs


class CausalSession:
    """A text in a transformer, with its key-value cache.

    The route is settled at the beginning: an adapter that is dropped meanwhile stays to its end.

    Args:
        zoo: Base and adapters.
        ids: The text so far, at least one token.
        use: Who computes.
        record: Whether to say which adapter took which token.
    """

    def __init__(
        self, zoo: ExpertZoo, ids: Sequence[int], use: Route = None, *, record: bool = False
    ) -> None:
        self._zoo = zoo
        self._settled = zoo.dispatch([list(ids)], use)
        self._record = record
        self._cache: Any = None
        self._logits: Any = None
        self.hidden: Any = None
        """The last hidden state of the last token, shape (width,)."""
        self.masses: list[dict[str, float]] = []
        """For each token that was fed, the mass of each adapter; empty unless ``record``."""
        self.feed(ids)

    def feed(self, tokens: Sequence[int]) -> None:
        """Run the base over these tokens, with the adapters that were settled on."""
        torch: Any = need("torch", "zoo")
        if not tokens:
            return
        dispatch = Dispatch(
            modules=self._settled.modules, chooser=self._settled.chooser, record=self._record
        )
        ids = torch.tensor([list(map(int, tokens))])
        with torch.inference_mode(), dispatching(dispatch):
            made = self._zoo.base.model(
                input_ids=ids,
                past_key_values=self._cache,
                use_cache=True,
                output_hidden_states=True,
            )
        self._cache = made.past_key_values
        self._logits = made.logits[0, -1].float()
        self.hidden = made.hidden_states[-1][0, -1].float()
        if self._record:
            found = dispatch.masses(1)
            self.masses += [
                {name: round(float(mass[0, at]), 4) for name, mass in found.items()}
                for at in range(len(tokens))
            ]

    def logprobs(self) -> Vector:
        """Return the next token's log-probabilities."""
        return self._logits.log_softmax(0).double().numpy()


@dataclass(kw_only=True, eq=False)
class NgramMember:
    """Interpolated Kneser-Ney (Chen & Goodman 1998, equation 24), with one discount.

    It costs nothing to train, adapts at once, and is at its best where text repeats itself.

    Args:
        size: Of the vocabulary.
        order: The longest n-gram.
        discount: Taken from each count and given to shorter contexts.
        name: What it is called.
    """

    size: int
    order: int = 4
    discount: float = 0.75
    name: str = "ngram"
    _counts: list[dict[tuple[int, ...], Counter[int]]] = field(init=False)
    _lowest: Vector = field(init=False)

    def __post_init__(self) -> None:
        self._counts = [defaultdict(Counter[int]) for _ in range(self.order)]
        self._lowest = np.full(self.size, 1 / self.size)

    def fit(self, rows: Rows) -> NgramMember:
        """Count. The longest n-grams by occurrence, shorter ones by how many contexts precede."""
        for row in rows:
            for end in range(len(row)):
                for length in range(min(end, self.order - 1) + 1):
                    context = tuple(row[end - length : end])
                    longest = length == min(end, self.order - 1)
                    counts = self._counts[length][context]
                    longer = tuple(row[max(0, end - length - 1) : end])
                    if longest or self._counts[length + 1][longer][row[end]] == 0:
                        counts[row[end]] += 1
        unigrams = self._counts[0].get((), Counter[int]())
        lowest = np.full(self.size, 1e-3)
        for token, count in unigrams.items():
            lowest[token] += count
        self._lowest = lowest / lowest.sum()
        return self

    def probabilities(self, context: Sequence[int]) -> Vector:
        """Return the probability of every token after a context, shape (vocabulary,)."""
        found = self._lowest
        for length in range(1, min(len(context), self.order - 1) + 1):
            counts = self._counts[length].get(tuple(context[len(context) - length :]))
            if not counts:
                break
            whole = sum(counts.values())
            made = found * (self.discount * len(counts) / whole)
            for token, count in counts.items():
                made[token] += max(count - self.discount, 0) / whole
            found = made / made.sum()
        return found

    def begin(self, ids: Sequence[int]) -> NgramSession:
        """Start with a text."""
        return NgramSession(self, ids)

    def score(self, ids: Sequence[int]) -> Vector:
        """Score token by token."""
        keep = self.order - 1
        return np.array(
            [
                np.log(self.probabilities(ids[max(0, at - keep) : at])[ids[at]])
                for at in range(1, len(ids))
            ]
        )


class NgramSession:
    """A text in an n-gram model: its last few tokens."""

    def __init__(self, model: NgramMember, ids: Sequence[int]) -> None:
        self._model = model
        self._last = list(ids)

    def logprobs(self) -> Vector:
        """Return the next token's log-probabilities."""
        return np.log(self._model.probabilities(self._last))

    def feed(self, tokens: Sequence[int]) -> None:
        """Go on."""
        self._last = [*self._last, *map(int, tokens)][-self._model.order :]


class GruMember:
    """A small recurrent net (Cho et al., arXiv 1406.1078): another kind of mind in the ensemble.

    Args:
        size: Of the vocabulary.
        width: Of embeddings and state; output and embedding share their weights.
        seed: Of the start.
        name: What it is called.
    """

    def __init__(self, size: int, *, width: int = 64, seed: int = 0, name: str = "gru") -> None:
        torch: Any = need("torch", "zoo")
        self.name = name
        self._size = size
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self._embedding = torch.nn.Embedding(size, width)
            torch.nn.init.normal_(self._embedding.weight, std=width**-0.5)
            self._net = torch.nn.GRU(width, width, batch_first=True)

    @property
    def size(self) -> int:
        """How many tokens its vocabulary has."""
        return self._size

    def fit(
        self, rows: Rows, *, steps: int = 200, batch: int = 16, rate: float = 1e-2, seed: int = 0
    ) -> GruMember:
        """Train on rows of token ids."""
        from herd_graph.zoo.training import batch_at

        torch: Any = need("torch", "zoo")
        weights = [*self._embedding.parameters(), *self._net.parameters()]
        optimiser = torch.optim.AdamW(weights, lr=rate, weight_decay=0.0)
        for step in range(steps):
            chosen = batch_at(rows, batch, step, seed)
            length = min(map(len, chosen))
            ids = torch.tensor([list(row[:length]) for row in chosen])
            logits = self._logits(self._net(self._embedding(ids[:, :-1]))[0])
            loss = torch.nn.functional.cross_entropy(
                logits.reshape(-1, self._size), ids[:, 1:].reshape(-1)
            )
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimiser.step()
        return self

    def _logits(self, states: Any) -> Any:
        return states @ self._embedding.weight.T

    def begin(self, ids: Sequence[int]) -> GruSession:
        """Start with a text."""
        return GruSession(self, ids)

    def score(self, ids: Sequence[int]) -> Vector:
        """Score in one pass."""
        torch: Any = need("torch", "zoo")
        row = torch.tensor([list(ids)])
        with torch.inference_mode():
            logits = self._logits(self._net(self._embedding(row[:, :-1]))[0])[0].float()
        return logits.log_softmax(1).gather(1, row[0, 1:, None])[:, 0].double().numpy()


class GruSession:
    """A text in a recurrent net: its state."""

    def __init__(self, model: GruMember, ids: Sequence[int]) -> None:
        self._model = model
        self._state: Any = None
        self._logits: Any = None
        self.feed(ids)

    def feed(self, tokens: Sequence[int]) -> None:
        """Go on."""
        torch: Any = need("torch", "zoo")
        if not tokens:
            return
        with torch.inference_mode():
            made, self._state = self._model._net(
                self._model._embedding(torch.tensor([list(map(int, tokens))])), self._state
            )
            self._logits = self._model._logits(made)[0, -1].float()

    def logprobs(self) -> Vector:
        """Return the next token's log-probabilities."""
        return self._logits.log_softmax(0).double().numpy()


def check_members(members: Sequence[Member]) -> None:
    """Check that members share a vocabulary.

    Raises:
        DeclarationError: There are none, their vocabularies differ, or two have one name.
    """
    sizes: Mapping[str, int] = {each.name: each.size for each in members}
    vocabularies = {
        each.zoo.base.vocabulary for each in members if isinstance(each, CausalMember)
    } - {""}
    if not members or len(set(sizes.values())) > 1 or len(vocabularies) > 1:
        raise DeclarationError(
            f"These models cannot be mixed: vocabularies of {sizes} tokens"
            f"{', from different tokenizers' if len(vocabularies) > 1 else ''}. Expected at least "
            "one model, and one tokenizer for all: probabilities are added token by token. Train "
            "or choose members with the same tokenizer."
        )
    if len(sizes) != len(members):
        raise DeclarationError(
            f"{len(members)} members have {len(sizes)} names between them. Expected a name for each. "
            "Rename one."
        )


__all__ = (
    "CausalMember",
    "CausalSession",
    "GruMember",
    "GruSession",
    "Member",
    "NgramMember",
    "NgramSession",
    "Session",
    "check_members",
)
