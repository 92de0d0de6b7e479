"""When an expert is near enough to be chosen."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Thresholds(BaseModel):
    """The router's settings; set on its development requests, recorded in each trace."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    choose: float = 0.40
    """The least score with nothing attached."""
    choose_attached: float = 0.30
    """The least score when the clause has material to work on, which says much by itself."""
    choose_converter: float = 0.42
    """The least score of an expert that only carries content over, such as speech to text: it is
    put in wherever it is needed, and is an answer of itself only when it is asked for."""
    ahead: float = 0.05
    """By how much an expert for anything must lead one for this, to be taken before it."""
    strong: float = 0.62
    """From here an expert that cannot be used is the reason to stop, not to take the next."""
    lead: float = 0.12
    """By how much another expert may come after one that cannot be used and still be taken."""
