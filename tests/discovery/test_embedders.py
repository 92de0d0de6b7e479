"""Text to vectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.discovery.embedders import Embedder, HashEmbedder, MiniLM, default_embedder

MINILM = MiniLM()


@pytest.fixture(params=["minilm", "hash"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return MINILM if request.param == "minilm" else HashEmbedder()


def test_vectors_have_length_one_and_the_stated_width(embedder: Embedder) -> None:
    vectors = embedder.embed(["read the sign", "", "ação", "x" * 5000, "\udcff\ud83d"])

    assert vectors.shape == (5, embedder.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_a_text_has_the_same_vector_whatever_stands_beside_it(embedder: Embedder) -> None:
    alone = embedder.embed(["read the sign"])[0]
    fresh = MiniLM() if isinstance(embedder, MiniLM) else HashEmbedder()

    beside = fresh.embed(["a much longer text about something else entirely", "read the sign"])[1]

    assert np.array_equal(alone, beside)


def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimensions)


def test_the_model_puts_what_means_the_same_closer_than_what_does_not() -> None:
    written, said, unlike = MINILM.embed(
        ["write down what is said", "transcribe the speech", "the price of tomatoes"]
    )

    assert float(written @ said) > float(written @ unlike) + 0.2


@given(st.text(max_size=300))
def test_hashing_takes_any_text(text: str) -> None:
    vector = HashEmbedder(64).embed([text])[0]

    assert abs(float(np.linalg.norm(vector)) - 1.0) < 1e-5


def test_the_default_is_the_model_where_it_is_installed() -> None:
    assert MiniLM.is_installed()
    assert default_embedder().name == "minilm-l6-v2-int8"
