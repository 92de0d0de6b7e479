"""Where graphs/, tools/ and prompts/ are found: beside this file in a wheel, else in the checkout.

The folders live at the top of the repository and ship inside the wheel, so that no package named
``tools`` ever lands in anybody's site-packages. In an editable install they are not beside this
file; the repository's root joins the search path of this package alone.
"""

from __future__ import annotations

from pathlib import Path

_here = Path(__file__).parent
if not (_here / "tools").is_dir():
    __path__.append(str(_here.parent.parent))


def folder(name: str) -> Path:
    """Return the folder ``graphs``, ``tools`` or ``prompts``."""
    beside = _here / name
    return beside if beside.is_dir() else _here.parent.parent / name
