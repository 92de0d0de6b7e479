"""Experts as a page."""

from __future__ import annotations

from herd_graph import Text, expert
from herd_graph.cli.catalogue import catalogue


@expert(
    examples=["make it louder"],
    latency_s=0.5,
    memory="20 MiB",
    licence="MIT",
    notes="Letters only.",
    cost_usd=0.25,
    locality="remote",
    approve=True,
)
def shout(text: Text) -> Text:
    """Write a text in capitals | loudly.

    Args:
        text: What to shout.
    """
    return Text(text.text.upper())


def test_a_card_becomes_a_row_and_a_section() -> None:
    page = catalogue([shout.card])

    row = r"| [`shout`](#shout) | Write a text in capitals \| loudly. | Text | Text | 0.5 s | 20 MiB |"
    assert row in page.splitlines()
    for line in (
        "## shout",
        "shout(text: Text) -> Text",
        "- `text`: What to shout.",
        "Ask for it like this: *make it louder*.",
        "**Limits.** Letters only.",
        "- licence: MIT",
        "- cost: up to $0.25 a call",
        "- where: data leaves this machine",
        "- approval: a person is asked before each call",
    ):
        assert line in page.splitlines(), line
