"""Whether a module is installed, asked while somebody else imports it."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from herd_graph.extras import present, spec_of
from tools.needs import absent, model


def test_what_is_being_imported_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", ModuleType("PIL"))  # as another thread leaves it

    assert present("PIL")
    assert spec_of("PIL") is not None
    assert absent("PIL") == ""


def test_a_model_is_found_while_its_modules_are_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "ppocr-v6-small"
    if model(name).missing():
        pytest.skip(model(name).missing())
    for module in ("rapidocr", "cv2"):
        monkeypatch.setitem(sys.modules, module, ModuleType(module))

    assert model(name).missing() == ""


@pytest.mark.parametrize("module", ["no_such_module", "no_such.module", "PIL.no_such_module"])
def test_what_is_not_there_is_absent(module: str) -> None:
    assert not present(module)
    assert module in absent(module)
