"""``python:package.module:name``: an expert, a workflow or a function by where it is written.

This is how ``herd.toml`` names what is Python. A file works too: ``python:./mine.py:shorten``.
Naming a module runs it, as importing it does: name only what you trust.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from herd_graph.adapters.said import FACTS
from herd_graph.adapters.sources import Source
from herd_graph.errors import DeclarationError, suggest
from herd_graph.experts import Expert
from herd_graph.function_experts import expert
from herd_graph.threads import in_thread

_WRAPPING = FACTS | {"isolate", "memory_limit"}
"""What ``@expert`` takes."""


async def source_of(given: str, **options: Any) -> Source:
    """Return what a reference names.

    Args:
        given: ``package.module:name``, or ``path/to/file.py:name``; the name may have dots.
        options: For a function or class: what ``@expert`` takes. For a foreign object: what its
            adapter takes. An expert has its card, and takes none.

    Raises:
        DeclarationError: It cannot be imported, or is nothing that can be an expert.
    """
    reference = f"python:{given}"
    place, _, name = given.rpartition(":")
    if not place or not name:
        raise DeclarationError(
            f"{reference!r} names no object. Expected python:package.module:name, or "
            "python:./file.py:name."
        )
    found = await in_thread(lambda: _named(place, name, reference), label="import")
    return await _adapted(found, reference, options)


async def _adapted(found: Any, reference: str, options: dict[str, Any]) -> Source:
    several = isinstance(found, list | tuple)
    experts = cast("Sequence[Any]", found) if several else (found,)
    if experts and all(isinstance(each, Expert) for each in experts):
        if options:
            raise DeclarationError(
                f"{reference!r} is an expert, whose card says everything already. Expected no "
                f"{', '.join(map(repr, options))}. Change its declaration, or leave them out."
            )
        return Source(name=reference, experts=tuple(experts))
    if inspect.isfunction(found) or (inspect.isclass(found) and "__call__" in vars(found)):
        unknown = [name for name in options if name not in _WRAPPING]
        if unknown:
            raise DeclarationError(
                f"{reference!r} has no option {unknown[0]!r}. "
                f"{suggest(unknown[0], _WRAPPING, what='Options')}"
            )
        return Source(name=reference, experts=(expert(**options)(found),))
    from herd_graph.adapters import adapt, adaptable

    if not adaptable(found) or isinstance(found, str):
        raise DeclarationError(
            f"{reference!r} is {type(found).__name__!r}. Expected an expert, a @workflow, a list of "
            "these, an annotated function, or an object that an adapter takes."
        )
    return await adapt(found, **options)


def _named(place: str, name: str, reference: str) -> Any:
    found: Any = _module(place, reference)
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            known = [each for each in dir(found) if not each.startswith("_")]
            raise DeclarationError(
                f"{reference!r} names {part!r}, which is not there. "
                f"{suggest(part, known, what='There are')}"
            ) from None
    return found


def _module(place: str, reference: str) -> ModuleType:
    try:
        if place.endswith(".py"):
            return _from_file(Path(place).expanduser(), reference)
        return importlib.import_module(place)
    except DeclarationError:
        raise
    except ModuleNotFoundError as error:
        if error.name and (place == error.name or place.startswith(f"{error.name}.")):
            raise DeclarationError(
                f"{reference!r} names a module that is not installed: {error.name!r}. Expected one "
                "that Python finds from here. Install it, or name its file: python:./file.py:name."
            ) from None
        raise _broken(reference, error) from error
    except Exception as error:
        raise _broken(reference, error) from error


def _from_file(path: Path, reference: str) -> ModuleType:
    """Import a file, once, under a name that isolated workers can be told."""
    if not path.is_file():
        raise DeclarationError(
            f"{reference!r} names a file that does not exist. Expected one at "
            f"{str(path.absolute())!r}."
        )
    resolved = path.resolve()
    name = f"{resolved.stem}_{hashlib.sha256(str(resolved).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, resolved)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickles look their module up while it runs
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _broken(reference: str, error: Exception) -> DeclarationError:
    return DeclarationError(
        f"{reference!r} cannot be imported: {type(error).__name__}: {error}. Expected a module that "
        "runs. Import it by hand to see where it fails."
    )


__all__ = ("source_of",)
