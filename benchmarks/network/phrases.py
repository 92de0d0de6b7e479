"""Requests put together from phrases: several wishes about several files, plans in the same order.

What people write has few requests of four wishes over three files of a kind. These teach which
wish goes with which file; how people word a wish is learned from what people wrote.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.network.requests import Request
from benchmarks.network.wishes import (
    ALIKE,
    APART,
    CHARTS,
    COUNTED,
    ENDINGS,
    FORMATS,
    FOUND,
    IDLE,
    LEADS,
    NOUNS,
    OF_FILES,
    OF_TEXTS,
    PLURALS,
    QUESTIONS,
    RESULTS,
    SOUGHT,
    TELEGRAMS,
    TEXTS,
    THEMSELVES,
    WANTED,
    Wording,
)

_KINDS = ("text", "image", "audio", "video", "any", "table")
_OFTEN = (4.0, 4.0, 4.0, 1.5, 2.0, 2.0)
_NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_PLACES = (("first", "1st"), ("second", "2nd"), ("third", "3rd"), ("fourth", "4th"))
_BETWEEN = (", ", " + ", ", ", " / ", "; ", " & ", " and ")
_MOST = 5


@dataclass(frozen=True)
class _Wish:
    key: str
    gold: str
    noun: str
    """As in "I need …"."""
    verb: str
    """As in "please …"."""


@dataclass(kw_only=True)
class Phrases:
    """Makes requests of phrases.

    Args:
        chance: Where randomness comes from.
    """

    chance: random.Random

    def draw(self) -> Request:
        """Return a request of one wording."""
        ways = (self._one_file, self._alike, self._apart, self._sought, self._later)
        while True:
            (way,) = self.chance.choices(ways, (28, 24, 30, 10, 8))
            made = way()
            if made is not None and 0 < len(made.gold[0].split(" ; ")) <= _MOST:
                return made

    # Wishes ---------------------------------------------------------------------------------------

    def _wishes(self, kind: str, name: str, count: int, it: str) -> list[_Wish]:
        """Return different wishes about one file; later ones may go on from earlier ones."""
        found: list[_Wish] = []
        for _ in range(40):
            if len(found) == count:
                break
            if found and self.chance.random() < 0.28:
                made = self._onward(self.chance.choice(found), kind)
            else:
                made = self._wish(*self.chance.choice(_choices(kind)), name, it)
            if made is not None and not _clashes(made, found):
                found.append(made)
        return found

    def _wish(self, wording: Wording, source: str, name: str, it: str) -> _Wish:
        number, frames = (
            self.chance.choice((1, 2, 2, 3, 3, 4, 5)),
            self.chance.choice((2, 3, 4, 5, 6, 8, 10, 12)),
        )
        thing, things = self.chance.choice(COUNTED)
        chart, charted = self.chance.choice(CHARTS)
        target, formats = self.chance.choice(FORMATS)
        fields = {
            "it": it,
            "n": number,
            "number": _NUMBERS[number],
            "s": "" if number == 1 else "s",
            "f": frames,
            "frames": _NUMBERS[frames],
            "thing": thing,
            "things": things,
            "question": self.chance.choice(QUESTIONS),
            "chart": chart,
            "charted": self.chance.choice(charted),
            "target": target,
            "format": self.chance.choice(formats),
        }
        return _Wish(
            wording.key,
            wording.gold.format(source.format(name), **fields),
            self.chance.choice(wording.nouns).format(**fields),
            self.chance.choice(wording.verbs).format(**fields),
        )

    def _onward(self, before: _Wish, kind: str) -> _Wish | None:
        """Return a wish about what another wish gives."""
        names = RESULTS.get(before.key)
        if names is None:
            return None
        spoken = before.key == "text" and kind in {"audio", "video"}
        name = self.chance.choice(("transcript", "words") if spoken else names)
        ways: tuple[tuple[str, str, Sequence[str], Sequence[str]], ...] = (
            (
                "say",
                "speak({0})",
                ("the {0} as audio", "the {0} read aloud", "the {0} spoken", "audio of the {0}"),
                ("read the {0} aloud", "let me hear the {0}", "say the {0} out loud"),
            ),
            (
                "pt",
                "translate({0}, pt)",
                ("the {0} in Portuguese", "the {0} > pt", "Portuguese of the {0}"),
                ("put the {0} into Portuguese", "translate the {0} to Portuguese"),
            ),
            (
                "saypt",
                "speak(translate({0}, pt))",
                ("the {0} as Portuguese audio", "the {0} spoken in Portuguese"),
                ("read the {0} aloud in Portuguese",),
            ),
        )
        ((key, gold, nouns, verbs),) = self.chance.choices(ways, (40, 35, 25))
        return _Wish(
            f"{key} {before.key}",
            gold.format(before.gold),
            self.chance.choice(nouns).format(name),
            self.chance.choice(verbs).format(name),
        )

    # Requests -------------------------------------------------------------------------------------

    def _one_file(self) -> Request | None:
        kind, noun = self._kind()
        it = self.chance.choice(("it", "it", f"the {noun}", f"this {noun}"))
        wishes = self._wishes(kind, "a1", self.chance.choice((2, 2, 3, 3, 4)), it)
        nouns, verbs = [each.noun for each in wishes], [each.verb for each in wishes]
        way = self.chance.randrange(8)
        if way == 0:
            text = "\n".join(f"{n}. {each}" for n, each in enumerate(nouns, 1))
        elif way == 1:
            text = " ".join(f"{n}) {each}" for n, each in enumerate(nouns, 1))
        elif way == 2:
            text = f"{noun}: {self._joined(nouns)}"
        elif way == 3:
            text = " ".join(f"{_upper(each)}." for each in verbs)
        elif way == 4:
            then = self.chance.choice(("Then", "And", "Also", "After that", "Next"))
            text = f"{_upper(verbs[0])}. {then} {self._joined(verbs[1:] or verbs)}."
        elif way == 5:
            text = self._led(_upper(self._joined(verbs)) + self.chance.choice((".", "", " please")))
        else:
            said = self._joined(nouns)
            text = self._led(self.chance.choice(WANTED).format(said, _upper(said)))
        if self.chance.random() < 0.25:
            start = self.chance.choice(("About this {}: ", "From the {} ", "This is a {}. "))
            text = start.format(noun) + text
        if len(wishes) < 2:
            return None
        return self._request((self._file(kind, noun),), text, wishes)

    def _alike(self) -> Request:
        """Return the same wishes for every file."""
        kind, noun = self._kind()
        count = self.chance.choice((2, 2, 2, 3, 3, 4))
        many = self.chance.choice((1, 1, 1, 2, 2)) if count < 4 else 1
        wishes = self._wishes(kind, "a1", many, self.chance.choice(("it", "each")))
        plural = self.chance.choice(PLURALS[kind])
        every = {
            2: ("both", "each of the two", "either one", "each", "every one"),
            3: ("all three", "each of the three", "each", "every one", "each of them"),
            4: ("all four", "each", "every one of them", "each of the four"),
        }[count]
        text = self.chance.choice(ALIKE).format(
            every=self.chance.choice(every),
            count=_NUMBERS[count],
            Count=_upper(_NUMBERS[count]),
            plural=plural,
            singular=plural.removesuffix("s"),
            nouns=self._joined([each.noun for each in wishes]),
            verbs=self._joined([each.verb for each in wishes]),
        )
        golds = [_moved(each.gold, "a1", f"a{k}") for k in range(1, count + 1) for each in wishes]
        files = tuple(self._file(kind, noun, k) for k in range(1, count + 1))
        return Request(files=files, wordings=(self._led(text),), gold=(" ; ".join(golds),))

    def _apart(self) -> Request | None:
        """Return wishes for each file; perhaps none for one of them."""
        count, same = self.chance.choice((2, 2, 3)), self.chance.random() < 0.35
        kinds = [self._kind()[0]] * count if same else self.chance.sample(_KINDS, count)
        nouns = [self.chance.choice(NOUNS[kind]) for kind in kinds]
        nouns = nouns[:1] * count if same else nouns
        if len(set(nouns)) < count and not same:
            return None
        files = tuple(
            self._file(kind, noun, place if same else 0)
            for place, (kind, noun) in enumerate(zip(kinds, nouns, strict=True), start=1)
        )
        idle = self.chance.randrange(count) if self.chance.random() < 0.33 else None
        order = list(range(count))
        if self.chance.random() < 0.35:
            self.chance.shuffle(order)
        pieces: list[str] = []
        wishes: list[_Wish] = []
        forms = TELEGRAMS if self.chance.random() < 0.5 else APART
        for place in order:
            name = nouns[place]
            if same:
                last = place == count - 1 and self.chance.random() < 0.3
                name = f"{'last' if last else self.chance.choice(_PLACES[place])} {nouns[place]}"
            elif self.chance.random() < 0.2:
                name = files[place].partition(":")[2]
            if place == idle:
                if self.chance.random() < 0.6:
                    pieces.append(self.chance.choice(IDLE).format(name))
                continue
            more = self._wishes(
                kinds[place], f"a{place + 1}", self.chance.choice((1, 1, 1, 2)), "it"
            )
            wishes += more
            pieces.append(
                self.chance.choice(forms).format(
                    name=name,
                    nouns=self._joined([each.noun for each in more]),
                    verbs=self._joined([each.verb for each in more]),
                )
            )
        if self.chance.random() < 0.25:
            text = "\n".join(f"{n}. {each}" for n, each in enumerate(pieces, 1))
        else:
            text = self.chance.choice(("; ", ". ", ", ")).join(_upper(each) for each in pieces)
        return self._request(files, self._led(text), wishes)

    def _sought(self) -> Request:
        """Return a search over several files."""
        count, same = self.chance.choice((2, 2, 3)), self.chance.random() < 0.6
        kinds = [self.chance.choice(_KINDS[:5]) for _ in range(count)]
        kinds = kinds[:1] * count if same else kinds
        files = tuple(
            self._file(kind, self.chance.choice(NOUNS[kind]), place)
            for place, kind in enumerate(kinds, start=1)
        )
        topic = self.chance.choice(SOUGHT)
        every = ("both", "the two", "either of the") if count == 2 else ("all three", "the three")
        plural = self.chance.choice(PLURALS[kinds[0]]) if same else "files"
        text = self.chance.choice(FOUND).format(
            topic=topic, every=self.chance.choice(every), plural=plural
        )
        sources = ", ".join(TEXTS[kind].format(f"a{n}") for n, kind in enumerate(kinds, start=1))
        gold = f"search_text([{sources}], '{topic}')"
        return Request(files=files, wordings=(text,), gold=(gold,))

    def _later(self) -> Request:
        """Return wishes about what an earlier turn gave."""
        kind = self.chance.choice(_KINDS[:5])
        noun, count = self.chance.choice(NOUNS[kind]), self.chance.choice((1, 2))
        made = self.chance.choice(THEMSELVES[kind])
        before = " ; ".join(made.format(f"a{k}") for k in range(1, count + 1))
        files = tuple(self._file(kind, noun, k) for k in range(1, count + 1))
        wishes = self._wishes("text", "h1.1", self.chance.choice((1, 2, 2)), "it")
        said = self._joined([each.noun for each in wishes])
        if count == 1:
            text = self.chance.choice(("now {}", "and {}", "{} of that please", "great. {}?"))
            golds = [each.gold for each in wishes]
        elif self.chance.random() < 0.4:
            place = self.chance.randrange(2)
            text = self.chance.choice(("the {1} one: {0}", "{0} of the {1} one", "{1} one: {0}"))
            text = text.format("{0}", _PLACES[place][0])
            golds = [_moved(each.gold, "h1.1", f"h1.{place + 1}") for each in wishes]
        else:
            text = self.chance.choice(("{} for both", "both: {}", "each of the two -> {}"))
            golds = [_moved(each.gold, "h1.1", f"h1.{k}") for k in (1, 2) for each in wishes]
        return Request(
            files=(),
            wordings=(text.format(said),),
            gold=(" ; ".join(golds),),
            history=((files, before),),
        )

    # Pieces ---------------------------------------------------------------------------------------

    def _kind(self) -> tuple[str, str]:
        (kind,) = self.chance.choices(_KINDS, _OFTEN)
        return kind, self.chance.choice(NOUNS[kind])

    def _file(self, kind: str, noun: str, number: int = 0) -> str:
        ending = self.chance.choice(ENDINGS[kind])
        stem = re.sub(r"\W+", "_", noun.lower()) + (f"_{number}" if number else "")
        if self.chance.random() < 0.4:
            stem = (
                f"{self.chance.choice(('IMG_', 'file', 'scan', ''))}{self.chance.randint(1, 9999)}"
            )
        return f"{kind}:{stem}.{ending}"

    def _joined(self, said: Sequence[str]) -> str:
        if len(said) > 1 and self.chance.random() < 0.35:
            return ", ".join(said[:-1]) + self.chance.choice((" and ", " plus ", " & ")) + said[-1]
        return self.chance.choice(_BETWEEN).join(said)

    def _led(self, text: str) -> str:
        return self.chance.choice(LEADS) + text if self.chance.random() < 0.4 else text

    def _request(
        self, files: tuple[str, ...], text: str, wishes: Sequence[_Wish]
    ) -> Request | None:
        gold = " ; ".join(each.gold for each in wishes)
        return Request(files=files, wordings=(text,), gold=(gold,)) if wishes else None


def _choices(kind: str) -> list[tuple[Wording, str]]:
    """Return what may be wished of a file, and what of the file it is wished of."""
    found = [(each, "{0}") for each in OF_FILES.get(kind, ()) for _ in range(2)]
    if kind in TEXTS:
        found += [(each, TEXTS[kind]) for each in OF_TEXTS]
    return found


def _clashes(wish: _Wish, others: Sequence[_Wish]) -> bool:
    """Say whether nobody would ask for both: the same twice, or English read as Portuguese."""
    keys = {each.key for each in others}
    if wish.key in keys or wish.gold in {each.gold for each in others}:
        return True
    foreign = {"say", "saypt", "pt"}
    return (wish.key == "en" and bool(keys & foreign)) or (wish.key in foreign and "en" in keys)


def _moved(gold: str, before: str, after: str) -> str:
    return re.sub(rf"(?<![\w.]){re.escape(before)}\b", after, gold)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


__all__ = ("Phrases",)
