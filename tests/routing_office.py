"""A small office of tools and requests of our own, for the learned router's tests."""

from __future__ import annotations

import random

from herd_graph.routing.taskbench import Sample, Tool

THINGS = {
    "train_ticket": "train ticket",
    "hotel_room": "hotel room",
    "meeting": "meeting",
    "alarm": "alarm clock",
    "car": "rental car",
}
DEEDS = {
    "book": ("book a {}", "get me a {}", "I need a {}, reserve one"),
    "cancel": ("cancel my {}", "I no longer want the {}, call it off", "drop the {}"),
    "change": ("change my {}", "move the {} to another time", "my {} has to be rescheduled"),
}
TOOLS = tuple(
    Tool(name=f"{thing}_{deed}", description=f"{deed.title()} a {noun}", tags=(noun,))
    for thing, noun in THINGS.items()
    for deed in DEEDS
)
JOINTS = ("{a} and then {b}", "{a}, {b}", "please {a}. After that {b}", "{a}; finally {b}")


def requests(count: int, *, seed: int = 0) -> list[Sample]:
    """Return requests for one or two deeds, in the order in which they are said."""
    drawn = random.Random(seed)
    made: list[Sample] = []
    for number in range(count):
        chosen = drawn.sample(
            [(thing, deed) for thing in THINGS for deed in DEEDS], drawn.choice((1, 2, 2))
        )
        said = [drawn.choice(DEEDS[deed]).format(THINGS[thing]) for thing, deed in chosen]
        tools = tuple(f"{thing}_{deed}" for thing, deed in chosen)
        text = said[0] if len(said) == 1 else drawn.choice(JOINTS).format(a=said[0], b=said[1])
        links = ((tools[0], tools[1]),) if len(tools) == 2 else ()
        made.append(Sample(id=str(number), request=text, tools=tools, links=links))
    return made
