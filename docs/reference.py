"""Write the pages that are made of the code: ``experts.md`` from the cards, ``api.md`` from the exports.

    python docs/reference.py            # write them
    python docs/reference.py --check    # say whether they are up to date; a test does

What they say stands in the code once: in ``@expert(…)`` and in docstrings.
"""

from __future__ import annotations

import inspect
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
GROUPS = {
    "What a user holds": ("Herd", "Run", "Answer", "Budget", "Config", "Limits"),
    "Typed payloads": ("Artifact", "Text", "Image", "Audio", "Video", "Table", "Document", "Data"),
    "Experts": ("expert", "Expert", "ExpertCard", "ExpertContext", "Port"),
    "Plans": (
        "workflow",
        "call",
        "among",
        "each",
        "need",
        "when",
        "Plan",
        "Step",
        "Task",
        "Router",
    ),
    "Checks": ("check", "CheckInput", "Verdict"),
    "What happens, and what goes wrong": ("Event", "HerdError"),
}
EXPERTS = """\
# The experts

What comes with HERD, made of the experts' own cards by `python docs/reference.py` (`herd experts docs` writes the same of those
that are present in your herd). Latency is that of a usual call on one core of a small machine, once the model is loaded; memory is what it
holds then. "not stated" means that the package of the weights says nothing. How to write your own: [Writing experts](writing-experts.md).

"""
API = """\
# API

What `herd_graph` exports, made of the docstrings by `python docs/reference.py`. Everything else is in modules that say what they are for
in their first line; names that start with an underscore may change without notice. Methods that start with an `a` are the async forms of those
without.
"""


def experts_page() -> str:
    """Return the page on the first-party experts."""
    from herd_graph.cli.catalogue import catalogue

    tools: Any = import_module("herd_graph._bundled.tools")
    cards = [each.card for each in tools.first_party(run_python=True)]
    return EXPERTS + catalogue(cards)


def api_page() -> str:
    """Return the page on the exported names."""
    import herd_graph

    listed = {name for names in GROUPS.values() for name in names}
    exported: set[str] = set(vars(herd_graph)["__all__"])
    if listed != exported:
        raise SystemExit(f"GROUPS in {Path(__file__).name} is out of step: {listed ^ exported}")
    blocks = [API]
    for title, names in GROUPS.items():
        blocks.append(f"## {title}\n")
        blocks += [_entry(name, getattr(herd_graph, name)) for name in names]
    return "\n".join(blocks)


def _entry(name: str, what: Any) -> str:
    lines = [f"### {name}", "", f"`from herd_graph import {name}`, of `{_module(what)}`", ""]
    if not inspect.isclass(what):
        lines += ["```python", _signature(name, what), "```", ""]
    lines += [_prose(what), ""]
    if inspect.isclass(what) and not issubclass(what, Exception):
        rows = _members(what)
        if rows:
            lines += ["| | |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _module(what: Any) -> str:
    return str(getattr(what, "__module__", ""))


def _prose(what: Any) -> str:
    """Return a docstring as Markdown; its sections as lists."""
    text = inspect.getdoc(what) or ""
    text = re.sub(r"``([^`]*)``", r"`\1`", text)
    out: list[str] = []
    section = False
    for line in text.splitlines():
        if re.fullmatch(r"(Args|Returns|Raises|Yields|Example):", line):
            section = True
            out += [f"**{line[:-1]}**", ""]
        elif section and (entry := re.fullmatch(r" {4}(\*{0,2}\w+): (.*)", line)):
            out.append(f"- `{entry[1]}`: {entry[2]}")
        elif section and line.strip():
            out.append(f"  {line.strip()}")
        else:
            section = section and not line
            out.append(line)
    return "\n".join(out).rstrip()


def _members(of: type[Any]) -> list[str]:
    """Return a row for each public method, property and field of a class and our own bases."""
    rows: dict[str, str] = {}
    fields: dict[str, Any] = getattr(of, "model_fields", None) or getattr(
        of, "__dataclass_fields__", {}
    )
    for name in fields:
        if not name.startswith("_"):
            rows[name] = f"| `{name}` | a field |"
    for base in of.__mro__:
        if not base.__module__.startswith("herd_graph"):
            continue
        for name, member in vars(base).items():
            if name.startswith("_") or name in rows:
                continue
            inner = getattr(member, "__func__", member)
            if isinstance(inner, property):
                rows[name] = f"| `{name}` | {_first(inner.fget)} |"
            elif callable(inner):
                call = _cell(_signature(name, inner))
                rows[name] = f"| `{call}` | {_first(inner)} |"
    return list(rows.values())


def _first(what: Any) -> str:
    text = inspect.getdoc(what) or ""
    return _cell(re.sub(r"``([^`]*)``", r"`\1`", text.partition("\n\n")[0]))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def _signature(name: str, what: Any) -> str:
    try:
        signature = inspect.signature(what)
    except (TypeError, ValueError):
        return name
    kept = [
        each.replace(annotation=each.empty)
        for each in signature.parameters.values()
        if each.name not in {"self", "cls"}
    ]
    shown = signature.replace(parameters=kept, return_annotation=signature.empty)
    return f"{name}{shown}"


PAGES = {"experts.md": experts_page, "api.md": api_page}


def main() -> int:
    """Write the pages, or say which are out of date."""
    stale = 0
    for name, make in PAGES.items():
        path, page = FOLDER / name, make()
        if "--check" not in sys.argv[1:]:
            path.write_text(page, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != page:
            sys.stderr.write(f"{path.name} is out of date: python docs/reference.py\n")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
