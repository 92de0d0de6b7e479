"""Hold a router against a user's own regression set: requests, and the plans that are right.

    {"id": "r1", "task": "transcribe this and translate it", "files": ["audio:call.wav"],
     "experts": ["transcribe", "translate"]}
    {"id": "r2", "task": "buy me a horse", "experts": []}

or the form of ``benchmarks/compound``: several wordings and whole plans as golds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from herd_graph.bench import compound
from herd_graph.errors import ConfigError, HerdError
from herd_graph.plans import Plan
from herd_graph.routing.base import Situation
from herd_graph.tasks import Task

if TYPE_CHECKING:
    from herd_graph.herd import Herd


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of one wording of one request."""

    id: str
    request: str
    right: bool
    wanted: str
    got: str
    confidence: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What came of a set."""

    router: str
    registry: str
    """The fingerprint of the experts that there were."""
    verdicts: tuple[Verdict, ...]

    @property
    def share(self) -> float:
        """The share of right plans."""
        return sum(each.right for each in self.verdicts) / len(self.verdicts)

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints, and ``--baseline`` reads."""
        return {
            "router": self.router,
            "registry": self.registry,
            "right": sum(each.right for each in self.verdicts),
            "requests": len(self.verdicts),
            "share": round(self.share, 4),
            "verdicts": [asdict(each) for each in self.verdicts],
        }

    def lines(self) -> list[str]:
        """Return what people read: every plan that is not as wanted, and the share."""
        wrong = [each for each in self.verdicts if not each.right]
        made = [
            f"{each.id}: {each.request}\n  wanted {each.wanted}\n  got    {each.got}"
            for each in wrong
        ]
        count = len(self.verdicts)
        made.append(f"{count - len(wrong)} of {count} plans are right ({self.share:.1%})")
        return made


async def evaluate(
    herd: Herd, path: Path, *, say: Callable[[str], None] = lambda _: None
) -> Evaluation:
    """Plan every wording of every request, and compare with what is wanted. Nothing is run.

    Raises:
        ConfigError: The set cannot be read, or is empty.
    """
    sets = _read(path)
    experts = herd.registry.snapshot()
    await herd.engine.sync_index()
    found: list[Verdict] = []
    for number, item in enumerate(sets, start=1):
        history, names = item.turns(experts)
        for place, wording in enumerate(item.wordings):
            situation = Situation(
                experts=experts,
                index=herd.engine.index,
                store=herd.store,
                budget=herd.engine.budget,
                history=history,
            )
            try:
                route = await herd.engine.router.route(item.task(wording), situation)
                plan, sure = route.plan, route.trace.confidence
                called = compound.named(route.attachments, names)
            except HerdError as error:
                plan, sure = Plan(reason=f"{type(error).__name__}: {error}"), 0.0
                called = {}
            right = _is_right(item, plan, experts, called)
            mark = f"{item.id}.{place + 1}" if len(item.wordings) > 1 else item.id
            found.append(
                Verdict(
                    id=mark,
                    request=wording[:200],
                    right=right,
                    wanted=" | ".join(item.gold),
                    got=_told(plan),
                    confidence=sure,
                )
            )
        if number % 25 == 0:
            say(f"{number} of {len(sets)} requests")
    return Evaluation(
        router=herd.engine.router.name, registry=experts.fingerprint, verdicts=tuple(found)
    )


def worsened(now: Evaluation, baseline: Path) -> tuple[str, ...]:
    """Return the requests that were right in an earlier evaluation and are not now.

    Raises:
        ConfigError: The earlier output cannot be read.
    """
    try:
        before = cast("dict[str, Any]", json.loads(baseline.read_text(encoding="utf-8")))
        was = {str(each["id"]) for each in before["verdicts"] if each["right"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"The baseline {str(baseline)!r} cannot be read: {type(error).__name__}: {error}. "
            "Expected what herd eval --json printed. Make one: herd eval SET --json > FILE."
        ) from None
    return tuple(each.id for each in now.verdicts if not each.right and each.id in was)


def _told(plan: Plan) -> str:
    names = [(each.expert or "").partition("@")[0] for each in plan.steps]
    left = f", unmet: {'; '.join(plan.unmet)}" if plan.unmet else ""
    return (" > ".join(names) + left) if names else f"- ({plan.reason[:200]})"


_EXPERTS = "experts:"
"""Marks a gold that names experts alone."""


def _is_right(item: compound.Compound, plan: Plan, experts: Any, names: Mapping[str, str]) -> bool:
    for gold in item.gold:
        if gold.startswith(_EXPERTS):
            wanted = sorted(each for each in gold.removeprefix(_EXPERTS).split() if each)
            got = sorted((each.expert or "").partition("@")[0] for each in plan.steps)
            if wanted == got:
                return True
            continue
        want = compound.read_gold(gold)
        for defaults in (False, True):
            got = compound.answers(plan, experts, names, defaults=defaults)
            if compound.agrees(plan, want, got):
                return True
    return False


def _read(path: Path) -> list[compound.Compound]:
    """Read a set in either form, also mixed."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The set {str(path)!r} cannot be read: {error}. Expected JSON lines in UTF-8. Check the "
            "path."
        ) from error
    found: list[compound.Compound] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = cast("dict[str, Any]", json.loads(line))
            simple = "wordings" not in row
            item = compound.Compound(
                id=str(row.get("id") or number),
                files=tuple(row.get("files") or ()),
                wordings=(str(row["task"]),) if simple else tuple(row["wordings"]),
                gold=_gold(row) if simple else tuple(row["gold"]),
                history=tuple(row.get("history") or ()),
            )
            Task(text=item.wordings[0])
            for each in item.gold:
                if not each.startswith(_EXPERTS):
                    compound.read_gold(each)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise ConfigError(
                f"Line {number} of {str(path)!r} cannot be read: {type(error).__name__}: {error}. "
                'Expected {"task", "files", "experts"}, or {"wordings", "files", "gold"}. Correct '
                "the line."
            ) from None
        found.append(item)
    if not found:
        raise ConfigError(f"{str(path)!r} holds no requests. Expected a JSON object on each line.")
    return found


def _gold(row: Mapping[str, Any]) -> tuple[str, ...]:
    experts = cast("list[object]", row["experts"])
    if not isinstance(experts, list):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError("'experts' is no list")
    return (f"{_EXPERTS} {' '.join(map(str, experts))}",)


__all__ = ("Evaluation", "Verdict", "evaluate", "worsened")
