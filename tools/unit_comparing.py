"""Which of two measures is more: *is 70 psi more than 4.5 bar*."""

from __future__ import annotations

import re
from typing import NamedTuple

_MORE = "more|bigger|larger|longer|taller|higher|heavier|hotter|warmer|faster|further|farther|wider|deeper|older|greater"
_LESS = "less|smaller|shorter|lower|lighter|colder|cooler|slower|nearer|narrower|fewer"
_N = r"-?\d[\d.,]*"
_ASKED = re.compile(
    rf"\W*(?:(?:and|so|please|tell me|do you know)[ ,]+)*(?:if |whether )?(?:is|are) (?P<one>{_N} ?[^,?]+?) (?:really |much |a bit )?"
    rf"(?P<how>{_MORE}|{_LESS}) than (?P<two>{_N} ?[^\d,?]+?)\W*",
    re.IGNORECASE,
)
_WHICH = re.compile(
    rf"\W*(?:(?:and|so|please|tell me)[ ,]+)*(?:which|what)(?: one)? is (?P<how>{_MORE}|{_LESS})(?: of the two)?[,:]? (?P<one>{_N} ?[^\d,?]+?) or (?P<two>{_N} ?[^\d,?]+?)\W*",
    re.IGNORECASE,
)
_UNIT = re.compile(rf"(?P<n>{_N}) ?(?P<unit>.+)")


class Comparison(NamedTuple):
    """Two measures, and what is asked of them."""

    one: str
    two: str
    unit: str
    """Of the second: what the first is converted to."""
    second: float
    how: str
    is_which: bool

    def told(self, made: float, said: str) -> str:
        """Return the answer.

        Args:
            made: The first in the unit of the second.
            said: Its conversion in words: *70 psi = 4.826 bar*.
        """
        same = abs(made - self.second) <= 1e-6 * max(abs(made), abs(self.second))
        more = made > self.second
        wants_more = re.fullmatch(_MORE, self.how, re.IGNORECASE) is not None
        if same:
            return f"{'They are the same' if self.is_which else 'No, they are the same'}: {said}."
        if self.is_which:
            winner = self.one if more is wants_more else self.two
            return f"{winner} is {self.how}: {said}, and the other is {self.two}."
        yes = more is wants_more
        return f"{'Yes' if yes else 'No'}: {said}, which is {'more' if more else 'less'} than {self.two}."


def comparison(asked: str) -> Comparison | None:
    """Return what a question compares; None where it compares nothing.

    Args:
        asked: Numbers in digits.
    """
    found = _ASKED.fullmatch(asked) or _WHICH.fullmatch(asked)
    second = _UNIT.fullmatch(found["two"].strip()) if found else None
    if found is None or second is None:
        return None
    number = float(second["n"].rstrip(".,").replace(",", ""))
    return Comparison(
        found["one"].strip(), found["two"].strip(), second["unit"].strip(), number,
        found["how"].lower(), found.re is _WHICH,
    )  # fmt: skip


__all__ = ("Comparison", "comparison")
