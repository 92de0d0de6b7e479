"""What every artifact can do, and the kinds that need no decoder: text, data, documents, video.

An artifact is made from content (bytes, a string, a value), from a file, or from a reference and a
store. Nothing is read, decoded or hashed before somebody asks for it.
"""

from __future__ import annotations

import base64
import functools
import html
import json
import mimetypes
import os
import tempfile
import unicodedata
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar, cast

from pydantic import ConfigDict, TypeAdapter

from herd_graph.artifacts.sureness import stretches
from herd_graph.config import Limits
from herd_graph.errors import ArtifactUnreadable, DeclarationError
from herd_graph.store import ArtifactStore, digest
from herd_graph.types import INLINE_BYTES, ArtifactRef, Kind, Provenance

T = TypeVar("T")

SHOWN_BYTES = 2 << 20
"""Of a recording or a video that a notebook holds; a larger one is described."""
_classes: dict[Kind, type[Artifact]] = {}


class Artifact:
    """A typed payload: MIME type, content hash, provenance; decoded on demand.

    Args:
        source: ``bytes`` for content, or a path to a file.
        mime: The MIME type; guessed from the name, else the kind's own, where it is not given.
        name: A file name for people.
        provenance: Where it comes from; set by the engine for what experts give.
    """

    kind: ClassVar[Kind]
    default_mime: ClassVar[str] = "application/octet-stream"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "kind" in cls.__dict__:
            _classes[cls.kind] = cls

    def __init__(
        self,
        source: bytes | str | os.PathLike[str],
        *,
        mime: str | None = None,
        name: str = "",
        provenance: Provenance | None = None,
    ) -> None:
        self._content: bytes | None = None
        self._path: Path | None = None
        self._ref: ArtifactRef | None = None
        self._store: ArtifactStore | None = None
        if isinstance(source, bytes):
            self._content = source
        else:
            self._path = Path(source)
            name = name or self._path.name
        self.name = name.encode("utf-8", "replace").decode()  # a path may hold any bytes
        self.mime = mime or self._guess_mime(name)
        self.provenance = provenance or Provenance()

    def _guess_mime(self, name: str) -> str:
        guessed = mimetypes.guess_type(name)[0]
        family = self.default_mime.split("/", 1)[0]
        fits = guessed is not None and (
            guessed.startswith(f"{family}/") or self.kind in {Kind.DOCUMENT, Kind.TABLE, Kind.DATA}
        )
        return guessed if guessed is not None and fits else self.default_mime

    @classmethod
    def from_ref(cls, ref: ArtifactRef, store: ArtifactStore) -> Self:
        """Return the artifact that ``ref`` names; its bytes are fetched when they are needed."""
        made = cls.__new__(cls)
        made._content = ref.inline.encode() if ref.inline is not None else None
        made._path = None
        made._ref = ref
        made._store = store
        made.name, made.mime, made.provenance = ref.name, ref.mime, ref.provenance
        return made

    def bytes(self) -> bytes:
        """Return the content. Raises ``ArtifactNotFound`` or ``ArtifactUnreadable``."""
        if self._content is None:
            if self._path is not None:
                try:
                    self._content = self._path.read_bytes()
                except OSError as error:
                    raise ArtifactUnreadable(
                        f"{str(self._path)!r} cannot be read: {error.strerror or error}. Expected "
                        f"a readable file with {self.kind} content. Check the path."
                    ) from error
            else:
                assert self._store is not None
                assert self._ref is not None
                return self._store.get(self._ref.id)  # not kept: it may be large, and is local
        return self._content

    def path(self) -> Path:
        """Return a local file with the content, for libraries that want one.

        A file that is made for this goes away with the artifact: keep that while it is in use.
        """
        if self._path is not None:
            return self._path
        if self._store is not None and self._ref is not None and self._store.holds(self._ref.id):
            return self._store.local_path(self._ref.id)
        suffix = Path(self.name).suffix or mimetypes.guess_extension(self.mime) or ""
        handle, path = tempfile.mkstemp(prefix="herd-", suffix=suffix)
        with os.fdopen(handle, "wb") as writer:
            writer.write(self.bytes())
        self._path = Path(path)
        weakref.finalize(self, self._path.unlink, missing_ok=True)
        return self._path

    def put(self, store: ArtifactStore, provenance: Provenance | None = None) -> ArtifactRef:
        """Keep the content in ``store`` and return a reference to it."""
        if self._ref is not None and self._store is store:
            ref = self._ref
        elif self._content is None and self._path is not None:
            key, size = store.put_file(self._path)
            ref = self._make_ref(key, size, None)
            self._path = None
        else:
            content = self.bytes()
            inline = self._inline(content)
            key = digest(content) if inline is not None else store.put(content)
            ref = self._make_ref(key, len(content), inline)
        if provenance is not None and ref.provenance != provenance:
            ref = ref.model_copy(update={"provenance": provenance})
        self._ref, self._store, self.provenance = ref, store, ref.provenance
        return ref

    def _make_ref(self, key: str, size: int, inline: str | None) -> ArtifactRef:
        return ArtifactRef(
            id=key,
            kind=self.kind,
            mime=self.mime,
            size=size,
            name=self.name,
            inline=inline,
            provenance=self.provenance,
        )

    def _inline(self, content: bytes) -> str | None:
        del content
        return None

    @property
    def id(self) -> str:
        """The sha256 of the content, in hex."""
        return self._ref.id if self._ref is not None else digest(self.bytes())

    @property
    def size(self) -> int:
        """The content's length in bytes."""
        if self._ref is not None:
            return self._ref.size
        if self._content is None and self._path is not None:
            try:
                return self._path.stat().st_size
            except OSError:
                return len(self.bytes())  # says what is wrong with the file
        return len(self.bytes())

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the content to ``path`` and return it."""
        target = Path(path)
        target.write_bytes(self.bytes())
        return target

    @property
    def summary(self) -> str:
        """One line for people."""
        named = f" {self.name}" if self.name else ""
        return f"{self.kind}{named} ({self.mime}, {human_size(self.size)})"

    def check(self, limits: Limits | None = None) -> None:
        """Decode the content, to see that it is whole, not empty, and within ``limits``.

        Raises:
            ArtifactUnreadable: It is empty, damaged, or something else than it says.
            ArtifactTooLarge: It is over a limit, as it is or once decoded.
        """
        del limits
        if self.size == 0:
            raise ArtifactUnreadable(
                f"{self.name or f'The {self.kind}'!r} is empty (0 bytes). Expected {self.kind} content. "
                "Check the file, or the expert that made it."
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Artifact) and (self.kind, self.id) == (other.kind, other.id)

    def __hash__(self) -> int:
        return hash((self.kind, self.id))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.summary}>"

    def __rich__(self) -> str:
        from rich.markup import escape

        return escape(printable(self.summary))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        text = printable(self.summary)
        return {"text/plain": text, "text/html": f"<code>{html.escape(text)}</code>"}


class Text(Artifact):
    """Unicode text.

    Args:
        source: The text itself. A path is read as UTF-8 (also with a byte order mark) or UTF-16.
        sure: How sure the expert is that heard or read it: stretches of so many letters, each with a
            confidence from 0 to 1, from the beginning to the end of the text. Fusion weighs by it.
    """

    kind = Kind.TEXT
    default_mime = "text/plain"
    _sure: tuple[tuple[int, float], ...] = ()

    def __init__(
        self,
        source: str | os.PathLike[str],
        *,
        mime: str | None = None,
        name: str = "",
        provenance: Provenance | None = None,
        sure: Sequence[tuple[int, float]] = (),
    ) -> None:
        content = source.encode("utf-8", "replace") if isinstance(source, str) else source
        super().__init__(content, mime=mime, name=name, provenance=provenance)
        self._sure = stretches(sure)

    @property
    def sure(self) -> tuple[tuple[int, float], ...]:
        """Stretches of the text with a confidence each; empty where nobody said."""
        return self._ref.sure if self._ref is not None else self._sure

    def _make_ref(self, key: str, size: int, inline: str | None) -> ArtifactRef:
        made = super()._make_ref(key, size, inline)
        return made.model_copy(update={"sure": self.sure}) if self.sure else made

    def _inline(self, content: bytes) -> str | None:
        if len(content) > INLINE_BYTES:
            return None
        try:
            return content.decode()
        except UnicodeDecodeError:
            return None

    @property
    def text(self) -> str:
        """The text. Raises ``ArtifactUnreadable`` for what no common encoding explains."""
        return decode_text(self.bytes(), self.name)

    @property
    def summary(self) -> str:
        flat = " ".join(self.text.split())
        return flat if len(flat) <= 300 else f"{flat[:299]}…"

    def check(self, limits: Limits | None = None) -> None:
        super().check(limits)
        if not self.text.strip():
            raise ArtifactUnreadable(
                "The text holds nothing but white space. Expected words. Check the source."
            )

    def __str__(self) -> str:
        return self.text


class Data(Artifact, Generic[T]):
    """A JSON value: a number, a list, an object, or a pydantic model.

    ``Data(3.5).value == 3.5``. With a model, ``.value`` is JSON again; an expert that annotates its
    port with the model gets the model.
    """

    kind = Kind.DATA
    default_mime = "application/json"

    def __init__(
        self,
        value: T,
        *,
        mime: str | None = None,
        name: str = "",
        provenance: Provenance | None = None,
    ) -> None:
        if isinstance(value, os.PathLike):
            source: bytes | os.PathLike[str] = cast("os.PathLike[str]", value)
        else:
            source = to_json(value)
        super().__init__(source, mime=mime, name=name, provenance=provenance)

    def _inline(self, content: bytes) -> str | None:
        return content.decode() if len(content) <= INLINE_BYTES else None

    @property
    def value(self) -> T:
        """The decoded JSON; a list for JSON Lines. Raises ``ArtifactUnreadable``."""
        text = decode_text(self.bytes(), self.name)
        try:
            return cast("T", _read_json(text))
        except (ValueError, RecursionError) as error:
            raise ArtifactUnreadable(
                f"{self.name or 'The data'!r} is not JSON: {error}. Expected one JSON value."
            ) from error

    @property
    def summary(self) -> str:
        value = self.value
        flat = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return flat if len(flat) <= 300 else f"{flat[:299]}…"

    def check(self, limits: Limits | None = None) -> None:
        super().check(limits)
        _ = self.value

    def __str__(self) -> str:
        value = self.value
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class Document(Artifact):
    """A formatted document: PDF, HTML, office files."""

    kind = Kind.DOCUMENT
    default_mime = "application/pdf"


class Video(Artifact):
    """Moving pictures, with or without sound."""

    kind = Kind.VIDEO
    default_mime = "video/mp4"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if self.size > SHOWN_BYTES:
            return super()._repr_mimebundle_()
        encoded = base64.b64encode(self.bytes()).decode()
        source = f"data:{html.escape(self.mime, quote=True)};base64,{encoded}"
        player = f'<video controls style="max-width:100%" src="{source}"></video>'
        return {"text/plain": printable(self.summary), "text/html": player}


def load(ref: ArtifactRef, store: ArtifactStore) -> Artifact:
    """Return the artifact of the right class for ``ref``; its bytes are fetched on demand."""
    return _classes[ref.kind].from_ref(ref, store)


def class_of(kind: Kind) -> type[Artifact]:
    """Return the artifact class of a kind. Raises ``DeclarationError`` for ``ANY``."""
    if kind not in _classes:
        raise DeclarationError(f"{kind!r} is no kind of payload. Expected one of {list(_classes)}.")
    return _classes[kind]


def to_json(value: object) -> bytes:
    """Return canonical UTF-8 JSON (sorted keys, no spaces) for a value or a pydantic model."""
    try:
        plain = _anything().dump_python(value, mode="json", fallback=_plain_number)
        text = json.dumps(
            plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise ArtifactUnreadable(
            f"A value of type {type(value).__name__!r} is not JSON: {error}. Expected numbers that "
            "are finite, strings, lists, dicts, or a pydantic model."
        ) from error
    return text.encode("utf-8", "replace")


def _plain_number(value: Any) -> object:
    """Return numbers of NumPy and its like (they have ``tolist``) as Python's own."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"unable to write {type(value).__name__!r}")


