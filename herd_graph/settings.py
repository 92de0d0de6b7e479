"""``herd.toml``: a herd for people who configure.

    [herd]
    home = ".herd"
    memory = "4 GiB"
    budget = { usd = 0.5, seconds = 120 }

    [models]
    fast = "litellm:openai/gpt-5-mini"

    [[experts]]
    ref = "fast"
    name = "gpt"
    api_key = "env:OPENAI_API_KEY"

It is found in the current folder or above it, or named by ``HERD_CONFIG``. What a program passes, and
what the environment says, comes first. Paths in it are relative to the file. Adding what it names
can run programs and import code, so a file that belongs to another user is refused.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from herd_graph.budgets import Budget
from herd_graph.config import Config, parse_size
from herd_graph.coordination.checks import Checking
from herd_graph.errors import ConfigError, DeclarationError, HerdError, MissingExtra, suggest
from herd_graph.routing.completing import LiteLLMCompletion

if TYPE_CHECKING:
    from herd_graph.routing.base import Router

NAME = "herd.toml"
_PATHS = ("hf:", "python:", "openapi:")
"""References whose rest may be a path."""
_SECRETS = ("api_key", "token", "password", "secret")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HerdTable(_Table):
    """``[herd]``: what the herd itself is set up with."""

    home: str = ""
    store: str = ""
    """Where artifacts live: a folder, or an fsspec URL."""
    memory: str | int | None = None
    router: str | None = None
    budget: Budget | None = None
    folders: tuple[str, ...] = ()
    """Folders that attachments may come from."""
    embedded: bool = True
    """Whether the first-party experts and plugins are there too."""
    max_in_flight: int | None = Field(default=None, ge=1)
    checks: Literal["off", "default", "thorough"] | None = None
    """How much of what experts give is checked."""
    select: str | dict[str, str] | None = None
    """How the candidates of a step are called: for all, or by expert or tag."""


class ExpertTable(BaseModel):
    """``[[experts]]``: a reference, and whatever its adapter takes."""

    model_config = ConfigDict(extra="allow", frozen=True)

    ref: str
    replace: bool = False

    @property
    def options(self) -> dict[str, Any]:
        """What goes to the adapter."""
        return dict(self.model_extra or {})


class RecordingTable(_Table):
    """``[recording]``: what is kept of runs."""

    keep: str = ""
    """What ``herd runs prune`` keeps: ``"30 days"``, ``"2 GB"``, ``"100 runs"``, or several."""
    record: Literal["full", "metadata"] = "full"
    """What files that runs are recorded into hold, where nothing else is said."""


class Settings(_Table):
    """What a ``herd.toml`` says."""

    herd: HerdTable = HerdTable()
    models: dict[str, str | ExpertTable] = {}
    """Names for references, so that one line changes what several experts use."""
    experts: tuple[ExpertTable, ...] = ()
    serve: dict[str, Any] = {}
    """For ``herd serve``."""
    recording: RecordingTable = RecordingTable()
    rules: tuple[dict[str, Any], ...] = ()
    """Which experts a router must or must not choose; see ``routing.rules``."""
    _path: Path = PrivateAttr(default=Path(NAME))

    @property
    def path(self) -> Path:
        """The file that it was read from."""
        return self._path

    def config(self) -> Config:
        """Return where things live and which limits hold; the environment comes first."""
        found = Config.from_environment()
        if self.herd.home and not os.environ.get("HERD_HOME"):
            found = replace(found, home=self._at(self.herd.home))
        if self.herd.folders and not found.folders:
            found = replace(found, folders=tuple(self._at(each) for each in self.herd.folders))
        return found

    def arguments(self) -> dict[str, Any]:
        """Return what ``Herd(…)`` is made with."""
        table = self.herd
        store = table.store and (table.store if "://" in table.store else self._at(table.store))
        said = {
            "config": self.config(),
            "store": store or None,
            "memory": table.memory,
            "router": table.router or self._planner(),
            "budget": table.budget,
            "max_in_flight": table.max_in_flight,
            "checks": self._checks(),
            "select": table.select,
        }
        return {name: value for name, value in said.items() if value is not None}

    def ruled(self, router: Router | str | None) -> Router | str | None:
        """Return a router held to ``[[rules]]``, where there are any. Raises ``ConfigError``."""
        if not self.rules:
            return router
        from herd_graph.routing.registry import default_router
        from herd_graph.routing.rules import RuleRouter

        return RuleRouter(router or default_router(), self.rules)

    def _checks(self) -> Checking | None:
        """Return how much is checked, with ``[models]`` judge and writer where there are any."""
        judge, writer = self._completion("judge"), self._completion("writer")
        if judge is None and writer is None and self.herd.checks is None:
            return None
        return Checking(level=self.herd.checks or "default", judge=judge, writer=writer)

    def _completion(self, role: str) -> LiteLLMCompletion | None:
        """Return the model of ``[models]`` that has a role."""
        named = self.models.get(role)
        if named is None:
            return None
        reference = named.ref if isinstance(named, ExpertTable) else named
        options = named.options if isinstance(named, ExpertTable) else {}
        return LiteLLMCompletion(
            model=reference.removeprefix("litellm:"), api_base=options.get("api_base")
        )

    def _planner(self) -> str | None:
        """Return the cascade over ``[models] planner``, where there is one: asked only in doubt."""
        named = self.models.get("planner")
        if named is None:
            return None
        reference = named.ref if isinstance(named, ExpertTable) else named
        return f"cascade:{reference.removeprefix('litellm:')}"

    def expert(self, table: ExpertTable) -> tuple[str, dict[str, Any]]:
        """Return an expert's reference and options; names of models are resolved."""
        options = table.options
        reference = table.ref
        named = self.models.get(reference)
        if isinstance(named, ExpertTable):
            reference, options = named.ref, {**named.options, **options}
        elif named is not None:
            reference = named
        for scheme in _PATHS:
            rest = reference.removeprefix(scheme)
            if reference.startswith(scheme) and rest.startswith(("./", "../")):
                reference = f"{scheme}{self._at(rest)}"
        return reference, options

    def _at(self, path: str) -> Path:
        return Path(os.path.normpath(self._path.parent / Path(path).expanduser()))


