"""The ``*.herdrun`` file: a zip that holds everything needed to replay a run, and nothing else.

    manifest.json            format, versions, counts, what was missing
    calls.jsonl              one call a line: expert, inputs, outputs or error, cost
    events.jsonl             one event a line
    documents/<name>.json    plan, task, answer: whatever the writer adds
    artifacts/ab/abcdef…     payloads, by sha256

A recording may come from somebody else: names are checked, sizes are bounded, bytes are held against
their sha256, nothing is unpacked to a path that the file names, and nothing is unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import secrets
import shutil
import threading
import time
import zipfile
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from herd_graph.artifacts.base import human_size
from herd_graph.conventions import EVENT_NAMES
from herd_graph.errors import ArtifactNotFound, ArtifactTooLarge, ArtifactUnreadable
from herd_graph.recording.events import TRANSIENT, Event
from herd_graph.store import ArtifactStore
from herd_graph.types import JSON, ArtifactRef, JSONObject, Kind

Refs: TypeAlias = ArtifactRef | list[ArtifactRef]
FORMAT = 2
"""2: events carry the conventional name, and the manifest says what the contents are."""
SUFFIX = ".herdrun"
MAX_MEMBERS = 200_000
MAX_LINES_BYTES = 256 << 20
"""Of ``calls.jsonl``, of ``events.jsonl``, and of a document."""
MAX_TOTAL_BYTES = 16 << 30
_MEMBER = re.compile(
    r"manifest\.json|(?:calls|events)\.jsonl|documents/[a-z][a-z0-9_-]{0,63}\.json"
    r"|artifacts/[0-9a-f]{2}/[0-9a-f]{64}"
)
_DOCUMENT = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_PACKED = {Kind.IMAGE, Kind.AUDIO, Kind.VIDEO}
"""Kinds that are compressed already."""


class RecordedCall(BaseModel):
    """One call as it went."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    expert: str
    """``name@version``."""
    key: str
    """A hash of the inputs; see ``inputs_key``."""
    inputs: dict[str, Refs]
    outputs: dict[str, Refs] = {}
    usd: float = 0.0
    seconds: float = 0.0
    usage: dict[str, JSON] = {}
    error: dict[str, JSON] | None = None
    """As ``failures.to_json`` gives it; None for a call that succeeded."""
    run: str = ""
    step: str = ""
    attempt: int = 1


def inputs_key(inputs: Mapping[str, Refs]) -> str:
    """Return a hash of what goes into an expert: its ports and contents, not names or provenance."""
    shown = {
        name: [[each.kind.value, each.id] for each in given]
        if isinstance(given, list)
        else [given.kind.value, given.id]
        for name, given in inputs.items()
    }
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def references(inputs: Mapping[str, Refs]) -> list[ArtifactRef]:
    """Return every reference, in order."""
    return [ref for each in inputs.values() for ref in (each if isinstance(each, list) else [each])]


def dump_refs(value: Refs) -> JSON:
    """Return a port's value as JSON."""
    items = [cast("JSON", each.model_dump(mode="json")) for each in references({"": value})]
    return items if isinstance(value, list) else items[0]


