"""OpenTelemetry spans of runs, through the API alone: whoever configures an SDK gets them.

    invoke_workflow herd                 one invocation of a herd's graph; resumed ones and forks are linked
      plan herd                          the router, with the calls of a model that it makes
      step s1
        execute_tool transcribe          one attempt; ``chat`` for models, with tokens; errors
        evaluate transcript              one check
      fuse herd

Nobody in the engine knows of it: the events that a run tells anyway open and close the spans, and a
caller around the run's own one puts an expert's call under its step, so that what the expert itself
traces (HTTP, a model's SDK, another herd) comes under it, in threads too. Without an SDK nothing is
watched, and nothing is imported.
"""

from __future__ import annotations

import os
import sys
from collections import OrderedDict
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from herd_graph import conventions as named
from herd_graph.calling import Call, Caller, CallResult
from herd_graph.recording.events import Event

if TYPE_CHECKING:
    from herd_graph.pump import Flight

_REMEMBERED = 2000
_seen: OrderedDict[str, tuple[Any, str]] = OrderedDict()
"""The last span context of each run, with what a new span of that run is to it."""
_open: dict[str, Spans] = {}
"""The spans of the flights that are in the air, by their key."""
_TOLD = 200
"""Characters of an error or a reason that go into a span."""


def is_on() -> bool:
    """Say whether somebody configured tracing in this process."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        if "OTEL_PYTHON_TRACER_PROVIDER" not in os.environ:
            return False
        from opentelemetry import trace
    api: Any = trace
    return not isinstance(api.get_tracer_provider(), api.ProxyTracerProvider)


def watch(flight: Flight, name: str) -> None:
    """Open the span of an invocation, and have it follow the flight; nothing where nobody traces.

    Args:
        flight: What serves the invocation.
        name: The graph's.
    """
    if not is_on():
        return
    from opentelemetry import trace

    tracer = trace.get_tracer(named.SCOPE, schema_url=named.SCHEMA_URL)
    request = flight.request
    before = _seen.get(request.run)
    links = [] if before is None else [trace.Link(before[0], {named.LINK: before[1]})]
    root = tracer.start_span(
        f"{named.INVOKE_WORKFLOW} {name}",
        attributes={named.OPERATION: named.INVOKE_WORKFLOW, named.WORKFLOW: name},
        links=links,
    )
    if not root.get_span_context().is_valid:
        return  # the API without an SDK
    spans = _open[flight.key] = Spans(tracer, root)
    listener = request.listener

    def listen(event: Event) -> None:
        spans.hear(event)
        if listener is not None:
            listener(event)

    caller = request.caller or flight.engine.caller
    flight.request = replace(request, listener=listen, caller=_Traced(caller, spans))


def at_node(key: str, label: str) -> AbstractContextManager[None]:
    """Return the block that a node of the graph runs in, on behalf of a flight."""
    spans = _open.get(key)
    return nullcontext() if spans is None else spans.node(label)


def close(key: str, error: BaseException | None, *, thread: str = "") -> None:
    """End the spans of a flight that has landed."""
    spans = _open.pop(key, None)
    if spans is not None:
        spans.close(error, thread=thread)


def forked(run: str, origin: str) -> None:
    """Remember that a run is a fork of another one: its spans are linked to that one's."""
    before = _seen.get(origin)
    if before is not None:
        _remember(run, before[0], "fork")