class Adds(Protocol):
    """What a herd needs to be filled."""

    unavailable: dict[str, str]

    async def aadd(self, *given: object, replace: bool = False, **options: Any) -> None:
        """Register experts."""
        ...


async def fill(herd: Adds, settings: Settings) -> None:
    """Add the experts that a file names.

    One that cannot be reached, or whose library is missing, stops no other: ``herd.unavailable`` says
    why.

    Raises:
        ConfigError: An entry that cannot be right, with its place in the file.
    """
    for number, table in enumerate(settings.experts):
        reference, options = settings.expert(table)
        where = f"{settings.path}: experts[{number}] ({table.ref!r})"
        for name, value in options.items():
            if name in _SECRETS and isinstance(value, str) and not value.startswith("env:"):
                raise ConfigError(
                    f"{where}: {name} is written into the file. Expected 'env:NAME': files are "
                    f"copied and shared. Put it into a variable, and write {name} = 'env:NAME'."
                )
        try:
            await herd.aadd(reference, replace=table.replace, **options)
        except MissingExtra as error:
            herd.unavailable[_label(table)] = str(error)
        except (DeclarationError, ConfigError) as error:
            raise ConfigError(f"{where}: {error}") from error
        except HerdError as error:
            if type(error).__name__ == "ExpertExists":
                raise ConfigError(
                    f"{where}: {error} Here: name = '…', or replace = true."
                ) from error
            herd.unavailable[_label(table)] = str(error)
        except Exception as error:  # a server that is not there, in its library's own words
            herd.unavailable[_label(table)] = f"{type(error).__name__}: {error}"


def left_out(settings: Settings | None, unavailable: Mapping[str, str]) -> dict[str, str]:
    """Return which of a file's experts are not there, with the reason."""
    named = [] if settings is None else [_label(each) for each in settings.experts]
    return {name: unavailable[name] for name in named if name in unavailable}


def _label(table: ExpertTable) -> str:
    return str(table.options.get("name") or table.ref)


