"""The template of a program's arguments: ``pdftotext -layout {document} -``.

There is no shell, so a template is a list of arguments, and a placeholder is a piece of one of them:
whatever a value says, it stays inside its argument.

    {name}              text, or what its name says: {document}, {image}, {audio}, {table}, {data} …
    {name:type}         image, audio, video, document, table, text, data, integer, number, file
    {name:a|b|c}        one of these words
    {output.png}        a file that the program writes; its ending says what it is
    < {name}            what the program reads from its standard input
    {{ and }}           braces that are meant as they are: awk '{{print $1}}'
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from herd_graph.artifacts import Artifact
from herd_graph.cards import Port
from herd_graph.errors import DeclarationError, PortViolation
from herd_graph.slots import as_text
from herd_graph.types import Kind

Part = tuple[Literal["text", "input", "output"], str]
"""A literal piece of an argument, an input by its name, or the output file by its name."""
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SHELL = frozenset({"|", "||", "&&", ";", "&", ">", ">>", "2>", "2>&1", "<<", "<("})
_WORDS: dict[str, Kind] = {
    "text": Kind.TEXT,
    "image": Kind.IMAGE,
    "picture": Kind.IMAGE,
    "photo": Kind.IMAGE,
    "audio": Kind.AUDIO,
    "recording": Kind.AUDIO,
    "video": Kind.VIDEO,
    "document": Kind.DOCUMENT,
    "pdf": Kind.DOCUMENT,
    "table": Kind.TABLE,
    "data": Kind.DATA,
}
_NUMBERS = {"integer": "integer", "int": "integer", "number": "number", "float": "number"}
_INTERPRETERS = re.compile(
    r"(?:ba|da|z|k|fi|a)?sh|python[\d.]*|perl|ruby|node|deno|bun|php|lua|Rscript|osascript"
)
_CODE = re.compile(r"-\w*[ce]|--(?:eval|execute|command|expression)|-r|-p")
_LONGEST_ARGUMENT = 100_000
"""Bytes: Linux takes 128 KiB in one argument."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """A parsed template."""

    arguments: tuple[tuple[Part, ...], ...]
    ports: tuple[Port, ...]
    files: frozenset[str]
    """Inputs that are given as a file, and not as text."""
    stdin: str | None = None
    output: str | None = None
    """The name of the file that the program writes; None for its standard output."""

    @property
    def program(self) -> str:
        """The first argument."""
        return "".join(text for _, text in self.arguments[0])

    def render(self, values: Mapping[str, str], output: str) -> list[str]:
        """Return the arguments of one call.

        Args:
            values: The text, or the path of the file, for each input that was given.
            output: The path of the file that the program writes.

        Raises:
            PortViolation: A value that the program would take for an option, or cannot take.
        """
        made: list[str] = []
        ended = False
        for parts in self.arguments:
            names = [name for kind, name in parts if kind == "input"]
            if any(name not in values for name in names):
                continue  # an optional input that was not given takes its argument with it
            text = "".join(
                part if kind == "text" else values[part] if kind == "input" else output
                for kind, part in parts
            )
            first, name = parts[0] if parts else ("text", "")
            if first == "input" and not ended and name not in self.files:
                self._refuse_option(name, text)
            if "\0" in text or len(text.encode("utf-8", "replace")) > _LONGEST_ARGUMENT:
                raise PortViolation(
                    f"The value of {', '.join(map(repr, names))} cannot be an argument: it is too "
                    "long, or holds a zero byte. Expected a short text. Let the template pass it "
                    f"as a file ({{{names[0] if names else 'name'}:file}}) or by '< {{…}}'."
                )
            ended = ended or text == "--"
            made.append(text)
        return made

    def _refuse_option(self, name: str, text: str) -> None:
        port = next(each for each in self.ports if each.name == name)
        if text.startswith("-") and port.scalar not in {"integer", "number"} and not port.choices:
            raise PortViolation(
                f"The value of {name!r} begins with '-': {self.program!r} would take it for an "
                "option. Expected another value. Put '--' before the placeholder in the template, "
                f"or let the value be a file: {{{name}:file}}."
            )


def read_template(given: str | Sequence[str], ports: Mapping[str, Port] | None = None) -> Template:
    """Parse a template.

    Args:
        given: One line, split as a shell would but run without one; or a list of arguments.
        ports: Ports that are said elsewhere, by name.

    Raises:
        DeclarationError: It asks for a shell, names no program, or has a placeholder that cannot be.
    """
    words = _split(given) if isinstance(given, str) else [str(each) for each in given]
    stdin_word = None
    if isinstance(given, str) and len(words) > 2 and words[-2] == "<":
        stdin_word = words[-1]
        words = words[:-2]
    if isinstance(given, str):
        for word in words:
            if set("{}") & set(_PLACEHOLDER.sub("", word)):
                raise DeclarationError(
                    f"{given!r} holds a brace alone, in {word!r}. Expected a placeholder without "
                    "spaces, {name} or {name:type}. Write '{{' and '}}' where a program wants braces."
                )
            if word in _SHELL or word == "<":
                raise DeclarationError(
                    f"{given!r} holds {word!r}, and no shell runs it. Expected one program with its "
                    "arguments, and at most '< {name}' at the end. Chain programs as experts, or "
                    "pass the arguments as a list."
                )
    if not words or _PLACEHOLDER.search(words[0]):
        raise DeclarationError(
            f"{given!r} names no program. Expected its name first: 'pdftotext {{document}} -'."
        )
    reading = _Reading(dict(ports or {}))
    arguments = tuple(reading.parts(word) for word in words)
    _check_code(words, arguments)
    stdin = None
    if stdin_word is not None:
        parts = reading.parts(stdin_word)
        if len(parts) != 1 or parts[0][0] != "input":
            raise DeclarationError(
                f"'< {stdin_word}' is no input. Expected a placeholder alone: '< {{text}}'."
            )
        stdin = parts[0][1]
    return Template(
        arguments=arguments,
        ports=tuple(reading.found.values()),
        files=frozenset(reading.files) - ({stdin} if stdin else set()),
        stdin=stdin,
        output=reading.output,
    )


def _check_code(words: Sequence[str], arguments: Sequence[tuple[Part, ...]]) -> None:
    """Refuse a value inside a program that another one runs: it would be run, not read."""
    is_interpreter = False
    for word, following, parts in zip(words, words[1:], arguments[1:], strict=False):
        is_interpreter |= _INTERPRETERS.fullmatch(word.rpartition("/")[2]) is not None
        if not is_interpreter or not any(kind == "input" for kind, _ in parts):
            continue
        if _CODE.fullmatch(word):
            raise DeclarationError(
                f"{following!r} is code that {words[0]!r} runs, with a value inside: what the value "
                "says would be run. Expected the code alone. Pass the value as an argument after "
                "it: sh -c 'echo \"$1\"' sh {text}."
            )


class _Reading:
    def __init__(self, said: Mapping[str, Port]) -> None:
        self.said = said
        self.found: dict[str, Port] = {}
        self.files: set[str] = set()
        self.output: str | None = None

    def parts(self, word: str) -> tuple[Part, ...]:
        made: list[Part] = []
        end = 0
        for match in _PLACEHOLDER.finditer(word):
            if match.start() > end:
                made.append(("text", word[end : match.start()]))
            inside = match.group(1)
            made.append(("text", match[0][0]) if inside is None else self._placeholder(inside))
            end = match.end()
        if end < len(word) or not made:
            made.append(("text", word[end:]))
        return tuple(made)

    def _placeholder(self, inside: str) -> Part:
        if inside == "output" or inside.startswith("output."):
            if self.output not in {None, inside}:
                raise DeclarationError(
                    f"The template writes two files, {self.output!r} and {inside!r}. Expected one. "
                    "Make two experts of it."
                )
            self.output = inside
            return "output", inside
        name, _, kind = (each.strip() for each in inside.partition(":"))
        if not _NAME.fullmatch(name):
            raise DeclarationError(
                f"{{{inside}}} is no placeholder. Expected {{name}}, {{name:type}} or "
                "{output.ending}; names are lower-case letters, digits and underscores. Write "
                "'{{' and '}}' where a program wants braces."
            )
        if name not in self.found:
            port, is_file = self._port(name, kind)
            self.found[name] = port
            if is_file:
                self.files.add(name)
        return "input", name

    def _port(self, name: str, kind: str) -> tuple[Port, bool]:
        if name in self.said:
            port = self.said[name]
            return port, kind == "file" or port.kind not in {Kind.TEXT, Kind.DATA}
        if "|" in kind:
            choices = [each.strip() for each in kind.split("|")]
            return Port(name=name, kind=Kind.DATA, json_schema={"enum": [*choices]}), False
        if kind in _NUMBERS:
            return Port(name=name, kind=Kind.DATA, json_schema={"type": _NUMBERS[kind]}), False
        if kind == "file":
            return Port(name=name, kind=_WORDS.get(name, Kind.ANY)), True
        if kind and kind not in _WORDS:
            raise DeclarationError(
                f"{{{name}:{kind}}} has a type that is not known. Expected "
                f"{', '.join([*_WORDS, *_NUMBERS, 'file'])}, or words separated by '|'."
            )
        found = _WORDS[kind] if kind else _WORDS.get(name, Kind.TEXT)
        return Port(name=name, kind=found), found not in {Kind.TEXT, Kind.DATA}


def as_argument(item: Artifact) -> str:
    """Return text or data as it stands in an argument."""
    return as_text(item)


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise DeclarationError(
            f"{line!r} cannot be read: {error}. Expected a program with its arguments."
        ) from None


__all__ = ("Template", "as_argument", "read_template")