class Spans:
    """The spans of one invocation.

    Args:
        tracer: Makes them.
        root: The invocation's own.
    """

    def __init__(self, tracer: Any, root: Any) -> None:
        self.tracer, self.root = tracer, root
        self._steps: dict[str, Any] = {}
        self._called: dict[str, int] = {}
        """When a step's last call ended: its checks began then."""
        self._run = ""

    def hear(self, event: Event) -> None:
        """Take note of what happens in the run."""
        if event.run != self._run:
            self._begin(event.run)
        data = event.data
        if event.kind == "started":
            self._step(event.step, str(data.get("expert") or ""))
        elif event.kind == "checked":
            self._check(event.step, data)
        elif event.kind == "finished":
            self._finish(event.step, data)
        elif event.kind in {"planned", "replanned"}:
            for key, name in (("steps", named.STEPS), ("revision", named.REVISION)):
                if isinstance(data.get(key), int):
                    self.root.set_attribute(name, data[key])
        elif event.kind == "ended":
            self.root.set_attribute(named.RUN_STATUS, str(data.get("status") or ""))
            self.root.set_attribute(named.COST, _number(data.get("usd")))
            if data.get("status") == "failed":
                self._fail(self.root, "failed", "The run failed.")

    @contextmanager
    def node(self, label: str) -> Generator[None]:
        """Put what one of the graph's nodes does under a span of its own, where it is worth one."""
        operation = {"route": named.PLAN, "replan": named.PLAN, "fuse": named.FUSE}.get(label)
        if operation is None:
            with self.under(self.root):
                yield
            return
        span = self._start(f"{operation} herd", self.root, {named.OPERATION: operation})
        try:
            with self.under(span):
                yield
        except BaseException as error:
            self._fail(span, type(error).__name__, str(error))
            raise
        finally:
            span.end()

    @contextmanager
    def call(self, call: Call) -> Generator[Any]:
        """Put one attempt at an expert under a span."""
        card = call.expert.card
        span = self._start(
            f"{named.EXECUTE_TOOL} {card.name}",
            self._steps.get(call.step, self.root),
            {
                named.OPERATION: named.EXECUTE_TOOL,
                named.TOOL: card.name,
                named.TOOL_TYPE: "extension" if card.locality == "remote" else "function",
                named.TOOL_TEXT: card.description[:_TOLD],
                named.EXPERT: card.id,
                named.RUN: call.run,
                named.STEP_ID: call.step,
                named.ATTEMPT: call.attempt,
            },
        )
        try:
            with self.under(span):
                yield span
        except BaseException as error:
            span.set_attribute(named.COST, _number(getattr(error, "usd", 0.0)))
            self._fail(span, type(error).__name__, str(error))
            raise
        finally:
            self._called[call.step] = _now()
            span.end()

    def under(self, span: Any) -> AbstractContextManager[Any]:
        """Make a span the current one for the block."""
        from opentelemetry import trace

        return cast(
            "AbstractContextManager[Any]",
            trace.use_span(
                span, end_on_exit=False, record_exception=False, set_status_on_exception=False
            ),
        )

    def close(self, error: BaseException | None, *, thread: str = "") -> None:
        """End the invocation's spans; steps that were cut off end with it."""
        for span in self._steps.values():
            span.set_attribute(named.STEP_STATUS, "cancelled")
            span.end()
        self._steps.clear()
        if thread:
            self.root.set_attribute(named.CONVERSATION, thread)
        if error is not None and not isinstance(error, GeneratorExit):
            self._fail(self.root, type(error).__name__, str(error))
        self.root.end()

    def _begin(self, run: str) -> None:
        self._run = run
        self.root.set_attribute(named.RUN, run)
        _remember(run, self.root.get_span_context(), "resume")

    def _step(self, step: str, expert: str) -> None:
        self._steps[step] = self._start(
            f"{named.STEP} {step}",
            self.root,
            {named.RUN: self._run, named.STEP_ID: step, named.EXPERT: expert},
        )

    def _check(self, step: str, data: Mapping[str, Any]) -> None:
        name, now = str(data.get("check") or ""), _now()
        span = self._start(
            f"{named.EVALUATE} {name}",
            self._steps.get(step, self.root),
            {
                named.EVALUATION: name,
                named.SCORE: _number(data.get("score")),
                named.LEVEL: str(data.get("level") or ""),
                named.EXPLANATION: str(data.get("reason") or "")[:_TOLD],
                named.CHECK_BLOCKS: bool(data.get("blocks")),
                named.STEP_ID: step,
            },
            start=min(self._called.get(step, now), now),
        )
        span.end()

    def _finish(self, step: str, data: Mapping[str, Any]) -> None:
        span = self._steps.pop(step, None)
        self._called.pop(step, None)
        if span is None:
            return
        status = str(data.get("status") or "")
        span.set_attribute(named.STEP_STATUS, status)
        span.set_attribute(named.EXPERT, str(data.get("expert") or ""))
        span.set_attribute(named.COST, _number(data.get("usd")))
        if status not in {"done", "skipped"}:
            self._fail(span, status, str(data.get("error") or status))
        span.end()

    def _start(
        self, name: str, parent: Any, attributes: Mapping[str, Any], *, start: int | None = None
    ) -> Any:
        from opentelemetry import trace

        context = trace.set_span_in_context(parent)
        return self.tracer.start_span(
            name, context=context, attributes=attributes, start_time=start
        )

    @staticmethod
    def _fail(span: Any, kind: str, message: str) -> None:
        from opentelemetry.trace import Status, StatusCode

        span.set_attribute(named.ERROR_TYPE, kind)
        span.set_status(Status(StatusCode.ERROR, message[:_TOLD]))


class _Traced:
    """Passes calls on to another caller, each under a span."""

    def __init__(self, caller: Caller, spans: Spans) -> None:
        self.caller, self.spans = caller, spans

    async def call(self, call: Call) -> CallResult:
        """Pass a call on. Raises what the caller raises."""
        with self.spans.call(call) as span:
            result = await self.caller.call(call)
            span.set_attribute(named.COST, result.usd)
            _told(span, call.expert.card.name, result.usage)
            return result

    async def close(self) -> None:
        """Hold nothing: the caller is somebody else's."""


def _told(span: Any, name: str, usage: Mapping[str, Any]) -> None:
    """Add what a model says of its use; a call of one is a ``chat``."""
    for key, attribute in (
        ("input_tokens", named.INPUT_TOKENS),
        ("output_tokens", named.OUTPUT_TOKENS),
    ):
        if isinstance(usage.get(key), int):
            span.set_attribute(attribute, usage[key])
    model = usage.get("model")
    if isinstance(model, str) and model:
        provider, slash, rest = model.partition("/")
        span.set_attribute(named.OPERATION, named.CHAT)
        span.set_attribute(named.MODEL, rest if slash else model)
        if slash:
            span.set_attribute(named.PROVIDER, provider)
        span.update_name(f"{named.CHAT} {rest if slash else model}")
        span.set_attribute(named.TOOL, name)


def _remember(run: str, context: Any, link: str) -> None:
    _seen[run] = (context, link)
    _seen.move_to_end(run)
    while len(_seen) > _REMEMBERED:
        _seen.popitem(last=False)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _now() -> int:
    import time

    return time.time_ns()


__all__ = ("Spans", "at_node", "close", "forked", "is_on", "watch")
