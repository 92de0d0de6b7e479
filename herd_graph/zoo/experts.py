"""Zoos as experts of a herd: one node outside, routing by token and layer within.

    herd.add(AdapterZooExpert(zoo, "local_writer", route=Phatgoose(top_k=2)))
    herd.add(PosteriorEnsembleExpert([small, ngram], "ensemble", decode=tokenizer))

Each streams its text, and gives as a second output who had a part in which token.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

from herd_graph.artifacts import Data, Text
from herd_graph.cards import ExpertCard, Port
from herd_graph.contexts import ExpertContext
from herd_graph.errors import DeclarationError, ExpertFailed, PortViolation
from herd_graph.experts import Expert, Inputs, Outputs
from herd_graph.threads import in_thread
from herd_graph.types import Kind
from herd_graph.zoo.base import Base
from herd_graph.zoo.deferral import DeferralHead
from herd_graph.zoo.evidence import Evidence
from herd_graph.zoo.examples import ExampleGate
from herd_graph.zoo.members import CausalMember, Member, check_members
from herd_graph.zoo.posterior import DECAY, Posterior, Vector
from herd_graph.zoo.writing import Decoding, Written, write, write_deferring, write_together
from herd_graph.zoo.zoo import ExpertZoo, Route

_ANSWER = Port(name="answer", kind=Kind.TEXT, description="What was written.")
_ROUTING = Port(
    name="routing",
    kind=Kind.DATA,
    description="Who had a part in which token.",
    json_schema={"type": "object", "title": "TokenRouting"},
)
_PROMPT = Port(name="prompt", kind=Kind.TEXT, description="The text to go on with.")


class Codec(Protocol):
    """Turns text into token ids and back; a ``Base`` is one."""

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of texts."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of token ids."""
        ...


