"""Programs as experts: a typed template, run without a shell.

    herd.add("command:pdftotext -layout {document} -", description="Read the text of a PDF.")
    herd.add(command("convert {image} -resize {percent:integer}% {output.png}", name="shrink"))
    herd.add(command("jq {filter} {rows:file}", gives=Data, name="jq"))

Each call has an empty folder of its own, a small part of the environment, a limit on what it may
write, and a process group that ends with it. See ``command_template`` for the template.
"""

from __future__ import annotations

import json
import mimetypes
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from herd_graph.adapters.command_process import Finished, Limit, run
from herd_graph.adapters.command_template import Template, as_argument, read_template
from herd_graph.adapters.credentials import secrets
from herd_graph.adapters.said import Said, expert_name, read_options
from herd_graph.adapters.schemas import from_bytes
from herd_graph.adapters.sources import Source
from herd_graph.artifacts import Artifact, Text, kind_of_mime
from herd_graph.artifacts.base import class_of, decode_text, printable
from herd_graph.cards import ExpertCard, Port
from herd_graph.config import parse_size
from herd_graph.contexts import ExpertContext
from herd_graph.errors import DeclarationError, ExpertFailed, PortViolation
from herd_graph.experts import Expert, Inputs, Outputs
from herd_graph.slots import Slot, make_slot
from herd_graph.threads import in_thread
from herd_graph.types import Kind

OPTIONS = frozenset({"env", "output", "output_limit", "ok_codes"})
_PASSED = ("PATH", "HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ")
"""What a program sees of the environment, besides what ``env=`` adds."""
_TAIL_CHARS = 1000


