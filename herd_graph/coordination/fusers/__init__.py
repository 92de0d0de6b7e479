"""Fusion by what results *are*: each an ordinary function, which can be used alone."""

from __future__ import annotations
