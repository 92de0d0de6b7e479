"""Requests made of other requests: two in one, about one file of several, under a condition …

What people write is short of long requests; these keep the words and vary what they are put to.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.network.requests import Request

_BETWEEN = (
    *(". ", " and ", "; ", ". Also, ", ", and also ", ". Then ", " and then ", "\n", ". Besides, "),
    *(", ", ". Oh and ", ". And ", ", plus ", ". Next: "),
)
_NAMES = {
    "image": ("IMG_{}.jpg", "scan{}.png", "photo{}.jpeg", "{}.jpg"),
    "audio": ("rec_{}.m4a", "audio{}.wav", "voice{}.ogg", "{}.mp3"),
    "text": ("note{}.txt", "doc{}.md", "text{}.txt"),
    "video": ("clip{}.mp4", "VID_{}.mov"),
    "table": ("data{}.csv", "export{}.xlsx"),
    "any": ("file{}.pdf", "document{}.pdf"),
}
_NOUNS = {
    "image": ("photo", "picture", "image", "scan"),
    "audio": ("recording", "clip", "voice message"),
    "text": ("text", "letter", "document", "note"),
    "video": ("video", "clip", "film"),
    "table": ("table", "sheet", "spreadsheet"),
    "any": ("pdf", "document", "file"),
}
_TEXTS = {
    "text": "a1",
    "image": "read_text(a1)",
    "audio": "transcribe(a1)",
    "video": "transcribe_video(a1)",
    "any": "read_pdf(a1)",
}
_ORDINALS = ("first", "second", "third", "fourth")
_COUNTED = (("person", "people"), ("car", "cars"), ("dog", "dogs"), ("chair", "chairs"))
_SAID = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 8: "eight", 10: "ten"}
_SPOKEN = frozenset(
    [
        "transcribe",
        "transcribe_fast",
        "transcribe_video",
        "translate",
        "read_text",
        "summarize",
        "write_title",
        "chat",
        "describe_image",
        "count_objects",
        "query_table",
        "calculate",
        "convert_units",
        "finance",
        "read_pdf",
    ]
)


@dataclass(kw_only=True)
class Variants:
    """Makes requests of others.

    Args:
        requests: What there is.
        chance: Where randomness comes from.
        varied: How often a request is put to something else.
    """

    requests: Sequence[Request]
    chance: random.Random
    varied: float = 0.45

    def draw(self, together: float) -> Request:
        """Return a request, two in one with a probability of ``together``."""
        while True:
            one = self._varied(self.chance.choice(self.requests))
            if self.chance.random() >= together:
                return self._noisy(one)
            both = self._two(one, self.chance.choice(self.requests))
            if both is not None:
                return self._noisy(both)

    def _varied(self, request: Request) -> Request:
        if self.chance.random() >= self.varied:
            return request
        way = self.chance.choice(
            (self._one_of, self._one_of, self._all, self._if, self._either, self._onward)
        )
        return way(request) or request

    def _noisy(self, request: Request) -> Request:
        """Give files names that say nothing, and words a slip, now and then."""
        files, wording = request.files, self.chance.choice(request.wordings)
        if self.chance.random() < 0.3:
            files = tuple(self._nameless(each) for each in files)
        if self.chance.random() < 0.12:
            wording = self._slip(wording)
        if self.chance.random() < 0.1:
            wording = wording.rstrip(".?!")
        return replace(request, files=files, wordings=(wording,))

    def _nameless(self, file: str) -> str:
        kind = file.partition(":")[0]
        if kind == "any" and not file.endswith(".pdf"):
            return file
        return f"{kind}:{self.chance.choice(_NAMES[kind]).format(self.chance.randint(1, 9999))}"

    def _slip(self, text: str) -> str:
        at = self.chance.randrange(1, max(2, len(text) - 2))
        if not text[at : at + 2].isalpha():
            return text
        swapped = f"{text[:at]}{text[at : at + 2][::-1]}{text[at + 2 :]}"
        return self.chance.choice((swapped, text[:at] + text[at + 1 :]))

    def _two(self, one: Request, other: Request) -> Request | None:
        if one.history or other.history or len(one.files) + len(other.files) > 5:
            return None
        moved = _moved(other.gold[0], {k: k + len(one.files) for k in range(1, 9)})
        parts: list[str] = []
        partly = False
        for gold in (one.gold[0], moved):
            bare = gold.strip().removesuffix("!").strip()
            partly = partly or gold.strip().endswith("!") or bare == "-"
            parts += [] if bare == "-" else [bare]
        gold = " ; ".join(parts) + (" !" if partly else "") if parts else "-"
        if gold.count(" ; ") > 3:
            return None
        first, second = self.chance.choice(one.wordings), self.chance.choice(other.wordings)
        if self.chance.random() < 0.15:
            wording = f"1. {first}\n2. {second}"
        else:
            between = self.chance.choice(_BETWEEN)
            start = first.rstrip(".!? ") if between[0] in ".;, " else first
            wording = start + between + (_low(second) if self.chance.random() < 0.6 else second)
        return Request(files=one.files + other.files, wordings=(wording,), gold=(gold,))

    def _like(self, file: str, count: int) -> tuple[str, ...]:
        kind, _, name = file.partition(":")
        stem, _, ending = name.rpartition(".")
        if self.chance.random() < 0.5:
            return tuple(f"{kind}:{stem or 'file'}{k}.{ending}" for k in range(1, count + 1))
        return tuple(self._nameless(file) for _ in range(count))

    def _one_of(self, request: Request) -> Request | None:
        """Put a request to one of several files of a kind."""
        if len(request.files) != 1 or request.history or request.gold[0] == "-":
            return None
        kind = request.files[0].partition(":")[0]
        count = self.chance.choice((2, 2, 3, 3, 4))
        place = self.chance.randrange(count)
        files = self._like(request.files[0], count)
        noun, said = self.chance.choice(_NOUNS[kind]), self.chance.choice(request.wordings)
        which = _ORDINALS[place]
        if place == count - 1 and self.chance.random() < 0.4:
            which = "other" if count == 2 and self.chance.random() < 0.5 else "last"
        name = files[place].partition(":")[2]
        forms = [
            f"The {which} {noun} only: {_low(said)}",
            f"{_bare(said)} (the {which} {noun})",
            f"From the {which} {noun}: {_low(said)}",
            f"{_bare(said)}. I mean the {which} one.",
            f"{_bare(said)}. Use {noun} {place + 1}.",
            f"{said} That's for the {which} {noun}, not the rest.",
        ]
        if len(set(files)) == count:
            forms += [f"In {name}: {_low(said)}", f"{_bare(said)} ({name})", f"{name}: {said}"]
        gold = _moved(request.gold[0], {1: place + 1})
        return Request(files=files, wordings=(self.chance.choice(forms),), gold=(gold,))

    def _all(self, request: Request) -> Request | None:
        """Put a request to several files alike."""
        if not _is_plain(request, parts=2):
            return None
        parts = request.gold[0].split(" ; ")
        kind = request.files[0].partition(":")[0]
        count = 2 if len(parts) == 2 else self.chance.choice((2, 2, 3))
        noun, said = self.chance.choice(_NOUNS[kind]), self.chance.choice(request.wordings)
        all_ = "both" if count == 2 else "all three"
        forms = (
            f"For {all_} {noun}s: {_low(said)}",
            f"{_bare(said)} - {all_} {noun}s please",
            f"{said} Do it for {all_}.",
            f"{_bare(said)}, and the same for the other{'s' if count > 2 else ' one'}",
            f"{count} {noun}s attached. For each: {_low(said)}",
        )
        gold = " ; ".join(_moved(part, {1: k}) for k in range(1, count + 1) for part in parts)
        files = self._like(request.files[0], count)
        return Request(files=files, wordings=(self.chance.choice(forms),), gold=(gold,))

    def _test(self, kind: str) -> tuple[str, str, str, str] | None:
        """Return a test, its words, and another with its words that holds where this one fails."""
        if kind == "table":
            count = self.chance.choice((5, 10, 20, 50, 100))
            rows = "query_table(a1, 'number of rows')"
            more, fewer = f"it has more than {count} rows", f"it has {count} rows or fewer"
            return f"{rows} > {count}", more, f"{rows} <= {count}", fewer
        if kind == "image" and self.chance.random() < 0.4:
            (what, plural), count = (
                self.chance.choice(_COUNTED),
                self.chance.choice((0, *_SAID)),
            )
            found = f"count_objects(a1, {what})"
            if not count:
                return (
                    f"{found} > 0",
                    f"there are {plural}",
                    f"{found} == 0",
                    f"there are no {plural}",
                )
            said = _SAID[count] if self.chance.random() < 0.5 else str(count)
            if self.chance.random() < 0.5:
                more = self.chance.choice(
                    (f"there are at least {said} {plural}", f"{said} or more {plural} are there")
                )
                return (
                    f"{found} >= {count}",
                    more,
                    f"{found} < {count}",
                    f"there are fewer than {said}",
                )
            more, fewer = f"there are more than {said} {plural}", f"there are {said} or fewer"
            return f"{found} > {count}", more, f"{found} <= {count}", fewer
        text = _TEXTS.get(kind)
        if text is None:
            return None
        if self.chance.random() < 0.55:
            tested, names = (
                f"identify_language({text})",
                (("pt", "in Portuguese"), ("en", "in English")),
            )
        else:
            tested = f"sentiment({text})"
            names = (("positive", "positive"), ("negative", "negative"))
        one, other = names if self.chance.random() < 0.6 else names[::-1]
        return (
            f"{tested} == {one[0]}",
            f"it is {one[1]}",
            f"{tested} == {other[0]}",
            f"it is {other[1]}",
        )

    def _if(self, request: Request) -> Request | None:
        """Put a request under a condition."""
        test = self._test(request.files[0].partition(":")[0]) if _is_plain(request) else None
        if test is None:
            return None
        said, condition = self.chance.choice(request.wordings), test[1]
        forms = (
            f"If {condition}, {_low(said)}",
            f"{_bare(said)}, but only if {condition}",
            f"{_bare(said)}, provided that {condition}.",
            f"Should it turn out that {condition}: {_low(said)}",
        )
        gold = f"{request.gold[0]} if {test[0]}"
        return replace(request, wordings=(self.chance.choice(forms),), gold=(gold,))

    def _either(self, request: Request) -> Request | None:
        """Put two requests about one file under a condition, or one of them."""
        kind = request.files[0].partition(":")[0] if request.files else ""
        test = self._test(kind) if _is_plain(request) else None
        others = (
            each
            for each in self.chance.choices(self.requests, k=40)
            if _is_plain(each) and each.files[0].partition(":")[0] == kind
        )
        other = next((each for each in others if each.gold[0] != request.gold[0]), None)
        if test is None or other is None:
            return None
        one, two = self.chance.choice(request.wordings), self.chance.choice(other.wordings)
        if self.chance.random() < 0.6:
            wording = self.chance.choice(
                (
                    f"If {test[1]}: {_low(_bare(one))}. If {test[3]}: {_low(two)}",
                    f"{test[1]} -> {_low(_bare(one))} / {test[3]} -> {_low(_bare(two))}",
                    f"It depends. In case {test[1]}: {_low(_bare(one))}. If {test[3]}, {_low(two)}",
                )
            )
            gold = f"{request.gold[0]} if {test[0]} ; {other.gold[0]} if {test[2]}"
        else:
            wording = f"{_bare(one)}. And if {test[1]}, {_low(two)}"
            gold = f"{request.gold[0]} ; {other.gold[0]} if {test[0]}"
        return replace(request, wordings=(wording,), gold=(gold,))

    def _onward(self, request: Request) -> Request | None:
        """Ask for more of what a request makes."""
        gold = request.gold[0]
        last = gold.split(" ; ")[-1]
        call = re.match(r"([a-z_]+)\(", last)
        named = last.endswith((".pages", ".rows", ".sql", ".midi"))
        if " if " in gold or gold.endswith(("!", "-")) or call is None or call[1] not in _SPOKEN:
            return None
        if named or "(each" in last or gold.count(" ; ") > 1:
            return None
        ways: list[tuple[tuple[str, ...], str]] = [
            (("and read it out to me", "plus a spoken version", "+ audio"), f"speak({last})"),
            (("and give it a heading", "with a title for it"), f"write_title({last})"),
            (("and who is mentioned?", "and list the names in it"), f"find_entities({last})"),
            (("and the mood of it", "and is it positive or negative?"), f"sentiment({last})"),
        ]
        if call[1] != "translate" and "pt)" not in last:
            words = (
                "and the same in Portuguese",
                "plus a Portuguese version",
                "; in Portuguese, too",
            )
            ways += [(words, f"translate({last}, pt)")] * 2
        words, more = self.chance.choice(ways)
        said = _bare(self.chance.choice(request.wordings))
        wording = f"{said} {self.chance.choice(words)}"
        return replace(request, wordings=(wording,), gold=(f"{gold} ; {more}",))


def _is_plain(request: Request, *, parts: int = 1) -> bool:
    """Say whether a request is about one file and asks for something without further ado."""
    gold = request.gold[0]
    if len(request.files) != 1 or request.history or gold == "-" or gold.endswith("!"):
        return False
    return " if " not in gold and "[" not in gold and gold.count(" ; ") < parts


def _moved(gold: str, places: dict[int, int]) -> str:
    def moved(found: re.Match[str]) -> str:
        return f"a{places.get(int(found[1]), int(found[1]))}"

    return re.sub(r"(?<![\w.])a(\d+)\b", moved, gold)


def _low(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _bare(text: str) -> str:
    return text.rstrip(" .!?")


__all__ = ("Variants",)
