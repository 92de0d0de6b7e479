"""References and ids: small, strict, JSON."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from herd_graph.types import ArtifactRef, Kind, Provenance

plain = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    st.builds(
        ArtifactRef,
        id=plain,
        kind=st.sampled_from(Kind),
        mime=plain,
        size=st.integers(0, 2**60),
        name=plain,
        inline=st.none() | plain,
        provenance=st.builds(Provenance, run=plain, step=plain, sources=st.tuples(plain)),
    )
)
def test_a_reference_survives_json(ref: ArtifactRef) -> None:
    assert ArtifactRef.model_validate_json(ref.model_dump_json()) == ref
    assert ArtifactRef.model_validate(ref.model_dump(mode="json")) == ref


@pytest.mark.parametrize(
    "wrong", [{"size": -1}, {"kind": "picture"}, {"colour": "red"}, {"mime": None}]
)
def test_a_reference_takes_nothing_else(wrong: dict[str, object]) -> None:
    right = {"id": "0" * 64, "kind": "text", "mime": "text/plain", "size": 1}

    with pytest.raises(ValidationError):
        ArtifactRef.model_validate(right | wrong)


def test_a_reference_cannot_be_changed() -> None:
    ref = ArtifactRef(id="x", kind=Kind.TEXT, mime="text/plain", size=1)

    with pytest.raises(ValidationError):
        ref.size = 2  # pyright: ignore[reportAttributeAccessIssue]


def test_kinds_are_their_names() -> None:
    assert f"{Kind.IMAGE}" == "image"
    assert Kind("audio") is Kind.AUDIO
