"""Prompt templates: Markdown with front matter, loaded by name and version.

    ---
    name: summarise
    version: "1"
    description: Shorten a text.
    inputs:
      text: What to shorten.
      sentences: {description: How many to keep, default: 2}
    ---
    # System
    You shorten texts.

    # User
    Shorten this to {{sentences}} sentences:

    {{text}}

A placeholder is a declared input in double braces. Values are put in during one pass over the
template, so that nothing inside a value is ever taken for a placeholder, a heading or front matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, TypedDict, cast

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from herd_graph.config import home
from herd_graph.errors import ConfigError, suggest

Role = Literal["system", "user", "assistant"]
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{\{[ \t]*([A-Za-z_]\w*)[ \t]*\}\}")
_HEADING = re.compile(r"^#[ \t]+(system|user|assistant)[ \t]*$", re.IGNORECASE | re.MULTILINE)


class Message(TypedDict):
    """One message of a chat, as OpenAI-compatible models take it."""

    role: Role
    content: str


class PromptInput(BaseModel):
    """One declared input of a prompt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str = ""
    default: str | int | float | bool | None = None
    """None: it must be given."""


class Prompt(BaseModel):
    """One version of one prompt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str = "1"
    description: str = ""
    inputs: dict[str, PromptInput] = {}
    body: str
    source: str = ""
    """The file that it was read from: for people."""

    @field_validator("version", mode="before")
    @classmethod
    def _plain_version(cls, version: object) -> str:
        return str(version)

    @field_validator("inputs", mode="before")
    @classmethod
    def _short_form(cls, inputs: object) -> object:
        if not isinstance(inputs, Mapping):
            return inputs or {}
        declared = cast("Mapping[str, object]", inputs)
        return {
            name: {"description": value} if isinstance(value, str) else value or {}
            for name, value in declared.items()
        }

    @classmethod
    def parse(cls, text: str, source: str = "the prompt") -> Prompt:
        """Read a template with its front matter. Raises ``ConfigError``."""
        found = _FRONT.match(text.removeprefix("\ufeff"))
        if found is None:
            raise ConfigError(
                f"{source!r} has no front matter. Expected a first line '---', then name, version "
                "and inputs, then '---' again. Add it at the top of the file."
            )
        yaml: Any = import_module("yaml")

        try:
            fields: Any = yaml.safe_load(found.group(1))
            body = text.removeprefix("\ufeff")[found.end() :].strip()
            prompt = cls.model_validate({**(fields or {}), "body": body, "source": source})
        except (yaml.YAMLError, ValidationError, TypeError) as error:
            raise ConfigError(
                f"The front matter of {source!r} cannot be read: {error}. Expected name, version, "
                "description and inputs. Correct it."
            ) from error
        prompt._agree()
        return prompt

    def _agree(self) -> None:
        """Check that placeholders and declared inputs are the same, so that no typo gets through."""
        used = set(_PLACEHOLDER.findall(self.body))
        for name in sorted(used - set(self.inputs)):
            raise ConfigError(
                f"{self.source!r} uses {{{{{name}}}}}, which its front matter does not declare. "
                f"{suggest(name, self.inputs, what='Declared')} Declare it under 'inputs'."
            )
        for name in sorted(set(self.inputs) - used):
            raise ConfigError(
                f"{self.source!r} declares the input {name!r} and never uses it. Expected "
                f"{{{{{name}}}}} in the text. Use it, or take it out of 'inputs'."
            )

    @property
    def id(self) -> str:
        """``name@version``."""
        return f"{self.name}@{self.version}"

    def render(self, **values: object) -> str:
        """Return the text with every value put in, headings included. Raises ``ConfigError``."""
        return self._fill(self.body, self._complete(values))

    def messages(self, **values: object) -> list[Message]:
        """Return a message for each ``# System``, ``# User`` and ``# Assistant`` section.

        A template without such headings is one user message. The template is divided before
        values are put in: a value cannot open a section.
        """
        complete = self._complete(values)
        parts = _HEADING.split(self.body)
        if len(parts) == 1:
            return [{"role": "user", "content": self._fill(self.body, complete).strip()}]
        made: list[Message] = []
        for role, content in zip(parts[1::2], parts[2::2], strict=True):
            text = self._fill(content, complete).strip()
            made.append({"role": cast("Role", role.lower()), "content": text})
        return made

    def _complete(self, values: Mapping[str, object]) -> dict[str, str]:
        for name in values:
            if name not in self.inputs:
                raise ConfigError(
                    f"Prompt {self.id!r} has no input {name!r}. "
                    f"{suggest(name, self.inputs, what='Its inputs')}"
                )
        complete: dict[str, str] = {}
        for name, declared in self.inputs.items():
            value = values.get(name, declared.default)
            if value is None:
                raise ConfigError(
                    f"Prompt {self.id!r} needs {name!r} ({declared.description or 'no default'}). "
                    f"Expected a value for it: render({name}=…)."
                )
            complete[name] = str(value)
        return complete

    @staticmethod
    def _fill(template: str, values: Mapping[str, str]) -> str:
        return _PLACEHOLDER.sub(lambda found: values[found.group(1)], template)


class Prompts:
    """The prompts of several folders; an earlier folder wins for the same name and version.

    Args:
        folders: By default the user's (``HERD_HOME/prompts``), then the ones that ship with HERD.
    """

    def __init__(self, *folders: Path) -> None:
        self._folders = folders or _usual_folders()
        self._found: dict[str, Prompt] | None = None

    def load(self, spec: str) -> Prompt:
        """Return a prompt by ``name`` (its latest version) or ``name@version``.

        Raises:
            ConfigError: No folder has it (with the nearest name), or a file cannot be read.
        """
        known = self._read()
        if spec in known:
            return known[spec]
        versions = [each for each in known.values() if each.name == spec]
        if versions:
            return max(versions, key=lambda each: _version_key(each.version))
        listed = known if "@" in spec else {each.name for each in known.values()}
        folders = ", ".join(repr(str(each)) for each in self._folders)
        raise ConfigError(
            f"There is no prompt {spec!r} in {folders}. {suggest(spec, listed, what='There are')}"
        )

    def __iter__(self) -> Iterator[Prompt]:
        return iter(sorted(self._read().values(), key=lambda each: each.id))

    def _read(self) -> dict[str, Prompt]:
        if self._found is None:
            self._found = {}
            for folder in self._folders:
                for path in sorted(folder.glob("*.md")):
                    prompt = _read_file(path)
                    self._found.setdefault(prompt.id, prompt)
        return self._found


def _read_file(path: Path) -> Prompt:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"Prompt file {str(path)!r} cannot be read: {error}. Expected UTF-8 text."
        ) from error
    return Prompt.parse(text, str(path))


def _usual_folders() -> tuple[Path, ...]:
    from herd_graph._bundled import folder

    return (home() / "prompts", folder("prompts"))


def _version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    parts = re.findall(r"\d+|[A-Za-z]+", version)
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)
