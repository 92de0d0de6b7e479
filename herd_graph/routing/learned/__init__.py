"""Learn from requests with their plans which experts a new one wants, in which order."""

from __future__ import annotations
