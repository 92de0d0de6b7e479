"""No models in tests: refused where calls are made, in this process and in those it starts."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def no_model_calls() -> Generator[None]:
    """Refuse calls of experts that load a model or send data away, with ``CallRefused``.

    The same as ``HERD_ALLOW_MODEL_CALLS=0``. Fakes, recordings and plain functions go on working.
    """
    name = "HERD_ALLOW_MODEL_CALLS"
    before = os.environ.get(name)
    os.environ[name] = "0"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before