@functools.cache
def _anything() -> TypeAdapter[Any]:
    return TypeAdapter(Any, config=ConfigDict(ser_json_inf_nan="constants"))


def _read_json(text: str) -> object:
    """Return the one JSON value, or the list of values of JSON Lines."""
    try:
        return json.loads(text)
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.lstrip()[:1] in {"{", "["} for line in lines):
            raise
        return [json.loads(line) for line in lines]


def decode_text(content: bytes, name: str = "") -> str:
    """Decode UTF-8 or UTF-16 with their byte order marks, else UTF-8, else Windows-1252.

    Raises:
        ArtifactUnreadable: The content is binary.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            pass
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if b"\0" not in content[:4096]:
        try:
            return content.decode("cp1252")
        except UnicodeDecodeError:
            pass
    raise ArtifactUnreadable(
        f"{name or 'The content'!r} is not text. Expected UTF-8, UTF-16 or Windows-1252. "
        "Attach it as what it is (an image, a document …), or convert it first."
    )


def human_size(size: int) -> str:
    """Return ``"1.2 MB"`` for a number of bytes."""
    value = float(size)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def printable(text: str) -> str:
    """Return ``text`` without control characters, so that it cannot drive a terminal.

    Spaces of every width stay, and so do the joiners that emoji and many scripts need.
    """
    return "".join(
        each if each.isprintable() or _is_harmless(each) else "\N{REPLACEMENT CHARACTER}"
        for each in text
    )


def _is_harmless(character: str) -> bool:
    return character in "\n\t\N{SOFT HYPHEN}\u200c\u200d" or unicodedata.category(character) == "Zs"