def write_recording(
    path: str | os.PathLike[str],
    *,
    store: ArtifactStore,
    calls: Iterable[RecordedCall],
    events: Iterable[Event] = (),
    documents: Mapping[str, JSON] | None = None,
    artifacts: Iterable[ArtifactRef] = (),
    contents: Literal["full", "metadata"] = "full",
) -> Path:
    """Write a recording: all of it, or nothing. Secrets are left out; see ``redaction``.

    Args:
        path: The file; it is replaced where it exists.
        store: Where the payloads are.
        calls: In the order in which they started.
        events: Tokens and progress are left out, as in the event log.
        documents: JSON by name: letters, digits, ``-`` and ``_``.
        artifacts: Payloads beside those of the calls: attachments, the answer.
        contents: ``metadata`` leaves out every payload and all that was said: what remains tells
            who was called, when, how it went and what it cost, and replays nothing.

    Returns:
        The path.
    """
    from herd_graph.recording.cleaning import gather, without_contents, without_secrets

    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}-{secrets.token_hex(6)}")
    kept_events = [each for each in events if each.kind not in TRANSIENT]
    parts, every = gather(calls, kept_events, documents or {}, artifacts)
    parts = without_secrets(parts, every, store)
    if contents == "metadata":
        parts = without_contents(parts)
    missing: list[JSON] = []
    try:
        with zipfile.ZipFile(aside, "x", zipfile.ZIP_DEFLATED) as archive:
            _write_lines(archive, "calls.jsonl", [each.model_dump_json() for each in parts.calls])
            _write_lines(archive, "events.jsonl", map(_event_line, parts.events))
            for name, document in parts.documents.items():
                if not _DOCUMENT.fullmatch(name):
                    raise ValueError(f"{name!r} cannot be a document's name: {_DOCUMENT.pattern}")
                archive.writestr(_info(f"documents/{name}.json"), json.dumps(document))
            for key, ref in sorted(parts.artifacts.items()):
                try:
                    _write_artifact(archive, ref, store, parts.changed.get(key))
                except ArtifactNotFound:
                    missing.append(key)  # pruned meanwhile: the rest is still worth having
            manifest: JSONObject = {
                "format": FORMAT,
                "herd": _herd_version(),
                "python": platform.python_version(),
                "written": time.time(),
                "contents": contents,
                "runs": [*sorted({each.run for each in parts.calls if each.run})],
                "experts": [*sorted({each.expert for each in parts.calls})],
                "calls": len(parts.calls),
                "events": len(parts.events),
                "artifacts": len(parts.artifacts) - len(missing),
                "missing": missing,
            }
            archive.writestr(_info("manifest.json"), json.dumps(manifest, indent=1))
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    return target


def _info(name: str, *, packed: bool = False) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)  # dated 1980: equal content gives equal bytes
    info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _write_lines(archive: zipfile.ZipFile, name: str, lines: Iterable[str]) -> None:
    with archive.open(_info(name), "w", force_zip64=True) as writer:
        for each in lines:
            writer.write(each.encode() + b"\n")


def _event_line(event: Event) -> str:
    """Return an event as JSON, with the name that OpenTelemetry's conventions have for it."""
    named = {"name": EVENT_NAMES[event.kind], **event.model_dump(mode="json")}
    return json.dumps(named, ensure_ascii=False, separators=(",", ":"))


def _write_artifact(
    archive: zipfile.ZipFile, ref: ArtifactRef, store: ArtifactStore, content: bytes | None
) -> None:
    key = ref.id
    info = _info(f"artifacts/{key[:2]}/{key}", packed=ref.kind in _PACKED)
    if content is not None:
        archive.writestr(info, content)
        return
    with (
        store.local_path(key).open("rb") as reader,
        archive.open(info, "w", force_zip64=True) as writer,
    ):
        shutil.copyfileobj(reader, writer, 1 << 20)


def _herd_version() -> str:
    try:
        return version("herd-graph")
    except PackageNotFoundError:
        return "unknown"


