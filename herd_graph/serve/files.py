"""Files that clients upload and that runs make: kept by hash, named by id, never by their name.

An upload is written aside while it comes, held to its limit as it is read. What a run made stays in
the herd's own store; its row only points there. A name is for people: it is cleaned for headers, and
no path is ever made of it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from herd_graph.artifacts import Artifact
from herd_graph.artifacts.attach import attach_bytes, kind_of_mime, sniff
from herd_graph.artifacts.base import human_size, load
from herd_graph.config import Config
from herd_graph.errors import ArtifactNotFound
from herd_graph.serve.errors import Refusal
from herd_graph.serve.keys import Key
from herd_graph.serve.records import Records
from herd_graph.store import ArtifactStore, FolderStore
from herd_graph.types import ArtifactRef, JSONObject, Kind

PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
MADE = "assistants_output"
"""OpenAI's purpose of what the server itself made."""
_ID = re.compile(r"file-[0-9a-z]{24}")
_COLUMNS = "id, key, name, bytes, created, purpose, kind, mime, content, herd, run, inline"
_INERT = {
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
    "application/json",
    "text/csv",
}
"""Types that are told as they are; others, which a browser could run, are told as bytes or text."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One file."""

    id: str
    key: str
    name: str
    bytes: int
    created: float
    purpose: str
    kind: str
    mime: str
    content: str
    """The sha256 of its bytes."""
    herd: str = ""
    """The herd whose store has the bytes; empty for an upload."""
    run: str = ""
    inline: str | None = None

    def dump(self) -> JSONObject:
        """Return OpenAI's form of it."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": self.bytes,
            "created_at": int(self.created),
            "filename": self.name,
            "purpose": self.purpose,
            "status": "processed",
            "mime_type": self.mime,
            "run": self.run or None,
        }

    @property
    def served_as(self) -> str:
        """The content type under which it is handed out: none that a browser would run."""
        if self.mime in _INERT or self.mime.split("/", 1)[0] in {"audio", "video"}:
            return self.mime
        return "text/plain; charset=utf-8" if self.kind == "text" else "application/octet-stream"

    @property
    def headers(self) -> dict[str, str]:
        """The headers that its content goes with."""
        return {
            "content-disposition": f"attachment; filename*=UTF-8''{quote(self.name, safe='')}",
            "x-content-type-options": "nosniff",
            "content-security-policy": "default-src 'none'; sandbox",
            "cache-control": "private, max-age=3600",
        }


class Files:
    """The files of a server.

    Args:
        records: Where their rows are.
        folder: Where the bytes of uploads are.
        stores: The store of each herd, by name.
        config: Whose limits attachments are held to.
        file_bytes: The most that one upload may hold.
        stored_bytes: The most that all uploads of a key may hold.
        link_s: How long a link works without a key.
    """

    def __init__(
        self,
        records: Records,
        folder: Path,
        stores: Mapping[str, ArtifactStore],
        config: Config,
        *,
        file_bytes: int,
        stored_bytes: int,
        link_s: float = 3600.0,
    ) -> None:
        self.records = records
        self.folder = folder
        self.uploads = FolderStore(folder)
        self.stores = stores
        self.config = config
        self.file_bytes = file_bytes
        self.stored_bytes = stored_bytes
        self.link_s = link_s
        self._secret = records.secret("links").encode()

    def keep(self, aside: Path, name: str, purpose: str, key: Key) -> Kept:
        """Keep an upload. Raises ``Refusal`` where it is empty or over a limit."""
        size = aside.stat().st_size
        if size == 0:
            raise Refusal(
                400,
                "The file is empty (0 bytes). Expected a file with content. Check that it was "
                "saved completely.",
                code="empty_file",
                param="file",
            )
        if size > self.file_bytes:
            raise _too_large(f"more than {human_size(self.file_bytes)}", "file")
        held = self.records.read(
            "SELECT COALESCE(SUM(bytes), 0) FROM files WHERE key = ? AND herd = ''", (key.id,)
        )[0][0]
        if int(held) + size > self.stored_bytes:
            raise _too_large(
                f"with what is there already, more than {human_size(self.stored_bytes)} in all "
                "(delete files that are not needed)",
                "file",
            )
        mime = sniff(aside)
        content, size = self.uploads.put_file(aside)
        made = Kept(
            id=_new_id(),
            key=key.id,
            name=clean_name(name),
            bytes=size,
            created=time.time(),
            purpose=purpose,
            kind=kind_of_mime(mime).value,
            mime=mime,
            content=content,
        )
        self._insert([made])
        return made

    def keep_made(self, refs: list[ArtifactRef], herd: str, run: str, key: Key) -> list[Kept]:
        """Return the files that a run's artifacts are; the same ones each time."""
        made = [
            Kept(
                id=_new_id(),
                key=key.id,
                name=clean_name(ref.name) if ref.name else _default_name(ref),
                bytes=ref.size,
                created=time.time(),
                purpose=MADE,
                kind=ref.kind.value,
                mime=ref.mime,
                content=ref.id,
                herd=herd,
                run=run,
                inline=ref.inline,
            )
            for ref in refs
        ]
        if not made:
            return []
        self._insert(made)
        rows = self.records.read(f"SELECT {_COLUMNS} FROM files WHERE run = ?", (run,))  # noqa: S608
        there = {(each.content, each.name): each for each in map(_kept, rows)}
        return [there[each.content, each.name] for each in made]

    def _insert(self, made: list[Kept]) -> None:
        with self.records.transaction() as connection:
            connection.executemany(
                f"INSERT OR IGNORE INTO files ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",  # noqa: S608
                [tuple(vars(each).values()) for each in made],
            )

    def get(self, identity: str, key: Key) -> Kept:
        """Return a file of a key. Raises ``Refusal`` with 404."""
        rows = (
            self.records.read(
                f"SELECT {_COLUMNS} FROM files WHERE id = ? AND key = ?",  # noqa: S608
                (identity, key.id),
            )
            if _ID.fullmatch(identity)
            else []
        )
        if not rows:
            raise _no_file(identity)
        return _kept(rows[0])

    def linked(self, identity: str, signature: str) -> Kept:
        """Return the file that a link names. Raises ``Refusal`` with 404 for a bad or old link."""
        until, _, signed = signature.partition(".")
        good = until.isdigit() and len(until) < 15 and _ID.fullmatch(identity)
        if not good or not hmac.compare_digest(signed, self._sign(identity, until)):
            raise _no_file(identity)
        rows = self.records.read(f"SELECT {_COLUMNS} FROM files WHERE id = ?", (identity,))  # noqa: S608
        if not rows or int(until) < time.time():
            raise _no_file(identity)
        return _kept(rows[0])

    def link(self, kept: Kept) -> str:
        """Return the path of a file's content, signed: it works for a while without a key."""
        until = str(int(time.time() + self.link_s))
        return f"/v1/files/{kept.id}/content?sig={until}.{self._sign(kept.id, until)}"

    def _sign(self, identity: str, until: str) -> str:
        text = f"{identity}.{until}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()

    def page(
        self, key: Key, *, purpose: str | None, limit: int, after: str | None, newest: bool
    ) -> tuple[list[Kept], bool]:
        """Return files of a key, and whether there are more."""
        conditions, values = ["key = ?"], list[Any]([key.id])
        if purpose is not None:
            conditions.append("purpose = ?")
            values.append(purpose)
        sign, order = ("<", "DESC") if newest else (">", "ASC")
        if after is not None:
            last = self.get(after, key)
            conditions.append(f"(created, id) {sign} (?, ?)")
            values += [last.created, last.id]
        rows = self.records.read(
            f"SELECT {_COLUMNS} FROM files WHERE {' AND '.join(conditions)} "  # noqa: S608
            f"ORDER BY created {order}, id {order} LIMIT ?",
            (*values, limit + 1),
        )
        return [_kept(row) for row in rows[:limit]], len(rows) > limit

    def delete(self, identity: str, key: Key) -> None:
        """Forget a file; its bytes go with the last upload that has them."""
        kept = self.get(identity, key)
        with self.records.transaction() as connection:
            connection.execute("DELETE FROM files WHERE id = ?", (kept.id,))
            others = connection.execute(
                "SELECT 1 FROM files WHERE content = ? AND herd = ''", (kept.content,)
            ).fetchone()
            if not kept.herd and others is None:
                self.uploads.delete(kept.content)

    def path(self, kept: Kept) -> Path | bytes:
        """Return where the bytes are, or the bytes. Raises ``Refusal`` with 404."""
        if kept.inline is not None:
            return kept.inline.encode()
        store = self.stores.get(kept.herd) if kept.herd else self.uploads
        if store is None:
            raise _no_file(kept.id)
        try:
            return store.local_path(kept.content)
        except ArtifactNotFound:
            raise _no_file(kept.id) from None

    def artifact(self, kept: Kept) -> Artifact:
        """Return a file as what a request attaches."""
        if kept.herd and kept.herd in self.stores:
            ref = ArtifactRef(
                id=kept.content,
                kind=Kind(kept.kind),
                mime=kept.mime,
                size=kept.bytes,
                name=kept.name,
                inline=kept.inline,
            )
            return load(ref, self.stores[kept.herd])
        where = self.path(kept)
        content = where if isinstance(where, bytes) else where.read_bytes()
        return attach_bytes(content, name=kept.name, config=self.config)


