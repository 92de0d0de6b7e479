"""Who may ask the debugger's page, and what a browser may do with what it answers.

Whoever reaches the page can run every expert of the herd, so it is guarded as a shell would be: it
listens on loopback alone; a link with a token opens it once and leaves a cookie; a request under
another host's name (DNS rebinding) or from another site's page is refused; nothing is shared across
origins; and the page may load nothing but itself.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""The names that a page on this machine is reached under, also through an ssh tunnel."""
ASKED = "x-herd"
"""A header that only our own script sends: another site's form or picture cannot."""
PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data:; media-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Mapping[str, str] = {
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
_SAFE = frozenset({"GET", "HEAD"})


class Keyring:
    """The link's token, which opens the page once, and the cookie that it leaves behind."""

    def __init__(self) -> None:
        self.cookie_name = f"herd_debug_{secrets.token_hex(4)}"
        self._cookie = secrets.token_urlsafe(32)
        self._tokens = {secrets.token_urlsafe(32)}

    def token(self) -> str:
        """Return a token that opens the page once; a new one where the last was used."""
        if not self._tokens:
            self._tokens.add(secrets.token_urlsafe(32))
        return next(iter(self._tokens))

    def spend(self, given: str) -> bool:
        """Say whether a token opens the page; it does so once."""
        found = [each for each in self._tokens if _equal(each, given)]
        self._tokens.difference_update(found)
        return bool(found)

    def opens(self, cookies: str) -> bool:
        """Say whether a request's cookies hold ours."""
        try:
            parsed = SimpleCookie(cookies)
        except CookieError:
            return False
        held = parsed.get(self.cookie_name)
        return held is not None and _equal(held.value, self._cookie)

    @property
    def set_cookie(self) -> str:
        """The header that leaves the cookie."""
        return f"{self.cookie_name}={self._cookie}; Path=/; HttpOnly; SameSite=Strict"


class Guard:
    """Lets requests through, or answers them itself.

    Args:
        app: What is guarded.
        keyring: What opens it.
    """

    def __init__(self, app: ASGIApp, keyring: Keyring) -> None:
        self.app = app
        self.keyring = keyring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        refused = _misplaced(scope, headers)
        if refused:
            await _answer(send, 403, refused)
            return
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        known = self.keyring.opens(headers.get("cookie", ""))
        offers = "token" in query and scope["method"] in _SAFE
        if offers and (known or self.keyring.spend(query["token"][0])):
            await self._enter(scope, send)
            return
        if not known:
            await _answer(
                send,
                401,
                "This page needs the link that was printed in the terminal: it opens once, in one "
                "browser. Expected that link. Press Enter in the terminal for a new one.",
            )
            return
        await self.app(scope, receive, _guarded(send))

    async def _enter(self, scope: Scope, send: Send) -> None:
        """Leave the cookie, and take the token out of the address."""
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        query.pop("token", None)
        rest = urlencode(query, doseq=True)
        # One slash: "//evil.example" would be another host, and so would "/\t/evil.example", whose
        # tab browsers leave out. Quoted, a line break ends no header either.
        path = "/" + quote(str(scope.get("path", "/")).lstrip("/\\"), errors="replace")
        there = path + (f"?{rest}" if rest else "")
        await _answer(send, 303, "", {"location": there, "set-cookie": self.keyring.set_cookie})


def _misplaced(scope: Scope, headers: Headers) -> str:
    """Return why a request is refused wherever it comes from; empty where it is not."""
    host = headers.get("host", "").lower()
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    if name not in HOSTS:
        return (
            f"The page is not reached under {host!r:.100}. Expected localhost: another name may be "
            "a web page's trick (DNS rebinding)."
        )
    origin = headers.get("origin", "")
    if origin and urlsplit(origin).netloc.lower() != host:
        return f"Web page {origin!r:.100} may not ask. Expected the debugger's own page."
    elsewhere = headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
    # A link on another page may lead here; whatever else it sends may not.
    followed = scope["method"] in _SAFE and headers.get("sec-fetch-mode") == "navigate"
    if elsewhere and not followed:
        return "Another site's page may not ask. Expected the debugger's own page."
    if scope["method"] not in _SAFE and headers.get(ASKED) != "1":
        return f"The request lacks the header {ASKED!r}. Expected the debugger's own page."
    return ""


def _guarded(send: Send) -> Send:
    """Return ``send`` with the headers that every answer has; what a route set itself stays."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            there = {name.lower() for name, _ in given}
            own = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
            message = {**message, "headers": [*given, *(e for e in own if e[0] not in there)]}
        await send(message)

    return guarded


async def _answer(
    send: Send, status: int, message: str, headers: Mapping[str, str] | None = None
) -> None:
    content = json.dumps({"error": message}).encode() if message else b""
    told = {"content-type": "application/json", "content-length": str(len(content))}
    raw = [(n.encode(), v.encode("latin-1")) for n, v in {**told, **(headers or {})}.items()]
    guarded = _guarded(send)
    await guarded({"type": "http.response.start", "status": status, "headers": raw})
    await guarded({"type": "http.response.body", "body": content})


def _equal(one: str, two: str) -> bool:
    return secrets.compare_digest(one.encode(), two.encode())


__all__ = ("ASKED", "HOSTS", "PAGE_POLICY", "Guard", "Keyring")
