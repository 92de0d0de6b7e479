"""The description is true: schemathesis sends what it allows, and what it does not, and finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.internal.conjecture import utils as conjecture
from openai.types.chat import ChatCompletion
from schemathesis import GenerationMode
from schemathesis import checks as found
from schemathesis.specs.openapi import checks as specified
from served import EXPERTS, Served, serving

from herd_graph import Herd

KEY = "alice-has-this-key"
CHECKS = (
    found.not_a_server_error,
    specified.status_code_conformance,
    specified.content_type_conformance,
    specified.response_headers_conformance,
    specified.response_schema_conformance,
    specified.negative_data_rejection,
    specified.ignored_auth,
    specified.missing_required_header,
    specified.unsupported_method,
    specified.use_after_free,
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    with Herd(*EXPERTS, home=home) as herd, serving(herd, keys=[KEY]) as running:
        yield running


@pytest.mark.skipif(
    not hasattr(conjecture.many, "more"),
    reason="hypothesis-jsonschema does not work with this hypothesis; pyproject.toml names one",
)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_nothing_is_found(served: Served, mode: GenerationMode) -> None:
    described: Any = schemathesis.openapi.from_url(f"{served.url}/openapi.json")
    for each in described.get_all_operations():
        operation = each.ok()

        @settings(
            max_examples=8,
            deadline=None,
            suppress_health_check=cast("Any", list(HealthCheck)),
            derandomize=True,
            database=None,
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def holds(case: Any) -> None:
            headers = {"Authorization": f"Bearer {KEY}"}
            case.call_and_validate(headers=headers, checks=list(CHECKS))

        try:
            holds()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE  # nothing can be wrong where nothing is sent


def test_every_route_is_described(served: Served) -> None:
    described = httpx.get(f"{served.url}/openapi.json").json()["paths"]
    routes = {
        (each.path.replace(":path}", "}"), method.lower())
        for each in served.app.routes
        for method in getattr(each, "methods", None) or ()
        if method != "HEAD"
    }

    assert {(path, method) for path, each in described.items() for method in each} == routes


def test_openais_own_types_read_what_is_answered(served: Served) -> None:
    client = served.client(KEY)
    answer = client.chat.completions.create(
        model="herd/hum", messages=[{"role": "user", "content": "abc"}]
    )

    assert isinstance(answer, ChatCompletion)
    ChatCompletion.model_validate(answer.model_dump(), strict=True)
