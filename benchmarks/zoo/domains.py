"""Real text domains from what a Linux machine with Python has anyway: nothing is downloaded.

Near ones on purpose: Romance manual pages, C beside C++ headers, Python beside its stubs and Cython.
Texts are split by document, never by chunk. Licences differ, so none of it is kept in the project.
"""

from __future__ import annotations

import gzip
import re
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

MAN = Path("/usr/share/man")
STDLIB = Path(sysconfig.get_paths()["stdlib"])
PACKAGES = Path(sysconfig.get_paths()["purelib"])
_ROFF = re.compile(r"^[.'].*$|\\f.|\\-|\\&", re.MULTILINE)


def _manual(*folders: str) -> Iterator[str]:
    for folder in folders:
        for path in sorted((MAN / folder).glob("*.gz")):
            if path.is_file() and not path.is_symlink():
                raw = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
                yield _ROFF.sub("", raw)


def _files(root: Path, pattern: str, most: int = 3000) -> Iterator[str]:
    for path in sorted(root.rglob(pattern))[:most] if root.is_dir() else ():
        if path.is_file():
            try:
                raw = (
                    gzip.decompress(path.read_bytes())
                    if path.suffix == ".gz"
                    else path.read_bytes()
                )
                yield raw.decode()
            except (OSError, UnicodeDecodeError):
                continue


def _pydoc() -> Iterator[str]:
    from pydoc_data.topics import topics

    yield from topics.values()


def _pods(root: Path) -> Iterator[str]:
    for text in _files(root, "*.pod"):
        yield re.sub(r"[A-Z]<+\s?([^>]*?)\s?>+", r"\1", text)


SOURCES: dict[str, Callable[[], Iterator[str]]] = {
    "man_user": lambda: _manual("man1"),
    "man_dev": lambda: _manual("man2", "man3"),
    "man_admin": lambda: _manual("man8", "man5"),
    "man_de": lambda: _manual("de/man1", "de/man8"),
    "man_fr": lambda: _manual("fr/man1", "fr/man8"),
    "man_es": lambda: _manual("es/man1", "es/man8"),
    "man_it": lambda: _manual("it/man1", "it/man8"),
    "man_pt": lambda: _manual("pt/man1", "pt_BR/man1", "pt_BR/man8"),
    "man_pl": lambda: _manual("pl/man1", "pl/man8"),
    "man_nl": lambda: _manual("nl/man1", "nl/man8"),
    "python_code": lambda: _files(STDLIB, "[a-m]*.py", 400),
    "python_stubs": lambda: _files(PACKAGES, "*.pyi", 800),
    "cython": lambda: _files(PACKAGES / "sklearn", "*.p*x*"),
    "c_headers": lambda: _files(Path("/usr/include/linux"), "*.h"),
    "cpp_headers": lambda: _files(Path("/usr/include/c++"), "*.h"),
    "perl_code": lambda: _files(Path("/usr/share/perl"), "*.pm", 500),
    "perl_doc": lambda: _pods(Path("/usr/share/perl")),
    "changelogs": lambda: _files(Path("/usr/share/doc"), "changelog*.gz"),
    "licences": lambda: _files(Path("/usr/share/doc"), "copyright"),
    "pydoc": _pydoc,
    "javascript": lambda: _files(PACKAGES, "*.js", 300),
}
"""Where each domain's documents come from; 21, as many as HDEE evaluates."""


def documents(name: str, *, most: int = 300_000, shortest: int = 400) -> list[str]:
    """Return a domain's documents, up to ``most`` characters in all; none where it is not here."""
    found: list[str] = []
    size = 0
    seen: set[int] = set()
    for text in SOURCES[name]():
        cleaned = re.sub(r"[ \t]+", " ", re.sub(r"\n{3,}", "\n\n", text)).strip()[:20_000]
        if len(cleaned) < shortest or hash(cleaned[:200]) in seen:
            continue
        seen.add(hash(cleaned[:200]))
        found.append(cleaned)
        size += len(cleaned)
        if size >= most:
            break
    return found


def split(texts: list[str]) -> dict[str, list[str]]:
    """Split by document: of seven, five to train, one for development, one to test."""
    parts: dict[str, list[str]] = {"train": [], "dev": [], "test": []}
    for index, text in enumerate(texts):
        parts[{5: "dev", 6: "test"}.get(index % 7, "train")].append(text)
    return parts
