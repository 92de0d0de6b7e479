"""``@expert``: a Python function, or a class that holds a model, as an expert.

Its ports are read from the annotations, its description from the docstring; see ``signatures``.
"""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Literal, overload
from weakref import WeakKeyDictionary

from herd_graph.cards import NOT_STATED, ExpertCard
from herd_graph.config import parse_size
from herd_graph.contexts import ExpertContext
from herd_graph.errors import DeclarationError, HerdError
from herd_graph.experts import Expert, Inputs, Outputs
from herd_graph.signatures import Signature, describe, read_signature
from herd_graph.threads import in_thread
from herd_graph.types import Locality

LARGE_BYTES = 1 << 20
"""Payloads over this size are decoded in a thread."""


class FunctionExpert(Expert):
    """An expert made of a Python function or class; made by ``@expert``."""

    def __init__(
        self,
        card: ExpertCard,
        signature: Signature,
        target: Callable[..., Any],
        factory: type[Any] | None = None,
        checks: Sequence[object] = (),
    ) -> None:
        super().__init__(card)
        self.checks = tuple(checks)
        self.signature = signature
        self.target = target
        self.factory = factory
        self._instance: Any = None
        self._loading: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = (
            WeakKeyDictionary()
        )
        self.__doc__ = target.__doc__ if factory is None else factory.__doc__
        self.__name__ = card.name
        source = factory or target
        self.__module__ = source.__module__
        self.qualname = source.__qualname__

    async def load(self) -> None:
        """Make the instance and call its ``load``, in a thread unless that is async."""
        if self.factory is None:
            return
        factory = self.factory
        loading = self._loading.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with loading:  # calls that come at once wait for the one instance
            if self._instance is not None:
                return
            instance = await in_thread(factory, label=f"load:{self.card.id}")
            loader = getattr(instance, "load", None)
            if loader is not None:
                if inspect.iscoroutinefunction(loader):
                    await loader()
                else:
                    await in_thread(loader, label=f"load:{self.card.id}")
            self._instance = instance

    async def close(self) -> None:
        """Call the instance's ``close`` and let go of it."""
        instance, self._instance = self._instance, None
        closer = getattr(instance, "close", None)
        if closer is not None:
            if inspect.iscoroutinefunction(closer):
                await closer()
            else:
                await in_thread(closer, label=f"close:{self.card.id}")

    def _bound(self) -> Callable[..., Any]:
        if self.factory is None:
            return self.target
        if self._instance is None:  # a plain call, outside a herd
            self._instance = self.factory()
            loader = getattr(self._instance, "load", None)
            if loader is not None and not inspect.iscoroutinefunction(loader):
                loader()
        return self._instance

    def call_plain(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function itself; a class is made and loaded first."""
        return self._bound()(*args, **kwargs)

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Decode the inputs, call the function where it belongs, encode what it returns."""
        if self.factory is not None and self._instance is None:
            await self.load()
        call, mode = self._bound(), self.signature.mode
        if _is_large(inputs):  # decoding megabytes would stop the event loop
            kwargs = await in_thread(
                lambda: self.signature.decode(inputs, context), label=f"decode:{self.card.id}"
            )
        else:
            kwargs = self.signature.decode(inputs, context)
        if mode == "async":
            result = await call(**kwargs)
        elif mode == "async_stream":
            result = await self._drain_async(call(**kwargs), context)
        elif mode == "stream":
            result = await in_thread(
                lambda: self._drain(call(**kwargs), context), label=self.card.id
            )
        else:
            result = await in_thread(lambda: call(**kwargs), label=self.card.id)
            if inspect.isawaitable(result):
                result = await result
        return self.signature.encode(result)

    async def invoke_batch(
        self, calls: list[tuple[Inputs, ExpertContext]]
    ) -> list[Outputs | BaseException]:
        """Serve several calls by the class's own ``batch`` method, in one go.

        Returns:
            For each call, in order, its outputs or what went wrong with it alone.
        """
        if self._instance is None:
            await self.load()
        instance: Any = self._instance
        method = instance.batch
        outcomes: dict[int, Outputs | BaseException] = {}
        decoded: list[dict[str, Any]] = []
        for index, (inputs, context) in enumerate(calls):
            try:
                kwargs = self.signature.decode(inputs, context)
            except HerdError as error:
                outcomes[index] = error
            else:
                kwargs.pop(self.signature.context_name or "", None)
                decoded.append(kwargs)
        if inspect.iscoroutinefunction(method):
            results = list(await method(decoded))
        else:
            results = list(await in_thread(lambda: method(decoded), label=f"batch:{self.card.id}"))
        if len(results) != len(decoded):
            raise DeclarationError(
                f"Expert {self.card.id!r} returned {len(results)} results for a batch of "
                f"{len(decoded)}. Expected one result for each call, in order."
            )
        for index in range(len(calls)):
            if index not in outcomes:
                outcomes[index] = self._encoded(results.pop(0))
        return [outcomes[index] for index in range(len(calls))]

    def _encoded(self, result: Any) -> Outputs | BaseException:
        if isinstance(result, BaseException):
            return result
        try:
            return self.signature.encode(result)
        except HerdError as error:
            return error

    @property
    def batches(self) -> bool:
        """Whether the class has a ``batch`` method."""
        return self.factory is not None and hasattr(self.factory, "batch")

    def _drain(self, pieces: Iterator[Any], context: ExpertContext) -> Any:
        return _joined([_seen(piece, context) for piece in pieces])

    async def _drain_async(self, pieces: AsyncIterator[Any], context: ExpertContext) -> Any:
        return _joined([_seen(piece, context) async for piece in pieces])


def _is_large(inputs: Inputs) -> bool:
    payloads = (
        item for each in inputs.values() for item in (each if isinstance(each, list) else (each,))
    )
    return any(item._ref is not None and item._ref.size > LARGE_BYTES for item in payloads)


def _seen(piece: Any, context: ExpertContext) -> Any:
    if isinstance(piece, str):
        context.token(piece)
    return piece


def _joined(pieces: list[Any]) -> Any:
    """Join streamed text; of anything else the last piece is the result."""
    if pieces and all(isinstance(piece, str) for piece in pieces):
        return "".join(pieces)
    return pieces[-1] if pieces else ""


@overload
def expert(target: Callable[..., Any] | type[Any]) -> FunctionExpert: ...


@overload
def expert(
    *,
    name: str | None = None,
    version: str = "1",
    description: str | None = None,
    tags: list[str] | tuple[str, ...] = (),
    examples: list[str] | tuple[str, ...] = (),
    cost_usd: float = 0.0,
    latency_s: float | None = None,
    memory: str | int = 0,
    locality: Locality = "local",
    licence: str = NOT_STATED,
    weights_licence: str = "",
    caution: str = "",
    notes: str = "",
    concurrency: int | None = None,
    timeout_s: float | None = None,
    approve: bool = False,
    isolate: Literal["process"] | None = None,
    memory_limit: str | int | None = None,
    deterministic: bool = True,
    checks: Sequence[object] = (),
) -> Callable[[Callable[..., Any] | type[Any]], FunctionExpert]: ...


def expert(
    target: Callable[..., Any] | type[Any] | None = None,
    *,
    name: str | None = None,
    version: str = "1",
    description: str | None = None,
    tags: list[str] | tuple[str, ...] = (),
    examples: list[str] | tuple[str, ...] = (),
    cost_usd: float = 0.0,
    latency_s: float | None = None,
    memory: str | int = 0,
    locality: Locality = "local",
    licence: str = NOT_STATED,
    weights_licence: str = "",
    caution: str = "",
    notes: str = "",
    concurrency: int | None = None,
    timeout_s: float | None = None,
    approve: bool = False,
    isolate: Literal["process"] | None = None,
    memory_limit: str | int | None = None,
    deterministic: bool = True,
    checks: Sequence[object] = (),
) -> FunctionExpert | Callable[[Callable[..., Any] | type[Any]], FunctionExpert]:
    """Make an expert of a function or a class.

    On a class, ``__call__`` is the expert; ``load`` and ``close`` are called around its use,
    ``batch(calls: list[dict]) -> list`` serves concurrent calls in one go.

    Args:
        target: The function or class, when used without parentheses.
        name: The name; by default the function's, or the class's in snake case.
        version: Several versions of one name may be registered side by side.
        description: By default the docstring up to its sections.
        tags: Words for what it is about.
        examples: Requests that it is right for.
        cost_usd: The most one call is expected to cost: what the budget reserves.
        latency_s: The usual seconds of a call.
        memory: What it holds when loaded: ``"300 MiB"``.
        locality: ``"remote"`` when data leaves this machine.
        licence: The licence of the code.
        weights_licence: The licence of the weights, where it is another.
        caution: A few words that stand beside every answer that it had a part in.
        notes: What a user should know before relying on it.
        concurrency: How many calls at once. A class defaults to 1: models are rarely re-entrant.
        timeout_s: Seconds after which a call has failed.
        approve: It has side effects; a person is asked first.
        isolate: ``"process"`` runs each call in a process that can be killed.
        memory_limit: The hard limit of an isolated call.
        deterministic: Equal inputs give equal outputs.
        checks: Checks of its own results, made by ``@check``. ``"again"`` calls it once more where
            that costs next to nothing, and compares; ``"in doubt"`` allows it where a result is
            not what the same input gave before.

    Raises:
        DeclarationError: An annotation is missing or cannot be a port.
    """

    def declare(declared: Callable[..., Any] | type[Any]) -> FunctionExpert:
        factory = declared if isinstance(declared, type) else None
        if isolate and declared.__module__ == "__main__":
            raise DeclarationError(
                f"Expert {name or _snake(declared.__name__)!r} is declared in a script or notebook "
                "with isolate='process', and a new process cannot import it from there. Expected the "
                "top level of a module: a .py file that is imported. Move it to one, or leave out "
                "isolate='process'."
            )
        call: Callable[..., Any] = declared.__call__ if factory else declared
        label = name or _snake(declared.__name__)
        signature = read_signature(call, label, method=factory is not None)
        text, _ = describe(declared)
        if not (description or text):
            raise DeclarationError(
                f"Expert {label!r} has no description. Expected a docstring whose first sentence "
                "says what it does: discovery reads it."
            )
        card = ExpertCard(
            name=label,
            version=version,
            description=description or text,
            tags=tuple(tags),
            examples=tuple(examples),
            inputs=signature.inputs,
            outputs=signature.outputs,
            cost_usd=cost_usd,
            latency_s=latency_s,
            memory_bytes=parse_size(memory),
            locality=locality,
            licence=licence,
            weights_licence=weights_licence,
            caution=caution,
            notes=notes,
            concurrency=concurrency or (1 if factory else None),
            timeout_s=timeout_s,
            approve=approve,
            isolate=isolate,
            memory_limit_bytes=None if memory_limit is None else parse_size(memory_limit),
            deterministic=deterministic,
            streams=signature.mode in {"stream", "async_stream"},
            loads=factory is not None,
        )
        return FunctionExpert(card, signature, call, factory, checks)

    return declare if target is None else declare(target)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