def clean_name(name: str) -> str:
    """Return the last part of a name without what headers, terminals or file systems stumble at."""
    last = re.split(r"[/\\]", name.replace("\0", ""))[-1]
    plain = "".join(each for each in last if each.isprintable()).strip(" .")
    return plain[:200] or "file"


def _default_name(ref: ArtifactRef) -> str:
    import mimetypes

    return f"{ref.kind.value}-{ref.id[:8]}{mimetypes.guess_extension(ref.mime) or ''}"


def _new_id() -> str:
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"
    return "file-" + "".join(secrets.choice(alphabet) for _ in range(24))


def _kept(row: tuple[Any, ...]) -> Kept:
    return Kept(**dict(zip(_COLUMNS.split(", "), row, strict=True)))


def _no_file(identity: str) -> Refusal:
    return Refusal(
        404,
        f"There is no file {identity!r:.80}. Expected the id of one of your own. GET /v1/files "
        "lists them.",
        code="file_not_found",
        param="file_id",
    )


def _too_large(what: str, param: str) -> Refusal:
    return Refusal(
        413,
        f"The upload holds {what}. Expected less. Split it, or have the server's limit raised.",
        code="too_large",
        param=param,
    )


__all__ = ("MADE", "PURPOSES", "Files", "Kept", "clean_name")
