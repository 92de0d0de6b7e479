"""Why is mine never chosen? How an expert stands among the others on its own examples.

An example that stands in the card is found by itself, which says nothing about what people will
ask. So each is taken out of the card while its rank is measured: what remains, the description, the
tags and the other examples, has to find the expert. The router is asked with the card as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, cast

from herd_graph.doctor.stand_ins import attachments, sample_files
from herd_graph.errors import HerdError
from herd_graph.types import JSONObject

if TYPE_CHECKING:
    from herd_graph.artifacts import Artifact
    from herd_graph.cards import ExpertCard
    from herd_graph.discovery.index import Hit
    from herd_graph.experts import Expert
    from herd_graph.herd import Herd

_CLOSE = 0.03
"""A lead that another wording of the same request may turn round."""


@dataclass(frozen=True, kw_only=True)
class Contest:
    """One example, and who answers to it."""

    example: str
    rank: int
    """1 is first, with the example itself taken out of the card."""
    score: float
    """From 0 to 1."""
    rival: str = ""
    """The best of the others; empty where there is none."""
    rival_score: float = 0.0
    rival_text: str = ""
    """The text of the rival's card that comes nearest."""
    chosen: bool = False
    """Whether the router's plan has the expert, with or without a sample file attached."""
    instead: tuple[str, ...] = ()
    """The experts of the router's plan, where it is not chosen; empty where nobody is."""
    hint: str = ""
    """What to change in the card; empty where nothing needs to be."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one expert stands on all of its examples."""

    expert: str
    contests: tuple[Contest, ...] = ()
    advice: tuple[str, ...] = ()

    @property
    def first(self) -> int:
        """On how many examples it comes first."""
        return sum(each.rank == 1 for each in self.contests)

    @property
    def chosen(self) -> int:
        """For how many examples the router chooses it."""
        return sum(each.chosen for each in self.contests)

    @property
    def failed(self) -> bool:
        """Whether it has examples, and the router chooses it for none of them."""
        return bool(self.contests) and self.chosen == 0

    def dump(self) -> JSONObject:
        """Return it as JSON."""
        counted = {"first": self.first, "chosen": self.chosen}
        return cast("JSONObject", {**counted, **asdict(self)})

    def __str__(self) -> str:
        total = len(self.contests)
        lines = [self.expert]
        if total:
            lines[0] += f": chosen for {self.chosen} of {total} examples, first on {self.first}"
        for each in self.contests:
            lines.append(f"  {each.example!r}: {_place(each.rank)} ({each.score:.2f})")
            if each.rival:
                ahead = "behind" if each.rank > 1 else "before"
                lines.append(
                    f"    {ahead} {each.rival} ({each.rival_score:.2f}), by its {each.rival_text!r}"
                )
            if not each.chosen:
                others = ", ".join(each.instead) or "nobody"
                lines.append(f"    the router chooses {others}")
            if each.hint:
                lines.append(f"    → {each.hint}")
        return "\n".join([*lines, *(f"  advice: {each}" for each in self.advice)])


async def stand(expert: Expert, herd: Herd) -> Standing:
    """Measure how an expert ranks on its own examples, and who wins where it does not."""
    card = expert.card
    if not card.examples:
        missing = "its card has no examples; give it three to six requests as people would write"
        return Standing(expert=card.id, advice=(missing,))
    files = _files()
    contests = [
        await _contest(card, example, hits, files, herd)
        for example, hits in zip(card.examples, _ranked(card, herd), strict=True)
    ]
    return Standing(expert=card.id, contests=tuple(contests), advice=tuple(_advice(card, contests)))


