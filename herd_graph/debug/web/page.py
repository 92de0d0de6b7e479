"""The page itself: files of ``static``, as they are, or all of them as one script.

There is nothing to build. For the one file that ``herd view --html`` writes, the modules are put
together here: each becomes a function that gives what it exports, in the order of their imports.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import re
from importlib.resources import files
from importlib.resources.abc import Traversable

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"([^"]+)";?', re.MULTILINE)
_EXPORT = re.compile(
    r"^export\s+((?:async\s+)?function\*?|class|const|let)\s+([A-Za-z_$][\w$]*)", re.MULTILINE
)
_LIST = re.compile(r"export\s*\{([^}]*)\};?")
_START = "app.js"


@functools.cache
def static_files() -> dict[str, bytes]:
    """Return every file of the page by its path below ``/static/``."""
    root = files("herd_graph.debug.web") / "static"
    found: dict[str, bytes] = {}
    _gather(root, "", found)
    return found


def _gather(folder: Traversable, prefix: str, found: dict[str, bytes]) -> None:
    for each in folder.iterdir():
        if each.is_dir():
            _gather(each, f"{prefix}{each.name}/", found)
        else:
            found[f"{prefix}{each.name}"] = each.read_bytes()


def one_page(data: str, title: str) -> str:
    """Return one page that needs nothing else.

    Args:
        data: JSON: what the page would ask a server for.
        title: What the window is called.
    """
    script, style = bundle(), static_files()["style.css"].decode()
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "img-src data:; media-src data:; base-uri 'none'; form-action 'none'"
    )
    safe = data.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        f"<title>{html.escape(title)}</title><style>{style}</style></head>"
        f'<body><script type="application/json" id="herd-data">{safe}</script>'
        f"<script>{script}</script></body></html>\n"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@functools.cache
def bundle() -> str:
    """Return all modules as one classic script, which runs from a file too."""
    sources = {
        name: content.decode() for name, content in static_files().items() if name.endswith(".js")
    }
    ordered: list[str] = []
    _order(_START, sources, ordered)
    parts = [f"M[{name!r}]=(()=>{{{_module(sources[name], name)}}})();" for name in ordered]
    script = '"use strict";(()=>{const M={};' + "\n".join(parts) + "})();"
    if "</script" in script.lower() or "<!--" in script:
        raise AssertionError("A module holds what would end its script. Write it in two pieces.")
    return script


def _order(name: str, sources: dict[str, str], ordered: list[str]) -> None:
    for _, target in _IMPORT.findall(sources[name]):
        path = _path(name, target)
        if path not in ordered:
            _order(path, sources, ordered)
    if name not in ordered:
        ordered.append(name)


def _path(name: str, target: str) -> str:
    return "/".join([*name.split("/")[:-1], target.removeprefix("./")])


def _module(source: str, name: str) -> str:
    """Return a module as the body of a function that returns its exports."""

    def imported(match: re.Match[str]) -> str:
        names = re.sub(r"\s+as\s+", ": ", match[1]).strip()
        return f"const {{{names}}}=M[{_path(name, match[2])!r}];"

    exports = [f"{found}" for _, found in _EXPORT.findall(source)]
    for listed in _LIST.findall(source):
        for each in filter(None, (part.strip() for part in listed.split(","))):
            inner, _, outer = each.partition(" as ")
            exports.append(f"{(outer or inner).strip()}:{inner.strip()}")
    body = _IMPORT.sub(imported, source)
    body = _EXPORT.sub(r"\1 \2", body)
    body = _LIST.sub("", body)
    body = re.sub(r"^//# sourceMappingURL=.*$", "", body, flags=re.MULTILINE)
    return f"{body}\nreturn {{{','.join(exports)}}};"


__all__ = ("TYPES", "bundle", "one_page", "static_files")
