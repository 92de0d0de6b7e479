"""Step through a run: one engine (``DebugSession``), of which every face is a view."""

from __future__ import annotations
