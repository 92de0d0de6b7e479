"""Pictures, as they come: odd modes, turned, animated, cut off, bombs."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image as pil

from herd_graph.artifacts import Image
from herd_graph.config import Limits
from herd_graph.errors import ArtifactTooLarge, ArtifactUnreadable


def encoded(picture: pil.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)  # pyright: ignore[reportArgumentType]
    return buffer.getvalue()


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """Return a PNG with this header, whatever its data are."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("mode", "form"),
    [
        ("RGB", "PNG"),
        ("RGB", "JPEG"),
        ("RGB", "WEBP"),
        ("RGB", "BMP"),
        ("RGB", "GIF"),
        ("RGBA", "PNG"),
        ("RGBA", "WEBP"),
        ("L", "JPEG"),
        ("LA", "PNG"),
        ("P", "GIF"),
        ("P", "PNG"),
        ("1", "PNG"),
        ("1", "TIFF"),
        ("CMYK", "JPEG"),
        ("CMYK", "TIFF"),
        ("YCbCr", "JPEG"),
        ("LAB", "TIFF"),
        ("I;16", "PNG"),
        ("I;16", "TIFF"),
        ("I", "TIFF"),
        ("F", "TIFF"),
    ],
)
def test_every_mode_becomes_eight_bit_rgb(mode: str, form: str) -> None:
    if mode == "I;16":
        picture = pil.fromarray(np.full((4, 6), 40000, np.uint16))
    elif mode == "LAB":
        picture = pil.new("LAB", (6, 4), (120, 10, 20))
    else:
        picture = pil.new("RGB", (6, 4), (200, 120, 40)).convert(mode)
    image = Image(encoded(picture, form))

    image.check()

    assert image.array().shape == (4, 6, 3)
    assert image.array().dtype == np.uint8
    assert image.pil().mode == "RGB"


def test_sixteen_bits_keep_their_brightness() -> None:
    ramp = np.linspace(0, 65535, 256, dtype=np.uint16).reshape(16, 16)

    gray = Image(encoded(pil.fromarray(ramp))).array()[:, :, 0]

    assert int(gray.min()) == 0
    assert int(gray.max()) == 255
    assert np.abs(gray.ravel().astype(int) - np.arange(256)).max() <= 1


def test_transparency_lies_on_white() -> None:
    image = Image(pil.new("RGBA", (2, 2), (255, 0, 0, 0)))

    assert image.array()[0, 0].tolist() == [255, 255, 255]


def test_an_animation_is_its_first_frame() -> None:
    frames = [pil.new("RGB", (5, 5), color) for color in ("red", "blue", "lime")]
    moving = Image(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))

    moving.check()

    assert moving.array()[2, 2].tolist() == [254, 0, 0] or moving.array()[2, 2].tolist() == [
        255,
        0,
        0,
    ]


def test_a_photograph_is_turned_upright() -> None:
    picture = pil.new("RGB", (8, 4), "white")
    exif = pil.Exif()
    exif[0x0112] = 6  # turned by a quarter

    turned = Image(encoded(picture, "JPEG", exif=exif))

    assert turned.pil().size == (4, 8)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"])
@pytest.mark.parametrize("kept", [0.1, 0.6])
def test_what_is_cut_off_is_refused(form: str, kept: float) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    whole = encoded(pil.fromarray(noise), form)

    with pytest.raises(ArtifactUnreadable, match=r"'box\.png' cannot be decoded.*complete"):
        Image(whole[: int(len(whole) * kept)], name="box.png").check()


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"not a picture", b"\xff\xd8\xff\xe0", b"\0" * 999]
)
def test_no_picture_is_refused_and_still_described(content: bytes) -> None:
    image = Image(content, name="x.png")

    with pytest.raises(ArtifactUnreadable):
        image.check()
    assert "not decodable" in image.summary
    assert set(image._repr_mimebundle_()) == {"text/plain"}


@pytest.mark.parametrize("edge", [11_000, 14_000, 60_000])
def test_a_decompression_bomb_is_refused_by_its_header(edge: int) -> None:
    bomb = Image(png(edge, edge))

    with pytest.raises(ArtifactTooLarge, match=r"too large once decoded.*100,000,000 pixels"):
        bomb.check()


def test_the_limit_is_the_one_that_is_set() -> None:
    picture = Image(pil.new("RGB", (50, 50)))

    picture.check(Limits(image_pixels=2500))
    with pytest.raises(ArtifactTooLarge, match="50 x 50 pixels"):
        picture.check(Limits(image_pixels=2499))


def test_a_header_with_too_little_behind_it_is_refused() -> None:
    with pytest.raises(ArtifactUnreadable):
        Image(png(500, 500, b"\0" * 100)).check()


def test_arrays_and_pictures_are_kept_exactly() -> None:
    pixels = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)

    assert Image(pixels).array().tolist() == pixels.tolist()
    assert Image(pil.fromarray(pixels)) == Image(pixels)
    assert Image(pixels).dimensions == (5, 4)


def test_a_thumbnail_keeps_the_proportions() -> None:
    small = pil.open(io.BytesIO(Image(pil.new("RGB", (800, 400))).thumbnail(100)))

    assert small.size == (100, 50)
