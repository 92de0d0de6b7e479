"""The fixtures that ship for other people's tests, in test suites of their own."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from typing import Any

import pytest

pytest_plugins = ("pytester",)


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Any:
    """Run a test file as a user of HERD does: the plugin is there by its entry point."""
    installed = entry_points(group="pytest11", name="herd")
    options = [] if installed else ["-p", "herd_graph.pytest_plugin"]

    def run(source: str, ini: str = "") -> Any:
        pytester.makeini(f"[pytest]\n{ini}")
        pytester.makepyfile(source)
        return pytester.runpytest_inprocess(*options, "-p", "no:cacheprovider")

    return run


def test_a_scripted_herd_answers_as_the_test_says(suite: Any) -> None:
    result = suite(
        """
        def test_greeting(herd, herd_router, herd_expert, herd_home):
            greet = herd_expert("greet", script=["good morning"])
            herd.add(greet)
            step = {"id": "s1", "expert": "greet", "inputs": {"text": {"value": "Ann"}}}
            herd_router.give("greet Ann", {"steps": [step]})

            run = herd.run("greet Ann")

            assert run.answer.text == "good morning"
            assert str(greet.calls[0].inputs["text"]) == "Ann"
            assert [task.text for task in herd_router.tasks] == ["greet Ann"]
            assert herd.home == herd_home
            assert herd.plan("what nobody planned").plan.abstained
        """
    )

    result.assert_outcomes(passed=1)


def test_herds_are_made_and_closed(suite: Any) -> None:
    result = suite(
        """
        import pytest
        from herd_graph.errors import HerdError

        made = []

        def test_two(make_herd, herd_expert):
            made.extend([make_herd(herd_expert("a")), make_herd(router="semantic")])
            assert made[0].registry.find("a").name == "a"
            assert made[1].engine.router.name == "semantic"

        def test_they_are_closed():
            for herd in made:
                with pytest.raises(HerdError, match="closed"):
                    herd.get("last")
        """
    )

    result.assert_outcomes(passed=2)


MODEL = '''
import pytest
from herd_graph import Herd, Plan, expert
from herd_graph.errors import CallRefused

@expert
class Model:
    """Hold a model."""

    def load(self): ...

    def __call__(self, text: str) -> str:
        return text.upper()

PLAN = Plan.parse({"steps": [{"id": "s1", "expert": "model", "inputs": {"text": {"value": "a"}}}]})
'''


def test_no_model_is_called_unless_the_test_is_marked(suite: Any) -> None:
    result = suite(
        MODEL
        + """
def test_refused(make_herd):
    run = make_herd(Model).run(PLAN)
    assert run.status == "failed"
    assert "HERD_ALLOW_MODEL_CALLS=0" in str(run.answer)

@pytest.mark.herd_models
def test_allowed(make_herd):
    assert make_herd(Model).run(PLAN).answer.text == "A"

def test_not_ours(herd_home):
    with Herd(Model, checkpoints="memory") as own:
        assert own.run(PLAN).answer.text == "A"
"""
    )

    result.assert_outcomes(passed=3)


def test_the_ini_forbids_models_everywhere(suite: Any) -> None:
    result = suite(
        MODEL
        + """
def test_refused(herd_home):
    with Herd(Model, checkpoints="memory") as own:
        assert own.run(PLAN).status == "failed"
""",
        ini="herd_models = forbid",
    )

    result.assert_outcomes(passed=1)


def test_the_network_is_refused(suite: Any) -> None:
    result = suite(
        """
        import socket
        import pytest

        def test_it(herd_offline):
            socket.create_connection(("192.0.2.1", 80), timeout=1)
        """
    )

    assert result.ret != 0
    result.stdout.fnmatch_lines(["*NetworkBlocked*"])


def test_it_costs_other_test_suites_nothing() -> None:
    program = (
        "import sys, herd_graph.pytest_plugin\n"
        "print([n for n in ('pydantic', 'langgraph', 'herd_graph.herd') if n in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