class Recording:
    """An opened ``*.herdrun`` file. Use as a context manager, or ``close`` it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open and check a recording.

        Raises:
            ArtifactUnreadable: It is not a whole recording, or of a later format.
            ArtifactTooLarge: It claims more than a recording may hold.
        """
        self.path = Path(path)
        self._lock = threading.Lock()
        try:
            self._archive = zipfile.ZipFile(self.path)
        except (OSError, zipfile.BadZipFile) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise ArtifactUnreadable(
                f"{str(path)!r} cannot be opened as a recording: {why}. Expected a {SUFFIX} file, "
                "as run.save(…) and herd run --record write it. Check the path."
            ) from error
        try:
            self._members = self._check()
            self.manifest = self._manifest()
            self.calls = [self._parse(RecordedCall, line) for line in self._lines("calls.jsonl")]
            self.events = [self._event(line) for line in self._lines("events.jsonl")]
        except BaseException:
            self._archive.close()
            raise

    def _check(self) -> dict[str, zipfile.ZipInfo]:
        infos = self._archive.infolist()
        if len(infos) > MAX_MEMBERS:
            raise self._too_large(f"{len(infos)} members, more than {MAX_MEMBERS}")
        total = sum(each.file_size for each in infos)
        if total > MAX_TOTAL_BYTES:
            raise self._too_large(f"{human_size(total)}, more than {human_size(MAX_TOTAL_BYTES)}")
        members: dict[str, zipfile.ZipInfo] = {}
        for each in infos:
            if not _MEMBER.fullmatch(each.filename) or each.filename in members:
                raise self._damaged(f"a member {each.filename[:80]!r} that does not belong in it")
            if each.flag_bits & 0x1 or each.compress_type not in {
                zipfile.ZIP_STORED,
                zipfile.ZIP_DEFLATED,
            }:
                raise self._damaged(f"{each.filename!r} is encrypted or packed in another way")
            if not each.filename.startswith("artifacts/") and each.file_size > MAX_LINES_BYTES:
                raise self._too_large(f"{human_size(each.file_size)} of {each.filename!r}")
            members[each.filename] = each
        return members

    def _manifest(self) -> JSONObject:
        manifest = self._json("manifest.json")
        written = manifest.get("format") if isinstance(manifest, dict) else None
        if not isinstance(manifest, dict) or not isinstance(written, int):
            raise self._damaged("its manifest is none")
        if written > FORMAT:
            raise ArtifactUnreadable(
                f"{str(self.path)!r} is a recording of format {written}, written by HERD "
                f"{manifest.get('herd')}. This version reads format {FORMAT} and older. Update "
                "herd-graph."
            )
        return manifest

    @property
    def documents(self) -> dict[str, JSON]:
        """The JSON documents, by name."""
        found: dict[str, JSON] = {}
        for name in self._members:
            if name.startswith("documents/"):
                found[name.removeprefix("documents/").removesuffix(".json")] = self._json(name)
        return found

    def holds(self, key: str) -> bool:
        """Say whether the recording has the payload with this sha256."""
        return f"artifacts/{key[:2]}/{key}" in self._members

    def artifact(self, key: str) -> bytes:
        """Return a payload, checked against its sha256.

        Raises:
            ArtifactNotFound: The recording does not hold it.
            ArtifactUnreadable: It was damaged or changed.
        """
        if not self.holds(key):
            raise ArtifactNotFound(
                f"The recording {str(self.path)!r} does not hold artifact {key[:12]!r}. It was "
                "pruned before the recording was saved. Record the run again."
            )
        content = self._read(f"artifacts/{key[:2]}/{key}")
        if hashlib.sha256(content).hexdigest() != key:
            raise self._damaged(f"artifact {key[:12]!r} is not what its sha256 says")
        return content

    def restore(self, refs: Iterable[ArtifactRef], store: ArtifactStore) -> None:
        """Put payloads into ``store`` where they are not there yet."""
        for ref in refs:
            if ref.inline is None and not store.holds(ref.id):
                store.put(self.artifact(ref.id))

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, name: str) -> bytes:
        info = self._members.get(name)
        if info is None:
            raise self._damaged(f"it has no {name!r}")
        try:
            with self._lock, self._archive.open(info) as reader:
                return reader.read()  # zipfile gives at most the size that was checked
        except Exception as error:  # zlib.error, BadZipFile, EOFError …: it is damaged
            raise self._damaged(f"{name!r} cannot be unpacked ({error})") from error

    def _json(self, name: str) -> JSON:
        try:
            return cast("JSON", json.loads(self._read(name)))
        except (ValueError, RecursionError) as error:
            raise self._damaged(f"{name!r} is not JSON ({error})") from error

    def _lines(self, name: str) -> list[bytes]:
        return [line for line in self._read(name).split(b"\n") if line]

    @property
    def is_whole(self) -> bool:
        """Whether it holds what was said and given, and not metadata alone."""
        return self.manifest.get("contents", "full") == "full"

    def _event(self, line: bytes) -> Event:
        """Read an event; its conventional name is for other readers."""
        try:
            fields: Any = json.loads(line)
            fields.pop("name", None)
        except (ValueError, RecursionError, AttributeError) as error:
            raise self._damaged(f"an event is no JSON object ({error})") from error
        try:
            return Event.model_validate(fields)
        except ValidationError as error:
            raise self._wrong("Event", error) from None

    def _wrong(self, what: str, error: ValidationError) -> ArtifactUnreadable:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"])
        return self._damaged(f"a {what} is wrong at {at!r}: {first['msg']}")

    def _parse(self, kind: type[Any], line: bytes) -> Any:
        try:
            return kind.model_validate_json(line)
        except ValidationError as error:
            raise self._wrong(kind.__name__, error) from None

    def _damaged(self, why: str) -> ArtifactUnreadable:
        return ArtifactUnreadable(
            f"{str(self.path)!r} is no whole recording: {why}. Expected a {SUFFIX} file as HERD "
            "writes it. Copy or record it again."
        )

    def _too_large(self, why: str) -> ArtifactTooLarge:
        return ArtifactTooLarge(
            f"{str(self.path)!r} is too large for a recording: {why}. Record one run at a time."
        )
