"""Fused readings beside each engine's, in fonts that nothing was tuned on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.coordination.measuring import Rate, rate
from benchmarks.matrices.conditions import rows_of
from benchmarks.matrices.keeping import FOLDER, kept
from herd_graph.coordination.fusers.alignment import distance
from herd_graph.coordination.fusers.ocr import fuse_characters
from herd_graph.routing.scoring import plain

EXPERTS = ("ppocr_v6", "ppocr_v4", "tesseract")
HYPOTHESES = FOLDER / "pages.hypotheses.jsonl.gz"


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page, what stands on it and what each engine read."""

    item: str
    condition: str
    font: str
    part: str
    printed: str
    read: Mapping[str, str]
    sure: Mapping[str, list[float]]
    """How sure each engine is of each letter that it read."""

    def errors(self, text: str) -> int:
        """Return how many letters are wrong, missing or too much, whatever the case and spaces."""
        return distance(plain(text), self.printed)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is chosen on the development part."""

    weights: tuple[float, ...] = (1.0, 0.6, 0.6)
    sharpness: float = 1.0
    nothing: float = 0.7

    def fused(self, page: Page) -> str:
        """Return the fused reading of a page."""
        return fuse_characters(
            [page.read[each] for each in EXPERTS],
            self.weights,
            sure=[page.sure[each] for each in EXPERTS],
            sharpness=self.sharpness,
            nothing=self.nothing,
        )[0]


_CHOICES: Mapping[str, tuple[Any, ...]] = {
    "weights": tuple((1.0, four, tess) for four in (0.4, 0.7, 0.95) for tess in (0.3, 0.6, 0.9)),
    "sharpness": (0.5, 1.0, 2.0),
    "nothing": (0.5, 0.6, 0.7, 0.8, 0.9),
}


def pages(path: Path = HYPOTHESES) -> list[Page]:
    """Return the frozen pages with what was kept of each."""
    held = kept(path)
    made: list[Page] = []
    for row in rows_of("pages"):
        item = Path(row["files"][0]).name
        known = held.get(item, {})
        if len(known) < len(EXPERTS):
            continue
        both = {each: _letters(known[each]) for each in EXPERTS}
        made.append(
            Page(
                item=item,
                condition=row["task"],
                font=row["font"],
                part=row["split"],
                printed=plain(row["expect"]),
                read={each: text for each, (text, _) in both.items()},
                sure={each: sure for each, (_, sure) in both.items()},
            )
        )
    return made


def _letters(row: Mapping[str, Any]) -> tuple[str, list[float]]:
    """Return a reading with single spaces, and how sure the engine is of each letter of it."""
    left: list[Any] = list(row["lines"])
    made, sure = "", list[float]()
    for line in str(row["text"]).split("\n"):
        at = 0
        while at < len(line):
            piece = next((each for each in left if line.startswith(each[0], at)), None)
            if piece is None:
                made, sure, at = made + line[at], [*sure, 0.5], at + 1
                continue
            left.remove(piece)
            own = piece[3] if len(piece[3]) == len(piece[0]) else [piece[2]] * len(piece[0])
            made, sure, at = made + piece[0], [*sure, *own], at + len(piece[0])
        made, sure = made + " ", [*sure, sure[-1] if sure else 0.5]
    kept_ = [k for k, each in enumerate(made) if each != " " or (k and made[k - 1] != " ")]
    text = "".join(made[k] for k in kept_).rstrip()
    return text, [sure[k] for k in kept_][: len(text)]


def tuned(known: Sequence[Page], say: Callable[[str], None] = print) -> Setting:
    """Return the setting with the fewest errors on the development part, one choice at a time."""
    best = Setting()
    fewest = sum(page.errors(best.fused(page)) for page in known)
    for name, values in (*_CHOICES.items(), ("weights", _CHOICES["weights"])):
        for value in values:
            other = replace(best, **{name: value})
            if other == best:
                continue
            errors = sum(page.errors(other.fused(page)) for page in known)
            if errors < fewest:
                best, fewest = other, errors
        say(f"  {name}: {getattr(best, name)} ({fewest} errors)")
    return best


def compared(
    known: Sequence[Page], ways: Mapping[str, Callable[[Page], str]], against: str
) -> list[Rate]:
    """Return the character error rates of some ways, each beside one of them."""
    lengths = [len(page.printed) for page in known]
    errors = {name: [page.errors(way(page)) for page in known] for name, way in ways.items()}
    return [
        rate(name, counted, lengths, None if name == against else errors[against])
        for name, counted in errors.items()
    ]


def ways(setting: Setting) -> dict[str, Callable[[Page], str]]:
    """Return what is compared: each engine, fusion of plain texts, and fusion with confidences."""

    def alone(name: str) -> Callable[[Page], str]:
        return lambda page: page.read[name]

    def texts(page: Page) -> str:
        return fuse_characters([page.read[each] for each in EXPERTS], setting.weights)[0]

    def best(page: Page) -> str:
        return min((page.read[each] for each in EXPERTS), key=page.errors)

    return {
        **{name: alone(name) for name in EXPERTS},
        "fused, texts alone": texts,
        "fused": setting.fused,
        "oracle among the three": best,
    }


def run(say: Callable[[str], None]) -> dict[str, Any]:
    """Tune on the development part, measure on the test part, and return what came of it."""
    known = pages()
    development = [each for each in known if each.part == "development"]
    test = [each for each in known if each.part == "test"]
    setting = tuned(development, say)
    say(f"chosen on {len(development)} pages in the development fonts: {setting}")
    wrong = {name: sum(p.errors(p.read[name]) for p in development) for name in EXPERTS}
    best = min(wrong, key=lambda name: wrong[name])
    told: dict[str, Any] = {"setting": asdict(setting), "best_single": best}
    for name, part in (("development", development), ("test", test)):
        rates = compared(part, ways(setting), best)
        say(f"\n{name}: {len(part)} pages; letter error rate, and against {best}, 95 % interval")
        for each in rates:
            say(f"  {each}")
        told[name] = [each.to_json() for each in rates]
    both = {best: ways(setting)[best], "fused": setting.fused}
    for key in ("condition", "font"):
        say(f"\ntest part by {key}: {best}, fused")
        told[f"by_{key}"] = {}
        for kind in dict.fromkeys(str(getattr(each, key)) for each in test):
            one, two = compared([p for p in test if getattr(p, key) == kind], both, best)
            change = f"{two.relative:+7.1%} [{two.low:+.0%}, {two.high:+.0%}]"
            told_ = change if two.has_interval else ""
            say(f"  {kind:24}{one.rate:8.4f}{two.rate:8.4f}   {told_}")
            told[f"by_{key}"][kind] = [one.to_json(), two.to_json()]
    return told


__all__ = ("EXPERTS", "Page", "Setting", "compared", "pages", "run", "tuned", "ways")