class CommandExpert(Expert):
    """One program."""

    def __init__(
        self,
        card: ExpertCard,
        template: Template,
        gives: Slot,
        *,
        pattern: str | None,
        environment: Callable[[], dict[str, str]],
        limit: Limit,
        ok_codes: frozenset[int],
    ) -> None:
        super().__init__(card)
        self.template = template
        self.gives = gives
        self.pattern = pattern
        self.environment = environment
        self.limit = limit
        self.ok_codes = ok_codes

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Run the program in a folder of its own, and read what it made."""
        del context
        folder = await in_thread(
            lambda: Path(tempfile.mkdtemp(prefix="herd-command-")), label=self.card.id
        )
        try:
            argv, stdin = await in_thread(
                lambda: self._prepared(inputs, folder), label=self.card.id
            )
            environment = self.environment() | {"TMPDIR": str(folder)}
            done = await run(argv, stdin, folder, environment, self.limit, self.card.id)
            if done.code not in self.ok_codes:
                raise self._failed(done)
            made = await in_thread(lambda: self._made(done, folder), label=self.card.id)
            return {self.card.outputs[0].name: made}
        finally:
            # Not in a thread: a cancelled caller waits for nothing more.
            shutil.rmtree(folder, ignore_errors=True)

    def _prepared(self, inputs: Inputs, folder: Path) -> tuple[list[str], bytes | None]:
        values: dict[str, str] = {}
        stdin: bytes | None = None
        for name, given in inputs.items():
            if isinstance(given, list):
                raise PortViolation(
                    f"Input {name!r} of {self.card.id!r} is a list. Expected one value."
                )
            if name == self.template.stdin:
                stdin = given.bytes()
            elif name in self.template.files:
                values[name] = str(_written(given, folder, name))
            else:
                values[name] = as_argument(given)
        output = self.template.output or ""
        return self.template.render(values, str(folder / output)), stdin

    def _made(self, done: Finished, folder: Path) -> Artifact | list[Artifact]:
        if self.pattern is not None:
            return self._files(sorted(folder.glob(self.pattern)))
        if self.template.output is not None:
            return self._files([folder / self.template.output])
        content = done.stdout
        port = self.gives.port
        if port.kind is Kind.TEXT:
            return Text(decode_text(content, "the standard output").removesuffix("\n"))
        if port.kind is Kind.DATA:
            return self.gives.encode(self._json(content))
        if not content:
            raise ExpertFailed(
                f"Expert {self.card.id!r}: the program wrote nothing to its standard output. "
                f"Expected {port.type_name}.{_told(done.stderr)}"
            )
        return from_bytes(content, _mime_of(port), limits=None)

    def _json(self, content: bytes) -> Any:
        text = decode_text(content, "the standard output")
        try:
            return json.loads(text)
        except ValueError as error:
            raise ExpertFailed(
                f"Expert {self.card.id!r}: the program's output is not JSON ({error}): "
                f"{printable(text.strip())[:200]!r}. Expected one JSON value."
            ) from None

    def _files(self, paths: list[Path]) -> Artifact | list[Artifact]:
        made: list[Artifact] = []
        for path in paths:
            if not path.is_file() or path.is_symlink():
                raise ExpertFailed(
                    f"Expert {self.card.id!r}: the program ended well and did not write "
                    f"{path.name!r}. Expected the file. Check the template."
                )
            if path.stat().st_size > self.limit.output_bytes:
                raise self.limit.passed(self.card.id)
            mime = mimetypes.guess_type(path.name)[0] or ""
            content = path.read_bytes()
            slot = self.gives
            if slot.port.kind is Kind.DATA:
                made.append(cast("Artifact", slot.encode(self._json(content))))
            else:
                made.append(from_bytes(content, mime, path.name, limits=None))
        return made if self.gives.port.many else made[0]

    def _failed(self, done: Finished) -> ExpertFailed:
        how = f"was killed by signal {-done.code}" if done.code < 0 else f"ended with {done.code}"
        error = ExpertFailed(
            f"Expert {self.card.id!r}: {self.template.program!r} {how}.{_told(done.stderr)} "
            "Expected it to end with 0. Check what it was given."
        )
        error.retryable = done.code < 0
        return error


def command(
    template: str | Sequence[str],
    *,
    name: str | None = None,
    description: str = "",
    takes: Any = None,
    gives: Any = None,
    env: Sequence[str] | Mapping[str, str] = (),
    output: str | None = None,
    output_limit: str | int = "64 MiB",
    ok_codes: Sequence[int] = (0,),
    **facts: Any,
) -> CommandExpert:
    """Make an expert of a program.

    Args:
        template: The program with its arguments; see ``command_template``.
        name: The expert's name; by default the program's.
        description: What it does, for discovery.
        takes: The type of a placeholder, by its name, where the template does not say it.
        gives: What comes back: ``Text`` (the default), ``Data`` or a pydantic model for JSON,
            ``Image`` … by the ending of ``{output.png}``, or ``list[Image]`` with ``output``.
        env: Names of variables that the program also sees, or variables with values
            (``env:NAME`` reads one).
        output: A pattern for the files that it writes into its folder: ``page-*.png``.
        output_limit: The most that it may write, to standard output or into one file.
        ok_codes: Exit codes that are no failure.
        facts: What a card can say besides: ``timeout_s``, ``approve``, ``tags`` …

    Raises:
        DeclarationError: The template cannot be, or the program is not installed.
    """
    if not isinstance(template, str | list | tuple):
        raise DeclarationError(
            f"{template!r:.80} is no template. Expected a line such as 'pdftotext {{document}} -', or "
            "a list of arguments."
        )
    options = {"name": name, "description": description, "takes": takes, "gives": gives, **facts}
    options = {key: value for key, value in options.items() if value is not None and value != ""}
    label = template if isinstance(template, str) else " ".join(map(str, template))
    said, _ = read_options(f"command:{label}", options)
    return _expert(template, said, env, output, output_limit, ok_codes)


async def source_of(given: object, **options: Any) -> Source:
    """Return the expert for a template; see ``command`` for the options.

    Raises:
        DeclarationError: The template cannot be, or the program is not installed.
    """
    if not isinstance(given, str):
        raise DeclarationError(
            f"{given!r:.80} is no template. Expected 'command:program {{text}}'."
        )
    said, own = read_options(f"command:{given}", options, OPTIONS)
    expert = _expert(
        given,
        said,
        own.get("env") or (),
        own.get("output"),
        own.get("output_limit") or "64 MiB",
        own.get("ok_codes") or (0,),
    )
    return Source(name=said.reference, experts=(expert,))


def _expert(
    given: str | Sequence[str],
    said: Said,
    env: Sequence[str] | Mapping[str, str],
    output: str | None,
    output_limit: str | int,
    ok_codes: Sequence[int],
) -> CommandExpert:
    ports = {slot.port.name: slot.port for slot in said.takes or ()}
    template = read_template(given, ports)
    for name in ports:
        if name not in {each.name for each in template.ports}:
            raise DeclarationError(
                f"takes= names {name!r}, and {said.reference!r} has no placeholder {{{name}}}. "
                "Expected one for each input."
            )
    program = template.program
    if shutil.which(program) is None:
        raise DeclarationError(
            f"The program {program!r} of {said.reference!r} is not found. Expected a program on "
            "PATH, or the path of one. Install it, or write its whole path."
        )
    slot = _gives(said, template, output)
    shown = " ".join(
        "".join(f"{{{p}}}" if k != "text" else p for k, p in a) for a in template.arguments
    )
    card = said.card(
        name=expert_name(Path(program).name),
        description=f"Run {shown}.",
        inputs=template.ports,
        outputs=(slot.port,),
        tags=("command",),
        deterministic=False,
    )
    return CommandExpert(
        card,
        template,
        slot,
        pattern=output,
        environment=lambda: _environment(env),
        limit=Limit(output_bytes=parse_size(output_limit)),
        ok_codes=frozenset(ok_codes),
    )


def _gives(said: Said, template: Template, pattern: str | None) -> Slot:
    if said.gives:
        slot = said.gives[0]
    elif template.output is not None or pattern is not None:
        mime = mimetypes.guess_type(template.output or pattern or "")[0]
        kind = class_of(kind_of_mime(mime)) if mime else Artifact
        annotation: Any = list[kind] if pattern is not None else kind  # type: ignore[valid-type]
        slot = make_slot("result", annotation, f"the result of {said.reference!r}")
    else:
        slot = make_slot("result", str, "the result")
    if slot.port.many and pattern is None:
        raise DeclarationError(
            f"gives= of {said.reference!r} is a list, and one thing comes back. Expected "
            "output='pattern-*' with it: the files that the program writes."
        )
    return slot


def _environment(added: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    found = {name: os.environ[name] for name in _PASSED if name in os.environ}
    if isinstance(added, Mapping):
        return found | secrets(added, "Variable")
    return found | {name: os.environ[name] for name in added if name in os.environ}


def _written(item: Artifact, folder: Path, name: str) -> Path:
    """Write an input into the call's folder: the store's own file is never shown to a program."""
    ending = Path(item.name).suffix or mimetypes.guess_extension(item.mime) or ""
    if not ending.isascii() or not ending[1:].isalnum():
        ending = ""
    path = folder / f"{name}{ending}"
    path.write_bytes(item.bytes())
    return path


def _mime_of(port: Port) -> str:
    return next((each for each in port.mime if "*" not in each), "")


def _told(stderr: bytes) -> str:
    text = printable(stderr.decode("utf-8", "replace").strip())[-_TAIL_CHARS:]
    end = "" if text.endswith((".", "!", "?")) else "."
    return f" It said: {text}{end}" if text else ""


__all__ = ("OPTIONS", "CommandExpert", "command", "source_of")
