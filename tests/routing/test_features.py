"""Features tell a skewed page from a level one, noise from speech, and never fail on odd files."""

from __future__ import annotations

import numpy as np
from PIL import Image as pil
from PIL import ImageDraw

from herd_graph import Audio, Image, Text
from herd_graph.routing.features import features_of, names_of
from herd_graph.types import Kind


def page(angle: float = 0.0) -> Image:
    picture = pil.new("RGB", (400, 400), "white")
    draw = ImageDraw.Draw(picture)
    for top in range(40, 360, 24):
        draw.rectangle((40, top, 360, top + 6), fill="black")
    return Image(picture.rotate(angle, fillcolor="white"))


def test_the_skew_of_a_page_is_measured() -> None:
    level, left = features_of(page()), features_of(page(5))

    assert level["image.skew"] == 0
    assert 3 <= abs(left["image.skew"]) <= 7
    assert level["image.width"] == 400


def test_noise_lowers_the_signal_to_noise_of_a_recording() -> None:
    draw = np.random.default_rng(0)
    time = np.arange(16000) / 8000
    clean = np.sin(2 * np.pi * 440 * time) * (np.sin(2 * np.pi * 2 * time) > 0) * 0.5
    noisy = clean + draw.normal(scale=0.1, size=len(clean))

    before = features_of(Audio.from_samples(clean, 8000))
    after = features_of(Audio.from_samples(noisy, 8000))

    assert before["audio.signal_to_noise"] > after["audio.signal_to_noise"] + 10
    assert before["audio.seconds"] == 2
    assert abs(before["audio.centroid"] - 440) < 60


def test_every_kind_gives_the_features_that_it_names() -> None:
    for artifact, kind in (
        (page(), Kind.IMAGE),
        (Image(pil.new("RGB", (1, 1))), Kind.IMAGE),
        (Audio.from_samples(np.zeros(1), 8000), Kind.AUDIO),
        (Text(""), Kind.TEXT),
    ):
        found = features_of(artifact)

        assert tuple(found) == names_of(kind)
        assert np.isfinite(list(found.values())).all()
