"""Fused transcripts beside each recogniser's, on voices that nothing was tuned on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.coordination.measuring import Rate, rate
from benchmarks.matrices.conditions import rows_of
from benchmarks.matrices.keeping import FOLDER, kept
from herd_graph.coordination.fusers.alignment import distance
from herd_graph.coordination.fusers.speech import Heard, fuse_heard, fuse_transcripts
from herd_graph.routing.spoken import spoken

EXPERTS = ("whisper_base", "whisper_tiny", "pocketsphinx")
TWICE = ("whisper_base_short", "whisper_tiny_short")
"""The same two, listening to the recording alone: a second reading for an eighth of the work."""
TWICE_ALONE = "whisper_base, heard twice"
"""What the second reading brings without the other recognisers."""
HYPOTHESES = FOLDER / "speech.hypotheses.jsonl.gz"


@dataclass(frozen=True, kw_only=True)
class Clip:
    """One clip, what was said in it and what each recogniser heard."""

    item: str
    condition: str
    voice: str
    part: str
    said: list[str]
    heard: Mapping[str, Heard]
    cost: Mapping[str, float]
    """CPU seconds of each recogniser."""

    def errors(self, text: str) -> int:
        """Return how many words are wrong, missing or too much."""
        return distance(spoken(text), self.said)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is chosen on the development part."""

    weights: Mapping[str, float]
    sharpness: float
    nothing: float

    def fused(self, clip: Clip) -> str:
        """Return the fused transcript of a clip."""
        return fuse_heard(
            [clip.heard[each] for each in self.weights],
            list(self.weights.values()),
            sharpness=self.sharpness,
            nothing=self.nothing,
        ).text


def clips(path: Path = HYPOTHESES) -> list[Clip]:
    """Return the frozen clips with what was kept of each."""
    held = kept(path)
    made: list[Clip] = []
    for row in rows_of("speech"):
        item = Path(row["files"][0]).name
        known = held.get(item, {})
        if any(each not in known for each in EXPERTS):
            continue
        made.append(
            Clip(
                item=item,
                condition=row["task"],
                voice=row["voice"],
                part=row["split"],
                said=spoken(row["expect"]),
                heard={
                    name: said_once(_heard(each)) if name in TWICE else _heard(each)
                    for name, each in known.items()
                },
                cost={name: float(each["cpu"]) for name, each in known.items()},
            )
        )
    return made


def _heard(row: Mapping[str, Any]) -> Heard:
    return Heard(
        text=row["text"],
        words=tuple((str(word), float(sure)) for word, _, _, sure in row["words"]),
        others=tuple((str(text), float(score)) for text, score in row.get("others", ())),
    )


def said_once(heard: Heard) -> Heard:
    """Cut a reading where it begins anew.

    Whisper that is shown no silence behind a sentence often says the sentence again, and again, and
    is sure of it each time. Chosen on the development part.
    """
    count = _period(heard.text.split())
    if not count:
        return heard
    text = " ".join(heard.text.split()[:count])
    left, words = len(spoken(text)), list[tuple[str, float]]()
    for word, sure in heard.words:
        if left <= 0:
            break
        left -= len(spoken(word))
        words.append((word, sure))
    others: dict[str, float] = {text: heard.others[0][1]} if heard.others else {}
    for other, score in heard.others:
        said = other.split()
        others.setdefault(" ".join(said[: _period(said) or len(said)]), score)
    return Heard(text=text, words=tuple(words), others=tuple(others.items()))


def _period(words: Sequence[str]) -> int:
    """Return after how many words a text begins anew, its beginning nearly repeated; 0 if never."""
    said = [word.strip(".,!?").lower() for word in words]
    for count in range(4, len(said) - 3):
        again = said[count : 2 * count]
        if distance(said[: len(again)], again) <= len(again) // 4:
            return count
    return 0


TINY, SPHINX, SHARPNESS, NOTHING = (
    (0.8, 1.0, 1.2),
    (0.3, 0.5, 0.7),
    (0.5, 1.0, 1.5),
    (0.6, 0.7, 0.8, 0.9),
)
SHARES = (0.2, 0.3, 0.5)
"""Of a recogniser's weight, what its second reading may have."""


def _settings() -> Iterator[Setting]:
    for tiny, sphinx, sharpness, nothing in product(TINY, SPHINX, SHARPNESS, NOTHING):
        weights: dict[str, float] = dict(zip(EXPERTS, (1.0, tiny, sphinx), strict=True))
        yield Setting(weights=weights, sharpness=sharpness, nothing=nothing)


