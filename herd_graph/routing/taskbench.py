"""The TaskBench form: tools with descriptions, and requests with the tools and links that meet them.

A folder holds ``tool_desc.json`` (the tools), ``graph_desc.json`` (which tool may follow which;
optional), and the requests: ``train.jsonl`` and ``test.jsonl``, or one ``data.json`` (a list, or a
line each). Read as published by TaskBench (Shen et al., arXiv:2311.18760), by GNN4TaskPlan, and in
the older spelling with ``tool_nodes`` for ``task_nodes`` and lists inside JSON strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from herd_graph.errors import ConfigError

TOOLS = "tool_desc.json"
_STEP = re.compile(r"^\s*(?:step\s*)?\d*\s*[:.)]?\s*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One tool that plans are made of."""

    name: str
    description: str = ""
    tags: tuple[str, ...] = ()
    """Its domains."""
    examples: tuple[str, ...] = ()
    """Requests that it is right for, where the form has them."""
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    """Types by name, where the form has them."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A request with the plan that meets it."""

    id: str
    request: str
    tools: tuple[str, ...]
    """In order; the same tool twice is there twice."""
    links: tuple[tuple[str, str], ...] = ()
    steps: tuple[str, ...] = ()
    """What each tool is called for, in words; as long as ``tools``, or empty."""
    arguments: tuple[Mapping[str, str], ...] = ()
    """What each tool is called with; as long as ``tools``, or empty."""
    answers: tuple[str, ...] = ()
    """The tools whose results are answers, where that is known."""


@dataclass(frozen=True, kw_only=True)
class TaskBench:
    """A set in TaskBench form."""

    name: str
    tools: tuple[Tool, ...]
    graph: frozenset[tuple[str, str]]
    """Which tool may follow which; empty where nothing says so."""
    train: tuple[Sample, ...]
    test: tuple[Sample, ...]
    """Empty where the set has no test part: cross-validate then."""


def load(folder: Path) -> TaskBench:
    """Read a folder.

    Raises:
        ConfigError: A file is missing, or is not in this form; the message says which line.
    """
    path = folder / TOOLS
    if not path.is_file():
        raise ConfigError(
            f"{str(folder)!r} holds no {TOOLS!r}. Expected a folder in TaskBench form: {TOOLS}, "
            "and train.jsonl (with test.jsonl, if there is one) or data.json. Name such a folder."
        )
    tools = tuple(_tool(each, path) for each in _nodes(path))
    known = {each.name for each in tools}
    train = _samples(folder / "train.jsonl", known)
    test = _samples(folder / "test.jsonl", known)
    if not train and not test:
        train = _samples(folder / "data.json", known) or _samples(folder / "data.jsonl", known)
    if not train:
        raise ConfigError(
            f"{str(folder)!r} holds no requests to learn from. Expected train.jsonl or data.json "
            "beside tool_desc.json. Name a folder that has one of them."
        )
    return TaskBench(
        name=folder.resolve().name,
        tools=tools,
        graph=frozenset(_graph(folder / "graph_desc.json")),
        train=train,
        test=test,
    )


def samples(path: Path, known: Iterable[str] = ()) -> tuple[Sample, ...]:
    """Read the requests of one file.

    Args:
        path: JSON lines, or one JSON list.
        known: The tools that there are; empty takes any.

    Raises:
        ConfigError: The file is missing, empty, or not in this form.
    """
    found = _samples(path, frozenset(known))
    if not found:
        raise ConfigError(
            f"{str(path)!r} holds no requests. Expected a JSON object a line with 'user_request' "
            "and 'task_nodes'. Name another file."
        )
    return found


def _samples(path: Path, known: frozenset[str] | set[str]) -> tuple[Sample, ...]:
    if not path.is_file():
        return ()
    read: list[Sample] = []
    for number, row in _rows(path):
        try:
            read.append(_sample(row, number))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigError(
                f"{path.name!r}, request {number} is not in TaskBench form: {error!r}. Expected "
                "'user_request' and 'task_nodes' ([{'task': NAME}, …]). Mend or remove it."
            ) from error
    if known:
        # A tool that nothing describes can neither be learnt from its card nor be chosen by name.
        unknown = {tool for each in read for tool in each.tools} - known
        if unknown:
            raise ConfigError(
                f"{path.name!r} names {sorted(unknown)[:5]!r}, which {TOOLS!r} does not describe. "
                "Expected every tool of a plan among the described ones. Add them, or drop the rows."
            )
    return tuple(read)


def _rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    text = path.read_text(encoding="utf-8")
    try:
        if text.lstrip().startswith("["):
            return list(enumerate(cast("list[dict[str, Any]]", json.loads(text)), start=1))
        lines = text.split("\n")
        return [(n, json.loads(line)) for n, line in enumerate(lines, start=1) if line.strip()]
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"{path.name!r} is not JSON, near {error.doc[error.pos : error.pos + 30]!r}. Expected "
            "one JSON object a line, or a list of them. Mend the file."
        ) from error


