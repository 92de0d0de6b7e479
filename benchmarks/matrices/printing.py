"""Print short texts as pictures: fonts, and what scanners, cameras and designers do to a page."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FONTS: dict[str, str] = {
    "DejaVuSans.ttf": "development",
    "LiberationSerif-Regular.ttf": "development",
    "LiberationMono-Regular.ttf": "development",
    "Lato-Light.ttf": "development",
    "OpenSans-CondBold.ttf": "development",
    "C059-Italic.otf": "development",
    "NimbusSansNarrow-Regular.otf": "development",
    "Cantarell-Bold.otf": "development",
    "EBGaramond12-Regular.otf": "development",
    "FreeMono.ttf": "development",
    "Intuitive.ttf": "development",
    "Roboto-Thin.ttf": "development",
    "Caladea-Regular.ttf": "test",
    "Courier Prime.otf": "test",
    "ComicNeue-Regular.otf": "test",
    "Inconsolata.otf": "test",
    "LinLibertine_R.otf": "test",
    "URWBookman-Light.otf": "test",
    "URWGothic-Book.otf": "test",
    "P052-Italic.otf": "test",
    "Z003-MediumItalic.otf": "test",
    "HankenGrotesk-Light.otf": "test",
    "SourceSansPro-Black.ttf": "test",
    "AmaticSC-Bold.ttf": "test",
}
"""Every font, and the only part in which it is printed. No family is in both."""

CONDITIONS = (
    "clean",
    "small",
    "blurred",
    "turned",
    "jpeg",
    "noise",
    "pale",
    "inverted",
    "paper",
    "coarse",
    "shaken",
    "shaded",
)


@cache
def font_path(name: str) -> Path:
    """Return where a font lies: in Debian's folders, or in a package.

    Raises:
        FileNotFoundError: It is not installed.
    """
    roots = [Path("/usr/share/fonts")]
    for package in (
        "font_hanken_grotesk",
        "font_source_sans_pro",
        "font_roboto",
        "font_intuitive",
        "font_amatic_sc",
    ):
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            roots.append(Path(spec.origin).parent)
    for root in roots:
        found = sorted(root.rglob(name))
        if found:
            return found[0]
    raise FileNotFoundError(
        f"Font {name!r} is not installed. Expected it below /usr/share/fonts or in a font package. "
        "See benchmarks/README.md for what to install."
    )


def printed(font: str, condition: str, lines: Sequence[str], random: Any) -> bytes:
    """Return a page as PNG, or as JPEG where the condition is that.

    Args:
        font: One of ``FONTS``.
        condition: One of ``CONDITIONS``.
        lines: What stands on it.
        random: A numpy generator; equal seeds give equal pages.
    """
    image: Any = import_module("PIL.Image")
    drawing: Any = import_module("PIL.ImageDraw")
    fonts: Any = import_module("PIL.ImageFont")
    size = int(random.integers(9, 12)) if condition == "small" else int(random.integers(20, 30))
    face = fonts.truetype(str(font_path(font)), size)
    pitch = int(size * 1.45)
    widest = max(int(face.getlength(each)) for each in lines)
    edge = max(10, size)
    page = image.new("RGB", (widest + 2 * edge, pitch * len(lines) + 2 * edge), (250, 250, 248))
    pen = drawing.Draw(page)
    for row, line in enumerate(lines):
        pen.text((edge, edge + row * pitch), line, font=face, fill=(25, 25, 30))
    done = _WAYS[condition](page, random)
    kept = io.BytesIO()
    if condition == "jpeg":
        done.save(kept, "JPEG", quality=int(random.integers(4, 12)))
    else:
        done.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _as_is(page: Any, random: Any) -> Any:
    del random
    return page


def _blurred(page: Any, random: Any) -> Any:
    filters: Any = import_module("PIL.ImageFilter")
    return page.filter(filters.GaussianBlur(1.3 + 0.9 * random.random()))


def _turned(page: Any, random: Any) -> Any:
    angle = float(random.choice([-1, 1]) * (2.0 + 5.0 * random.random()))
    return page.rotate(angle, resample=3, expand=True, fillcolor=(250, 250, 248))


def _noise(page: Any, random: Any) -> Any:
    """Add grain, and specks of salt and pepper."""
    np: Any = import_module("numpy")

    image: Any = import_module("PIL.Image")
    values = np.asarray(page, dtype=np.float32)
    values = values + random.normal(0, 30 + 25 * random.random(), values.shape[:2])[:, :, None]
    specks = random.random(values.shape[:2])
    values[specks < 0.02] = 0
    values[specks > 0.98] = 255
    return image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def _pale(page: Any, random: Any) -> Any:
    np: Any = import_module("numpy")

    image: Any = import_module("PIL.Image")
    values = np.asarray(page, dtype=np.float32)
    depth = 0.07 + 0.08 * random.random()
    made = 215 + (values - 250) * depth + random.normal(0, 2.0, values.shape[:2])[:, :, None]
    return image.fromarray(np.clip(made, 0, 255).astype(np.uint8))


def _inverted(page: Any, random: Any) -> Any:
    """Print in a light colour on a dark one."""
    np: Any = import_module("numpy")

    image: Any = import_module("PIL.Image")
    ink = (np.asarray(page, dtype=np.float32).mean(axis=2) / 250)[:, :, None]
    ground, letters = random.integers(0, 90, 3), random.integers(150, 255, 3)
    return image.fromarray((ground * ink + letters * (1 - ink)).clip(0, 255).astype(np.uint8))


def _paper(page: Any, random: Any) -> Any:
    """Print on marbled paper: soft blotches as dark as half of the ink."""
    np: Any = import_module("numpy")

    image: Any = import_module("PIL.Image")
    small = random.random((8, 24)) * 255
    blotches = image.fromarray(small.astype(np.uint8)).resize(page.size, 3)
    values = np.asarray(page, dtype=np.float32)
    marbled = values - np.asarray(blotches, dtype=np.float32)[:, :, None] * [0.5, 0.45, 0.6]
    return image.fromarray(np.clip(marbled, 0, 255).astype(np.uint8))


def _coarse(page: Any, random: Any) -> Any:
    """Scan it too coarsely and blow it up again."""
    factor = 2.2 + 0.9 * random.random()
    small = page.resize((int(page.width / factor), int(page.height / factor)), 2)
    return small.resize(page.size, 3)


def _shaken(page: Any, random: Any) -> Any:
    """Move the camera sideways while it looks."""
    np: Any = import_module("numpy")

    image: Any = import_module("PIL.Image")
    values = np.asarray(page, dtype=np.float32)
    length = int(random.integers(5, 9))
    moved = np.mean([np.roll(values, each, axis=1) for each in range(length)], axis=0)
    return image.fromarray(moved.astype(np.uint8))


def _shaded(page: Any, random: Any) -> Any:
    """Photograph it from the side, half of it in the shade."""
    np: Any = import_module("numpy")

    image: Any = import_module("PIL.Image")
    width, height = page.size
    lean = 0.06 + 0.08 * random.random()
    tall = page.transform(
        page.size,
        image.Transform.QUAD,
        (
            -width * lean / 3,
            -height * lean,
            0,
            height * (1 + lean),
            width,
            height,
            width,
            0,
        ),
        resample=2,
        fillcolor=(250, 250, 248),
    )
    light = np.linspace(1.0, 0.25 + 0.2 * random.random(), width)
    values = np.asarray(tall, dtype=np.float32) * light[None, :, None]
    return image.fromarray(np.clip(values + random.normal(0, 4, values.shape), 0, 255).astype("u1"))


_WAYS: dict[str, Callable[[Any, Any], Any]] = {
    "clean": _as_is,
    "small": _as_is,
    "blurred": _blurred,
    "turned": _turned,
    "jpeg": _as_is,
    "noise": _noise,
    "pale": _pale,
    "inverted": _inverted,
    "paper": _paper,
    "coarse": _coarse,
    "shaken": _shaken,
    "shaded": _shaded,
}

__all__ = ("CONDITIONS", "FONTS", "font_path", "printed")
