"""The kinds of things that the detector knows (COCO's eighty), and how people speak of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

LABELS = (
    *("person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"),
    *("traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat"),
    *("dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack"),
    *("umbrella", "handbag", "tie", "suitcase", "frisbee", "ski", "snowboard", "sports ball"),
    *("kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket"),
    *("bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple"),
    *("sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair"),
    *("sofa", "potted plant", "bed", "dining table", "toilet", "television", "laptop", "mouse"),
    *("remote control", "keyboard", "cell phone", "microwave", "oven", "toaster", "sink"),
    *("refrigerator", "book", "clock", "vase", "scissors", "teddy bear", "hair dryer"),
    "toothbrush",
)
"""In the order of the network's outputs; spelled as people do, where Darknet's list does not."""

Thing = Literal[
    "person",
    "animal",
    "vehicle",
    "bicycle",
    "car",
    "motorcycle",
    "airplane",
    "bus",
    "train",
    "truck",
    "boat",
    "traffic light",
    "fire hydrant",
    "stop sign",
    "parking meter",
    "bench",
    "bird",
    "cat",
    "dog",
    "horse",
    "sheep",
    "cow",
    "elephant",
    "bear",
    "zebra",
    "giraffe",
    "backpack",
    "umbrella",
    "handbag",
    "tie",
    "suitcase",
    "frisbee",
    "ski",
    "snowboard",
    "sports ball",
    "kite",
    "baseball bat",
    "baseball glove",
    "skateboard",
    "surfboard",
    "tennis racket",
    "bottle",
    "wine glass",
    "cup",
    "fork",
    "knife",
    "spoon",
    "bowl",
    "banana",
    "apple",
    "sandwich",
    "orange",
    "broccoli",
    "carrot",
    "hot dog",
    "pizza",
    "donut",
    "cake",
    "chair",
    "sofa",
    "potted plant",
    "bed",
    "dining table",
    "toilet",
    "television",
    "laptop",
    "mouse",
    "remote control",
    "keyboard",
    "cell phone",
    "microwave",
    "oven",
    "toaster",
    "sink",
    "refrigerator",
    "book",
    "clock",
    "vase",
    "scissors",
    "teddy bear",
    "hair dryer",
    "toothbrush",
]
"""What can be asked for: one kind, or a group of them. A type checker wants it spelled out."""

GROUPS: Mapping[str, frozenset[str]] = {
    "animal": frozenset(LABELS[14:24]),
    "vehicle": frozenset(LABELS[1:9]),
}

_PLURALS = {
    "person": "people",
    "mouse": "mice",
    "knife": "knives",
    "sheep": "sheep",
    "scissors": "pairs of scissors",
    "broccoli": "heads of broccoli",
}

_ALSO: Mapping[str, str] = {
    "person": r"persons?|people|humans?|man|men|woman|women|boys?|girls?|child|children|kids?|lad(?:y|ies)|bab(?:y|ies)|adults?|"
    r"somebody|someone|anybody|anyone|everybody|everyone|faces?|pessoas?|homens?|mulher(?:es)?|crianças?",
    "animal": r"animals?|pets?|animais",
    "vehicle": r"vehicles?|traffic|veículos?",
    "bicycle": r"bicycles?|bikes?|bicicletas?",
    "motorcycle": r"motorcycles?|motorbikes?",
    "airplane": r"airplanes?|aeroplanes?|planes?",
    "sofa": r"sofas?|couch(?:es)?",
    "television": r"televisions?|tvs?",
    "cell phone": r"(?:cell |mobile )?phones?|mobiles?",
    "potted plant": r"(?:potted )?plants?",
    "dining table": r"(?:dining )?tables?",
    "refrigerator": r"refrigerators?|fridges?",
    "cat": r"cats?|kittens?|kitt(?:y|ies)|gatos?|gatas?",
    "dog": r"dogs?|pupp(?:y|ies)|cão|cães|cachorros?",
    "car": r"cars?|carros?",
    "donut": r"donuts?|doughnuts?",
}
_NOT_THINGS = frozenset({"orange", "remote control"})
"""A colour more often than a fruit; and what nobody says in full."""


def _form(label: str) -> str:
    return _ALSO.get(label) or "|".join(
        sorted({re.escape(label), re.escape(plural(label).removeprefix("pairs of "))}, key=len)
    )


def named(request: str) -> list[str]:
    """Return the kinds of things that a request names, each once, in its order: *a cat or a dog*."""
    found: list[tuple[int, str]] = []
    for label, form in _named_forms():
        said = re.search(rf"\b(?:{form})\b", request, re.IGNORECASE)
        if said is not None:
            found.append((said.start(), label))
    return [label for _, label in sorted(found)]


@lru_cache(maxsize=1)
def _named_forms() -> list[tuple[str, str]]:
    return [(each, _form(each)) for each in (*GROUPS, *LABELS) if each not in _NOT_THINGS]


def plural(label: str) -> str:
    """Return the plural of a label: ``people``, ``wine glasses``."""
    if label in _PLURALS:
        return _PLURALS[label]
    return f"{label}es" if label.endswith(("s", "ch", "sh", "x")) else f"{label}s"


def number_of(label: str, count: int) -> str:
    """Return ``1 car``, ``2 people``."""
    if count == 1:
        return "1 pair of scissors" if label == "scissors" else f"1 {label}"
    return f"{count} {plural(label)}"


def listed(counts: Mapping[str, int]) -> str:
    """Return ``2 people, 1 car and 1 dog``: the most first."""
    parts = [
        number_of(label, count)
        for label, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