class WritingExpert(Expert):
    """An expert that continues a prompt and says who wrote what; the parent of those below."""

    def __init__(self, card: ExpertCard, codec: Codec, how: Decoding, route: str) -> None:
        super().__init__(card)
        self._codec = codec
        self._how = how
        self._route = route

    def tokens(self, ids: Sequence[int], inputs: Inputs) -> Iterator[Written]:
        """Yield the tokens of the answer."""
        raise NotImplementedError

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Write, streaming; a call that is cancelled stops at the next token.

        Raises:
            PortViolation: The prompt has no tokens.
            ExpertFailed: Nothing was written.
        """
        stopped = threading.Event()
        try:
            return await in_thread(
                lambda: self._answer(inputs, context, stopped), label=self.card.id
            )
        except asyncio.CancelledError:
            stopped.set()  # the thread cannot be killed, but asks before each token
            raise

    def _answer(self, inputs: Inputs, context: ExpertContext, stopped: threading.Event) -> Outputs:
        ids = self._codec.encode([str(inputs["prompt"])])[0]
        if not ids:
            raise PortViolation(
                f"The prompt of {self.card.id!r} has no tokens. Expected text. Give it some."
            )
        written: list[Written] = []
        told = ""
        for each in self.tokens(ids, inputs):
            if stopped.is_set():
                break
            written.append(each)
            text = self._codec.decode([w.token for w in written])
            if not text.endswith("�"):  # half of a character that takes several tokens
                context.token(text[len(told) :])
                told = text
        if not written:
            raise ExpertFailed(
                f"{self.card.id!r} ended its text before it began. Expected at least one token. "
                "Give it another prompt, or more temperature."
            )
        evidence = Evidence(
            tokens=[self._codec.decode([w.token]) for w in written],
            parts=[w.parts for w in written],
            route=self._route,
        )
        context.spend(
            0.0, tokens=len(written), prompt_tokens=len(ids), routing=dict(evidence.shares)
        )
        answer = self._codec.decode([w.token for w in written])
        return {"answer": Text(answer), "routing": Data(evidence.public())}


class AdapterZooExpert(WritingExpert):
    """A zoo of adapters as one expert: a local model with as many skills as it has adapters.

    Args:
        zoo: The zoo; adapters may come and go while it serves.
        name: The expert's.
        route: Who computes: an adapter, a mixture, a gate; None for the base alone.
        description: What it is for; by default what the adapters say.
        how: How tokens are chosen.
        tags: For discovery.
        examples: Requests that it is right for.
    """

    def __init__(
        self,
        zoo: ExpertZoo,
        name: str = "adapter_zoo",
        *,
        route: Route = None,
        description: str = "",
        how: Decoding | None = None,
        tags: Sequence[str] = ("local", "text generation"),
        examples: Sequence[str] = (),
    ) -> None:
        self.zoo = zoo
        self.route: Route = route
        known = "; ".join(f"{each.name}: {each.description or 'no description'}" for each in zoo)
        card = ExpertCard(
            name=name,
            description=description
            or f"Continues a text with a local model and its adapters. {known}",
            tags=tuple(tags),
            examples=tuple(examples),
            inputs=(
                _PROMPT,
                Port(
                    name="adapter",
                    kind=Kind.TEXT,
                    required=False,
                    description="An adapter that writes alone, by name.",
                ),
            ),
            outputs=(_ANSWER, _ROUTING),
            memory_bytes=sum(zoo.memory.values()),
            concurrency=1,
            streams=True,
            notes=f"Frozen base {zoo.base.name}; adapters may change while it serves.",
        )
        told = route if isinstance(route, str) else getattr(route, "name", "") or "base"
        super().__init__(card, zoo.base, how or Decoding(stops=zoo.base.stops), str(told))

    def tokens(self, ids: Sequence[int], inputs: Inputs) -> Iterator[Written]:
        """Write through the zoo."""
        asked = str(inputs["adapter"]).strip() if "adapter" in inputs else ""
        return write(self.zoo, ids, asked or self.route, self._how)


class PosteriorEnsembleExpert(WritingExpert):
    """Models of any size and kind over one tokenizer, mixed by the posterior (BTM).

    Args:
        members: The models. Have the base, or the seed that they came from, among them: it is what
            keeps the ensemble from being worse than it on text that no member knows.
        name: The expert's.
        codec: The tokenizer of all.
        prior: p(D=j); uniform by default. Estimate it with ``posterior.ema_prior``.
        gate: Says for each prompt where the posterior starts, instead of ``prior``: the first member
            is then the base, and the others are adapters that the gate has learnt, by their names.
        decay: What older evidence counts; 1 is Bayes' rule.
        share: Mass that returns to the prior after each token.
        top_k: Keep the heaviest members alone.
        description: What it is for.
        how: How tokens are chosen.
    """

    def __init__(
        self,
        members: Sequence[Member],
        name: str = "posterior_ensemble",
        *,
        codec: Codec | None = None,
        prior: Vector | None = None,
        gate: ExampleGate | None = None,
        decay: float = DECAY,
        share: float = 0.0,
        top_k: int = 0,
        description: str = "",
        how: Decoding | None = None,
    ) -> None:
        check_members(members)
        self.members = tuple(members)
        self._settings = {
            "prior": [1.0] * len(members) if prior is None else list(map(float, prior)),
            "decay": decay,
            "share": share,
            "top_k": top_k,
        }
        self._posterior()  # what cannot be is told now and not at the first call
        self._gate = gate
        if gate is not None:
            strange = [each.name for each in members[1:] if each.name not in gate.known]
            first = members[0]
            if strange or not (isinstance(first, CausalMember) and first.use is None):
                raise DeclarationError(
                    f"A gate cannot say where {[each.name for each in members]!r} start: it has not "
                    f"learnt {strange!r}. Expected the base, CausalMember(zoo=zoo), and then adapters "
                    "that the gate was fitted to. Put the base first, and gate.fit(name, …) the rest."
                )
        names = ", ".join(each.name for each in members)
        card = ExpertCard(
            name=name,
            description=description
            or f"Continues a text with {len(members)} language models, each token by those that "
            f"predict the text best: {names}.",
            tags=("local", "text generation", "ensemble"),
            inputs=(_PROMPT,),
            outputs=(_ANSWER, _ROUTING),
            concurrency=1,
            streams=True,
        )
        super().__init__(card, codec or _codec_of(members), how or Decoding(), "posterior")

    def _posterior(self) -> Posterior:
        settings: dict[str, Any] = self._settings
        return Posterior(**settings)

    def tokens(self, ids: Sequence[int], inputs: Inputs) -> Iterator[Written]:
        """Write with all members."""
        del inputs
        state = self._posterior()
        base = self.members[0]
        if self._gate is not None and isinstance(base, CausalMember):
            vectors = base.zoo.embed([list(ids)], window=self._gate.window)
            names = [each.name for each in self.members[1:]]
            state = replace(state, prior=self._gate.prior(vectors, names)[0])
        return write_together(self.members, ids, state, self._how)


class DeferralExpert(WritingExpert):
    """A small model that asks a large one for single tokens (Co-LLM).

    Args:
        small: Writes, unless the head says otherwise.
        large: Is asked for single tokens.
        head: Trained by ``deferral.fit_head``.
        name: The expert's.
        description: What it is for.
        how: How tokens are chosen.
    """

    def __init__(
        self,
        small: CausalMember,
        large: Member,
        head: DeferralHead,
        name: str = "deferral",
        *,
        description: str = "",
        how: Decoding | None = None,
    ) -> None:
        check_members([small, large])
        self.small, self.large, self.head = small, large, head
        card = ExpertCard(
            name=name,
            description=description
            or f"Continues a text with {small.name}, which asks {large.name} for hard tokens.",
            tags=("local", "text generation"),
            inputs=(_PROMPT,),
            outputs=(_ANSWER, _ROUTING),
            concurrency=1,
            streams=True,
        )
        base: Base = small.zoo.base
        super().__init__(card, base, how or Decoding(stops=base.stops), "deferral")

    def tokens(self, ids: Sequence[int], inputs: Inputs) -> Iterator[Written]:
        """Write with deferral."""
        del inputs
        return write_deferring(self.small, self.large, self.head, ids, self._how)


def _codec_of(members: Sequence[Member]) -> Codec:
    for each in members:
        if isinstance(each, CausalMember):
            return each.zoo.base
    raise DeclarationError(
        "No member of the ensemble brings a tokenizer. Expected codec=… where no member is a "
        "transformer. Pass the tokenizer that all were trained with."
    )


__all__ = (
    "AdapterZooExpert",
    "Codec",
    "DeferralExpert",
    "PosteriorEnsembleExpert",
    "WritingExpert",
)
