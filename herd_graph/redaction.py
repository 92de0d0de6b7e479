"""Secrets taken out of what is written down: keys, tokens and passwords, in texts and in JSON.

What is one is told by its form (``sk-…``, ``ghp_…``, a JWT, a private key), by the name that it stands
under (``Authorization: …``, ``"api_key": …``), or because an environment variable that is named like
a secret holds it. It is a net, not a proof: what a person types as plain words is not known to be
secret.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import cast

from herd_graph.types import JSON

MARK = "[redacted]"
_LEAST = 8
"""Characters of a value that is looked for wherever it stands: shorter ones are words."""
_NAMES = (
    r"authorization|proxy-authorization|x-api-key|api[-_]?keys?|apikey|access[-_]?key(?:[-_]?id)?"
    r"|secret(?:[-_]?(?:access[-_]?)?key)?|client[-_]?secret|(?:access|refresh|auth|bearer|id)[-_]?token"
    r"|tokens?|passwords?|passwd|pwd|passphrase|private[-_]?key|credentials?|cookie|set-cookie"
)
_NAMED = re.compile(rf"(?:[a-z0-9]+[-_])*(?:{_NAMES})", re.IGNORECASE)
_ENVIRONMENT = re.compile(
    r"(?:^|_)(?:KEYS?|APIKEY|TOKENS?|SECRETS?|PASSWORDS?|PASSWD|PASSPHRASE|CREDENTIALS?|COOKIE)(?:$|_)"
)
_FORMS = re.compile(
    r"""
    -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z ]*PRIVATE\ KEY-----|\Z)
  | \b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}                     # OpenAI, Anthropic, LiteLLM
  | \b(?:sk|pk|rk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,} # Stripe
  | \bgh[pousr]_[A-Za-z0-9]{20,} | \bgithub_pat_[A-Za-z0-9_]{20,} | \bglpat-[A-Za-z0-9_-]{16,}
  | \bxox[abeprs]-[A-Za-z0-9-]{10,} | \bhf_[A-Za-z0-9]{20,} | \bnpm_[A-Za-z0-9]{30,}
  | \bA(?:KIA|SIA)[0-9A-Z]{16}\b | \bAIza[0-9A-Za-z_-]{30,} | \bya29\.[0-9A-Za-z_-]{20,}
  | \beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}
    """,
    re.VERBOSE | re.DOTALL,
)
_BEARER = re.compile(r"\b(bearer|basic)(\s+)[A-Za-z0-9._~+/=-]{12,}", re.IGNORECASE)
# What stands before a name (``MY_`` in ``MY_TOKEN=…``) is not looked for, and a scheme is short:
# otherwise long words and long hex would be gone over again from each of their characters.
_PAIR = re.compile(
    rf"(?<![A-Za-z0-9])((?:{_NAMES}))(\\?[\"']?\s*[:=]\s*\\?[\"']?)"
    r"((?:bearer|basic)\s+)?([^\s\"'\\,;&<>{}\[\]]{6,})",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]{0,31}://[^/\s:@\"']*):([^/\s@\"']{3,})@", re.IGNORECASE)
_HINT = re.compile(r"[-_.=:@]|AKIA|ASIA|AIza|bearer|basic", re.IGNORECASE)
"""A text without any of these holds nothing of a known form."""


_MOST_NAMES = 4096


class Redactor:
    """Takes secrets out of texts and JSON.

    Args:
        environment: Whose values are secret where their names say so; the process's by default.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        given = os.environ if environment is None else environment
        self._known = {
            value
            for name, value in given.items()
            if _ENVIRONMENT.search(name.upper()) and _is_secret(value)
        }
        self._pattern: re.Pattern[str] | None = None
        self._compile()

    def learn(self, value: JSON) -> None:
        """Remember what stands under the name of a secret: it is taken out elsewhere too."""
        before = len(self._known)
        self._collect(value)
        if len(self._known) != before:
            self._compile()

    def text(self, text: str) -> str:
        """Return a text without its secrets; the very same one where there are none."""
        if self._pattern is not None:
            text = self._pattern.sub(MARK, text)
        if _HINT.search(text) is None:
            return text
        text = _FORMS.sub(MARK, text)
        text = _BEARER.sub(rf"\1\2{MARK}", text)
        text = _PAIR.sub(rf"\1\2\3{MARK}", text)
        return _ADDRESS.sub(rf"\1:{MARK}@", text)

    def json(self, value: JSON) -> JSON:
        """Return JSON without its secrets: in every text, and under every name of one."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.json(each) for each in value]
        if isinstance(value, dict):
            return {
                self._name(name): MARK if _is_named(name, each) else self.json(each)
                for name, each in value.items()
            }
        return value

    def _name(self, name: str) -> str:
        """Return a field's name without secrets: the same few names come again and again."""
        found = self._names.get(name)
        if found is None:
            found = self.text(name)
            if len(self._names) < _MOST_NAMES:
                self._names[name] = found
        return found

    def _collect(self, value: JSON) -> None:
        if isinstance(value, list):
            for each in value:
                self._collect(each)
        elif isinstance(value, dict):
            for name, each in value.items():
                if _is_named(name, each):
                    if _is_secret(cast("str", each)):
                        self._known.add(cast("str", each))
                else:
                    self._collect(each)

    def _compile(self) -> None:
        self._names: dict[str, str] = {}
        known = sorted(self._known, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, known))) if known else None


def _is_named(name: str, value: JSON) -> bool:
    """Say whether a field is a secret by its name; numbers (``tokens: 12``) never are."""
    return isinstance(value, str) and value != "" and _names_one(name)


@lru_cache(maxsize=4096)
def _names_one(name: str) -> bool:
    return _NAMED.fullmatch(name) is not None


def _is_secret(value: str) -> bool:
    """Say whether a value is no word that could stand anywhere."""
    return len(value) >= (2 * _LEAST if value.isalpha() else _LEAST)


@lru_cache(maxsize=1)
def _of_process(environment: int) -> Redactor:
    del environment
    return Redactor()


def redactor() -> Redactor:
    """Return the one that knows this process's environment as it is now."""
    return _of_process(hash(frozenset(os.environ.items())))


__all__ = ("MARK", "Redactor", "redactor")