def _files() -> list[Artifact]:
    """Return the sample files, and bare ones of the kinds that they lack: routing opens none."""
    from herd_graph.artifacts import Document, Table, Video

    files = sample_files()
    bare: tuple[Artifact, ...] = (
        Table([{"city": "Lisbon", "sales": 120}, {"city": "Porto", "sales": 80}], name="sales.csv"),
        Document(b"%PDF-1.4\n%%EOF\n", mime="application/pdf", name="report.pdf"),
        Video(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", mime="video/mp4", name="clip.mp4"),
    )
    kinds = {each.kind for each in files}
    return [*files, *(each for each in bare if each.kind not in kinds)]


def _ranked(card: ExpertCard, herd: Herd) -> Iterable[list[Hit]]:
    """Yield who answers to each example while the card does not have it, the best first.

    The index is one in memory: what is stored must not hear of cards with something taken out.
    """
    from herd_graph.discovery import CapabilityIndex
    from herd_graph.experts import Expert
    from herd_graph.registry import Snapshot

    snapshot = herd.registry.snapshot()
    others = {each.id: snapshot[each.id] for each in snapshot.latest if each.name != card.name}
    index = CapabilityIndex.in_memory(herd.engine.index.embedder)
    for example in card.examples:
        left = tuple(each for each in card.examples if each != example)
        without = Expert(card.model_copy(update={"examples": left}))
        index.sync(Snapshot({**others, card.id: without}))
        yield index.search(example, k=len(others) + 1)


async def _contest(
    card: ExpertCard, example: str, hits: Sequence[Hit], files: Sequence[Artifact], herd: Herd
) -> Contest:
    place = next((at for at, hit in enumerate(hits, start=1) if hit.card == card.id), len(hits))
    score = next((hit.score for hit in hits if hit.card == card.id), 0.0)
    rival = next((hit for hit in hits if hit.card != card.id), None)
    chosen, instead = await _routed(card, example, files, herd)
    contest = Contest(
        example=example,
        rank=place,
        score=round(score, 3),
        rival=rival.card if rival else "",
        rival_score=round(rival.score, 3) if rival else 0.0,
        rival_text=rival.closest if rival else "",
        chosen=chosen,
        instead=instead,
    )
    return replace(contest, hint=_hint(card, contest))


async def _routed(
    card: ExpertCard, example: str, files: Sequence[Artifact], herd: Herd
) -> tuple[bool, tuple[str, ...]]:
    """Say whether the router chooses the expert; if not, whom, with the files that it takes."""
    instead: tuple[str, ...] = ()
    for attached in attachments(card, files):
        try:
            route = await herd.aplan(example, *attached)
        except HerdError:
            continue
        planned = tuple(dict.fromkeys(step.expert for step in route.plan.steps if step.expert))
        if card.id in planned:
            return True, ()
        instead = instead or planned
    return False, instead


def _hint(card: ExpertCard, contest: Contest) -> str:
    """Say what in the card decides this example; nothing where it wins clearly."""
    behind = contest.rank > 1
    close = bool(contest.rival) and contest.score - contest.rival_score < _CLOSE
    if contest.rival_text.casefold() == contest.example.casefold():
        return f"{contest.rival} has the same example: keep it where it is right, change the other"
    strange = _strange(card, contest.example)
    if behind and strange:
        listed = ", ".join(repr(each) for each in strange)
        return f"nothing else in its card has {listed}: put into its description or tags what fits"
    if behind:
        return (
            f"{contest.rival} says nearly the same: name in the description what yours alone does, "
            "and give examples of that"
        )
    if not contest.chosen and not contest.instead:
        return (
            "it is first, yet the router trusts nobody with it: more examples in other words "
            "raise its score"
        )
    if not contest.chosen:
        return "it is first, and the plan goes another way: see what it takes and gives, its ports"
    if close:
        return f"close: another wording may go to {contest.rival}; more examples help"
    return ""


def _strange(card: ExpertCard, example: str) -> list[str]:
    """Return the words of an example that stand nowhere else in the card; not names and numbers."""
    from herd_graph.discovery.index import card_texts
    from herd_graph.discovery.words import STOP_WORDS, stem, stems, words

    held = {each for _, text in card_texts(card) if text != example for each in stems(text)}
    return [
        each
        for each in dict.fromkeys(words(example))
        if each not in STOP_WORDS
        and not each[0].isdigit()
        and stem(each) not in held
        and (each in example or example.lower().startswith(each))
    ]


def _advice(card: ExpertCard, contests: Sequence[Contest]) -> list[str]:
    advice: list[str] = []
    if len(contests) < 3:
        advice.append("its card has fewer than three examples; three to six tell it apart best")
    lost = [each.rival for each in contests if each.rank > 1]
    worst = max(dict.fromkeys(lost), key=lost.count, default="")
    if worst and lost.count(worst) > 1:
        advice.append(
            f"{worst} wins {lost.count(worst)} times: compare the two cards (herd experts show)"
        )
    if len(card.description.split()) < 5:
        advice.append("its description is very short; say what it takes and what it gives")
    return advice


def _place(rank: int) -> str:
    if rank == 1:
        return "first"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(rank % 10 if rank % 100 // 10 != 1 else 0, "th")
    return f"{rank}{ending}"