def _sample(row: Mapping[str, Any], number: int) -> Sample:
    nodes = _list(_first(row, "task_nodes", "tool_nodes", "sampled_nodes"))
    tools = [_named(each) for each in nodes]
    links = _list(_first(row, "task_links", "tool_links", "sampled_links", default=[]))
    steps = _list(_first(row, "task_steps", "tool_steps", default=[]))
    given = [_arguments(each) for each in nodes]
    return Sample(
        id=str(row.get("id", number)),
        request=str(_first(row, "user_request", "instruction", "request")).strip(),
        tools=tuple(tools),
        links=tuple((str(each["source"]), str(each["target"])) for each in links),
        steps=tuple(_matched([str(each) for each in steps], tools)),
        arguments=tuple(given) if any(given) else (),
    )


def _first(row: Mapping[str, Any], *names: str, default: Any = None) -> Any:
    for name in names:
        if row.get(name) is not None:
            return row[name]
    if default is None:
        raise KeyError(names[0])
    return default


def _list(value: Any) -> list[Any]:
    """Return a list that may be written inside a string."""
    read = json.loads(value) if isinstance(value, str) else value
    if not isinstance(read, list):
        raise TypeError(f"a list was expected, not {type(value).__name__}")
    return cast("list[Any]", read)


def _named(node: Any) -> str:
    return node if isinstance(node, str) else str(_first(node, "task", "tool", "id"))


def _arguments(node: Any) -> dict[str, str]:
    if not isinstance(node, dict):
        return {}
    held = cast("dict[str, Any]", node).get("arguments", [])
    if isinstance(held, dict):
        return {str(k): str(v) for k, v in cast("dict[str, Any]", held).items()}
    found: dict[str, str] = {}
    for place, each in enumerate(cast("list[Any]", held)):
        named = cast("dict[str, Any]", each) if isinstance(each, dict) else {}
        if "name" in named:
            found[str(named["name"])] = str(named.get("value", ""))
        else:
            found[str(place)] = str(cast("object", each))
    return found


def _matched(steps: Sequence[str], tools: Sequence[str]) -> list[str]:
    """Return the step of each tool without its head: ``Step 2 Call file_write to …`` is ``…``."""
    texts: list[str] = []
    free = list(steps)
    for tool in tools:
        place = next((k for k, each in enumerate(free) if _calls(each, tool)), None)
        if place is None:
            texts.append("")
        else:
            texts.append(_said(free.pop(place), tool))
    if not any(texts) and len(steps) == len(tools):
        return [_said(each, "") for each in steps]
    return texts if any(texts) else []


def _calls(step: str, tool: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(tool)}(?![\w-])", step) is not None


def _said(step: str, tool: str) -> str:
    text = _STEP.sub("", step)
    if tool:
        text = re.sub(
            rf"^(?:call(?:ing)?|use|using)?\s*(?:the\s+)?['\"`]?{re.escape(tool)}['\"`]?(?:\s+(?:api|tool))?"
            r"\s*(?:to\s+|for\s+|[:,]\s*)?",
            "",
            text,
            flags=re.IGNORECASE,
        )
    return text.strip()


def _nodes(path: Path) -> list[dict[str, Any]]:
    try:
        read: Any = json.loads(path.read_text(encoding="utf-8"))
        held = cast("dict[str, Any]", read)["nodes"] if isinstance(read, dict) else read
        return list(cast("list[dict[str, Any]]", held))
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path.name!r} is not in TaskBench form: {error!r}. Expected {{'nodes': [{{'id': …, "
            "'desc': …}, …]}. Mend the file."
        ) from error


def _tool(node: Mapping[str, Any], path: Path) -> Tool:
    name = node.get("id") or node.get("task") or node.get("name")
    if not name:
        raise ConfigError(
            f"{path.name!r} holds a tool without a name: {str(dict(node))[:80]!r}. Expected an "
            "'id' for each. Add it."
        )
    return Tool(
        name=str(name),
        description=str(node.get("desc") or node.get("description") or "").strip(),
        tags=_strings(node.get("domain") or node.get("tags")),
        examples=_strings(node.get("examples")),
        takes=_strings(node.get("input-type")),
        gives=_strings(node.get("output-type")),
    )


def _strings(value: Any) -> tuple[str, ...]:
    if not value:
        return ()
    return (str(value),) if isinstance(value, str) else tuple(str(each) for each in value)


def _graph(path: Path) -> list[tuple[str, str]]:
    if not path.is_file():
        return []
    read: Any = json.loads(path.read_text(encoding="utf-8"))
    held = read.get("links", []) if isinstance(read, dict) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return [(str(each["source"]), str(each["target"])) for each in cast("list[Any]", held)]
