"""The pages that are made of the code say what the code says now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def test_the_pages_made_of_the_code_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, DOCS / "reference.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert (done.returncode, done.stderr) == (0, "")  # else: make docs


def test_every_expert_has_its_limits_and_licence_on_the_page() -> None:
    page = (DOCS / "experts.md").read_text(encoding="utf-8")
    sections = page.split("\n## ")[1:]

    assert len(sections) >= 27
    assert [each.partition("\n")[0] for each in sections if "- licence: " not in each] == []
    assert [each.partition("\n")[0] for each in sections if "**Limits.**" not in each] == []