def heard_twice(setting: Setting, known: Sequence[Clip]) -> Setting:
    """Return the setting with second readings, whose share has the fewest errors."""

    def shared(share: float) -> Setting:
        weights = dict(setting.weights)
        for each in TWICE:
            whole = each.removesuffix("_short")
            weights[each] = share * weights[whole]
            weights[whole] *= 1 - share
        return replace(setting, weights=weights)

    tried = [shared(each) for each in SHARES]
    return min(tried, key=lambda one: sum(clip.errors(one.fused(clip)) for clip in known))


def tuned(known: Sequence[Clip]) -> Setting:
    """Return the setting with the fewest errors on the development part.

    Neighbouring settings differ by a handful of words, which is chance: each one's errors are
    averaged with its neighbours' before the best is taken.
    """
    np: Any = import_module("numpy")
    settings = list(_settings())
    errors = [sum(clip.errors(each.fused(clip)) for clip in known) for each in settings]
    shape = (len(TINY), len(SPHINX), len(SHARPNESS), len(NOTHING))
    grid = np.asarray(errors, dtype=float).reshape(shape)
    smooth = np.zeros(shape)
    for place in np.ndindex(*shape):
        near = tuple(slice(max(0, at - 1), at + 2) for at in place)
        smooth[place] = grid[near].mean()
    return settings[int(smooth.argmin())]


def compared(
    clips: Sequence[Clip], ways: Mapping[str, Callable[[Clip], str]], against: str
) -> list[Rate]:
    """Return the word error rates of some ways, each beside one of them."""
    lengths = [len(clip.said) for clip in clips]
    errors = {name: [clip.errors(way(clip)) for clip in clips] for name, way in ways.items()}
    return [
        rate(name, counted, lengths, None if name == against else errors[against])
        for name, counted in errors.items()
    ]


def ways(setting: Setting, twice: Setting | None = None) -> dict[str, Callable[[Clip], str]]:
    """Return what is compared: each recogniser, fusion of plain texts, and fusion of all."""

    def alone(name: str) -> Callable[[Clip], str]:
        return lambda clip: clip.heard[name].text

    def plain(clip: Clip) -> str:
        texts = [clip.heard[each].text for each in EXPERTS]
        return fuse_transcripts(texts, list(setting.weights.values())).text

    def alone_twice(clip: Clip) -> str:
        heard = [clip.heard[each] for each in ("whisper_base", TWICE[0])]
        return fuse_heard(heard, [0.7, 0.3], nothing=setting.nothing).text

    def best(clip: Clip) -> str:
        return min((clip.heard[each].text for each in EXPERTS), key=clip.errors)

    return {
        **{name: alone(name) for name in EXPERTS},
        "fused, texts alone": plain,
        "fused": setting.fused,
        **({} if twice is None else {"fused, heard twice": twice.fused, TWICE_ALONE: alone_twice}),
        "oracle among the three": best,
    }


def run(say: Callable[[str], None]) -> dict[str, Any]:
    """Tune on the development part, measure on the test part, and return what came of it."""
    known = clips()
    development = [each for each in known if each.part == "development"]
    test = [each for each in known if each.part == "test"]
    setting = tuned(development)
    say(f"chosen on {len(development)} clips of the development voices: {setting}")
    whole = all(set(TWICE) <= set(clip.heard) for clip in known)
    twice = heard_twice(setting, development) if whole else None
    say(f"heard twice: {twice}")
    means = {
        name: sum(clip.errors(clip.heard[name].text) for clip in development) for name in EXPERTS
    }
    best = min(means, key=lambda name: means[name])
    told: dict[str, Any] = {"setting": asdict(setting), "best_single": best}
    for name, part in (("development", development), ("test", test)):
        rates = compared(part, ways(setting, twice), best)
        say(f"\n{name}: {len(part)} clips; word error rate, and against {best}, 95 % interval")
        for each in rates:
            say(f"  {each}")
        told[name] = [each.to_json() for each in rates]
    fused = "fused" if twice is None else "fused, heard twice"
    for key in ("condition", "voice"):
        say(f"\ntest part by {key}: {best}, {fused}")
        told[f"by_{key}"] = {}
        for kind in dict.fromkeys(str(getattr(each, key)) for each in test):
            part = [each for each in test if getattr(each, key) == kind]
            both = {best: ways(setting)[best], fused: (twice or setting).fused}
            one, two = compared(part, both, best)
            change = f"{two.relative:+7.1%} [{two.low:+.0%}, {two.high:+.0%}]"
            told_ = change if two.has_interval else ""
            say(f"  {kind:24}{one.rate:8.4f}{two.rate:8.4f}   {told_}")
            told[f"by_{key}"][kind] = [one.to_json(), two.to_json()]
    return told


__all__ = ("EXPERTS", "Clip", "Setting", "clips", "compared", "run", "tuned", "ways")
