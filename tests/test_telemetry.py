"""Spans of runs, read back with OpenTelemetry's own SDK; and which run a log line is about."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Generator, Sequence
from importlib import import_module
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from herd_graph import conventions as named
from herd_graph.artifacts import Text
from herd_graph.contexts import ExpertContext
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.run_logs import RunFilter, in_step
from herd_graph.store import MemoryStore
from herd_graph.threads import wait


@expert
def shout(text: Text, ctx: ExpertContext) -> Text:
    """Write a text in capitals, in a thread."""
    with trace.get_tracer("expert").start_as_current_span("inside"):
        ctx.spend(0.02, model="openai/gpt-x", input_tokens=11, output_tokens=7)
    logging.getLogger("mine").warning("shouting %s", "loudly")
    return Text(str(text).upper())


@expert
async def mumble(text: Text) -> Text:
    """Write a text in small letters."""
    with trace.get_tracer("expert").start_as_current_span("inside too"):
        return Text(str(text).lower())


@expert
def fall(text: Text) -> Text:
    """Fall over a text."""
    raise ValueError(f"tripped over {text}")


def plan(*names: str) -> Plan:
    steps: list[Any] = []
    for number, name in enumerate(names, 1):
        source = {"step": f"s{number - 1}"} if steps else {"value": "Hello"}
        steps.append({"id": f"s{number}", "expert": name, "inputs": {"text": source}})
    return Plan.parse({"steps": steps})


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    made = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(made))
    trace.set_tracer_provider(provider)
    return made


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> Generator[InMemorySpanExporter]:
    exporter.clear()
    yield exporter
    exporter.clear()


@pytest.fixture
def herd() -> Generator[Herd]:
    made = Herd(shout, mumble, fall, checkpoints="memory", store=MemoryStore())
    yield made
    made.close()


def tree(spans: Sequence[ReadableSpan]) -> list[str]:
    """Return the spans' names, each under its parent's."""
    lines: list[str] = []

    def below(parent: int | None, depth: int) -> None:
        for each in sorted(spans, key=lambda span: span.start_time or 0):
            if (each.parent.span_id if each.parent else None) == parent:
                lines.append("  " * depth + each.name)
                context = each.context
                assert context is not None
                below(context.span_id, depth + 1)

    below(None, 0)
    return lines


def one(spans: Sequence[ReadableSpan], name: str) -> ReadableSpan:
    (found,) = [each for each in spans if each.name == name]
    return found


def said(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_a_run_is_a_tree_of_spans_with_what_experts_trace_themselves(
    herd: Herd, spans: InMemorySpanExporter
):
    run = herd.run(plan("shout", "mumble"))
    found = spans.get_finished_spans()

    lines = [each for each in tree(found) if "evaluate" not in each]
    assert lines == [
        "invoke_workflow herd",
        "  plan herd",
        "  step s1",
        "    chat gpt-x",
        "      inside",
        "  step s2",
        "    execute_tool mumble",
        "      inside too",
        "  fuse herd",
    ]
    root, call = one(found, "invoke_workflow herd"), one(found, "chat gpt-x")
    assert said(root)[named.RUN] == run.id
    assert said(root)[named.RUN_STATUS] == "done"
    assert said(root)[named.STEPS] == 2
    assert said(root)[named.CONVERSATION] == run.thread
    assert said(call) | {} == said(call) | {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-x",
        "gen_ai.usage.input_tokens": 11,
        "gen_ai.usage.output_tokens": 7,
        "gen_ai.tool.name": "shout",
        named.COST: 0.02,
        named.STEP_ID: "s1",
    }
    assert said(one(found, "step s1"))[named.COST] == 0.02
    assert len({each.context.trace_id for each in found if each.context}) == 1


def test_what_the_caller_traces_is_above_the_run(herd: Herd, spans: InMemorySpanExporter):
    async def work() -> None:
        with trace.get_tracer("app").start_as_current_span("request"):
            await herd.arun(plan("mumble"))

    wait(work())

    assert tree(spans.get_finished_spans())[:2] == ["request", "  invoke_workflow herd"]


def test_a_failure_is_in_its_call_its_step_and_its_run(herd: Herd, spans: InMemorySpanExporter):
    herd.run(plan("fall", "shout"))
    found = spans.get_finished_spans()

    calls = [each for each in found if each.name == "execute_tool fall"]
    assert calls
    for each in (*calls, one(found, "step s1"), one(found, "invoke_workflow herd")):
        assert each.status.status_code is trace.StatusCode.ERROR, each.name
    assert said(calls[0])[named.ERROR_TYPE] == "ExpertFailed"
    assert "tripped over" in (calls[0].status.description or "")


def test_checks_are_spans_under_their_step(herd: Herd, spans: InMemorySpanExporter):
    herd.run(plan("shout"))
    found = spans.get_finished_spans()
    step = one(found, "step s1").context

    checks = [each for each in found if each.name.startswith("evaluate ")]
    assert checks
    assert step is not None
    for each in checks:
        assert each.parent is not None
        assert each.parent.span_id == step.span_id
        assert {named.EVALUATION, named.SCORE, named.LEVEL} <= said(each).keys()


def test_a_fork_is_linked_to_where_it_comes_from(herd: Herd, spans: InMemorySpanExporter):
    with herd.debug(plan("shout", "mumble")) as session:
        wait(session.next())
        spans.clear()
        other = wait(session.fork())
        wait(other.continue_())
        found = [
            each
            for each in spans.get_finished_spans()
            if each.name == "invoke_workflow herd" and said(each).get(named.RUN) == other.run
        ]

    assert found[0].links[0].attributes == {named.LINK: "fork"}
    assert found[0].links[0].context.is_valid


def test_a_run_of_a_herd_inside_a_herd_is_under_its_call(spans: InMemorySpanExporter):
    inner = Herd(shout, checkpoints="memory", store=MemoryStore())

    @expert
    async def ask(text: Text) -> Text:
        """Ask another herd."""
        run = await inner.arun(plan("shout"))
        return Text(f"{text} {run.answer}")

    outer = Herd(ask, checkpoints="memory", store=MemoryStore())
    outer.run(plan("ask"))
    lines = [each for each in tree(spans.get_finished_spans()) if "evaluate" not in each]

    assert lines[:5] == [
        "invoke_workflow herd",
        "  plan herd",
        "  step s1",
        "    execute_tool ask",
        "      invoke_workflow herd",
    ]


def test_log_lines_say_which_run_and_step_they_are_about(
    herd: Herd, caplog: pytest.LogCaptureFixture
):
    caplog.handler.addFilter(RunFilter())
    try:
        run = herd.run(plan("shout"))
    finally:
        caplog.handler.filters.clear()
    (line,) = [each for each in caplog.records if each.name == "mine"]

    assert (vars(line)["herd_run"], vars(line)["herd_step"]) == (run.id, "s1")
    assert line.getMessage() == "shouting loudly"


def test_our_own_lines_end_with_the_run(herd: Herd, caplog: pytest.LogCaptureFixture):
    def deaf(event: object) -> None:
        raise RuntimeError("deaf")

    run = herd.run(plan("mumble"), on_event=deaf)

    lines = [each.getMessage() for each in caplog.records if each.name == "herd_graph"]
    assert lines
    assert all(f"[run {run.id}" in each for each in lines)


@pytest.mark.parametrize(
    "module", ["discovery.index", "discovery.writing", "adapters.mcp_connection", "serve.errors"]
)
def test_what_other_parts_log_during_a_run_ends_with_it(
    module: str, caplog: pytest.LogCaptureFixture
):
    name = "herd_graph.serve" if module == "serve.errors" else f"herd_graph.{module}"
    import_module(f"herd_graph.{module}")

    with in_step("r1", "s1"):
        logging.getLogger(name).warning("%s cannot be read", "index")

    assert caplog.messages == ["index cannot be read [run r1 step s1]"]


_WITHOUT = """
import json, sys
from herd_graph import Herd, Text, expert
from herd_graph import telemetry

@expert
def shout(text: Text) -> Text:
    '''Write a text in capitals.'''
    return Text(str(text).upper())

herd = Herd(shout, checkpoints="memory")
from herd_graph.plans import Plan
plan = Plan.parse({"steps": [{"id": "s1", "expert": "shout", "inputs": {"text": {"value": "a"}}}]})
run = herd.run(plan)
print(json.dumps([telemetry.is_on(), run.answer.parts[0].text, len(telemetry._open)]))
herd.close()
"""


def test_without_an_sdk_nothing_is_watched(tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HERD_HOME", str(tmp_path))
    command = [sys.executable, "-c", _WITHOUT]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == [False, "A", 0]