def find(path: str | os.PathLike[str] | None = None) -> Path | None:
    """Return the file to read: ``path``, ``HERD_CONFIG``, or the nearest from here upwards.

    An empty ``HERD_CONFIG`` means none.

    Raises:
        ConfigError: The file that is named does not exist; the one that is found is another user's.
    """
    named = os.environ.get("HERD_CONFIG") if path is None else os.fspath(path)
    if named is not None:
        if not named:
            return None
        found = Path(named).expanduser()
        if not found.is_file():
            raise ConfigError(
                f"{str(found)!r} does not exist. Expected a {NAME}. Correct the path (HERD_CONFIG?)."
            )
        return found.absolute()
    here = Path.cwd()
    for folder in (here, *here.parents):
        found = folder / NAME
        if found.is_file():
            _trust(found)
            return found
    return None


def read(path: str | os.PathLike[str] | None = None) -> Settings | None:
    """Return what the file says; None where there is none. Raises ``ConfigError``."""
    found = find(path)
    if found is None:
        return None
    try:
        said = tomllib.loads(found.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{found}: {error}. Expected TOML in UTF-8.") from None
    herd = said.get("herd")
    if isinstance(herd, dict):
        table = cast("dict[str, Any]", herd)
        if isinstance(table.get("budget"), str):
            table["budget"] = _checked(found, "herd.budget", Budget.parse, table["budget"])
        if table.get("memory") is not None:
            _checked(found, "herd.memory", parse_size, table["memory"])
    try:
        settings = Settings.model_validate(said)
    except ValidationError as error:
        raise ConfigError(_told(found, error)) from None
    except ConfigError as error:  # a budget says itself what is wrong with it
        raise ConfigError(f"{found}: herd.budget: {error}") from None
    settings._path = found
    return settings


def configured(path: str | os.PathLike[str] | None = None) -> Config:
    """Return where things live: by the environment, else by the file, else by default."""
    settings = read(path)
    return Config.from_environment() if settings is None else settings.config()


def _checked(path: Path, key: str, check: Any, value: Any) -> Any:
    try:
        return check(value)
    except ConfigError as error:
        raise ConfigError(f"{path}: {key}: {error}") from None


def _trust(path: Path) -> None:
    """Refuse a file that somebody else may have put there: reading it can run programs."""
    if not hasattr(os, "geteuid"):
        return
    about = path.stat()
    if about.st_uid not in {os.geteuid(), 0} or about.st_mode & 0o002:
        raise ConfigError(
            f"{path} belongs to another user, or everybody may write to it. Expected a file of your "
            "own: it can name programs to run. Name it by HERD_CONFIG if you trust it, or set "
            "HERD_CONFIG to nothing to go without."
        )


def _told(path: Path, error: ValidationError) -> str:
    """Return every problem, with its place in the file."""
    lines: list[str] = []
    for each in error.errors():
        where = _place(each["loc"])
        if each["type"] == "extra_forbidden":
            name = str(each["loc"][-1])
            known = _known(each["loc"][:-1])
            said = f"there is no such key. {suggest(name, known, what='There are')}"
        else:
            said = f"{each['msg']}, not {each.get('input')!r:.60}"
        lines.append(f"{where}: {said}")
    return f"{path}: {'; '.join(lines)}"


def _place(location: tuple[int | str, ...]) -> str:
    """Return ``experts[1].ref`` for a path into the file."""
    made = ""
    for part in location:
        if isinstance(part, int):
            made += f"[{part}]"
        elif part not in {"str", "ExpertTable"}:  # pydantic's names for the sides of a union
            made += f".{part}" if made else str(part)
    return made


def _known(location: tuple[int | str, ...]) -> list[str]:
    tables: Mapping[tuple[int | str, ...], type[BaseModel]] = {
        (): Settings,
        ("herd",): HerdTable,
        ("herd", "budget"): Budget,
    }
    model = tables.get(location)
    return [] if model is None else list(model.model_fields)


__all__ = ("ExpertTable", "HerdTable", "Settings", "configured", "fill", "find", "left_out", "read")
