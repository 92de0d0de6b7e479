"""Spoil the results of experts as results go wrong in practice. Written without sight of any check.

Each fault is a function of one output, the inputs of its call, and what the same experts gave for
other inputs. It returns another output, or None where it does not apply. What it makes is always
different from what was there.
"""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, TypeAlias, cast

from herd_graph.artifacts import load
from herd_graph.calling import Call, CallResult
from herd_graph.coordination.fusers.boxes import box_of, with_box
from herd_graph.store import ArtifactStore, digest
from herd_graph.types import ArtifactRef, Kind

Value: TypeAlias = "ArtifactRef | list[ArtifactRef]"
MAIN = ("schema", "language", "truncation", "swapped", "arithmetic")
SUBTLE = ("shifted_boxes", "nonsense", "wrong_label")
_FOREIGN = {
    "pt": (
        "O comboio para o Porto parte às nove da manhã e chega antes do meio-dia. Os bilhetes "
        "compram-se na estação. Quem viaja com crianças paga metade do preço. No regresso, o último "
        "comboio sai às oito da noite."
    ),
    "de": (
        "Der Zug nach Hamburg fährt um neun Uhr ab und kommt vor dem Mittag an. Die Fahrkarten "
        "kauft man am Bahnhof. Wer mit Kindern reist, zahlt die Hälfte. Auf dem Rückweg fährt der "
        "letzte Zug um acht Uhr abends."
    ),
    "es": (
        "El tren a Sevilla sale a las nueve de la mañana y llega antes del mediodía. Los billetes "
        "se compran en la estación. Los que viajan con niños pagan la mitad. De vuelta, el último "
        "tren sale a las ocho de la tarde."
    ),
    "fr": (
        "Le train pour Lyon part à neuf heures du matin et arrive avant midi. On achète les billets "
        "à la gare. Ceux qui voyagent avec des enfants paient la moitié. Au retour, le dernier train "
        "part à huit heures du soir."
    ),
}
_SPEAKING = frozenset(
    {
        "translate",
        "transcribe",
        "transcribe_fast",
        "transcribe_video",
        "summarize",
        "read_pdf",
        "read_text",
        "describe_image",
        "write_title",
    }
)
_COUNTING = frozenset({"calculate", "query_table", "convert_units", "finance", "count_objects"})
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}")
_NAMES = ("Gustavo", "Priscilla", "Oakland", "Winterbourne", "Tobias", "Marbella")


@dataclass(kw_only=True)
class Pool:
    """What experts gave for whatever they were given: where swapped results come from."""

    store: ArtifactStore
    held: dict[tuple[str, str], dict[str, list[Value]]] = field(
        default_factory=dict[tuple[str, str], "dict[str, list[Value]]"]
    )
    """By expert and port, then by what went in."""

    def add(self, call: Call, result: CallResult) -> None:
        """Remember a true result."""
        for port, value in result.outputs.items():
            known = self.held.setdefault((call.expert.card.name, port), {})
            known.setdefault(given(call), [value])

    def others(self, call: Call, port: str) -> list[Value]:
        """Return what the same expert gave for other inputs."""
        known = self.held.get((call.expert.card.name, port), {})
        return [values[0] for key, values in sorted(known.items()) if key != given(call)]


def given(call: Call) -> str:
    """Return what went into a call, as one key."""
    return json.dumps(
        {
            name: [each.id for each in (value if isinstance(value, list) else [value])]
            for name, value in call.inputs.items()
        },
        sort_keys=True,
    )


@dataclass(frozen=True, kw_only=True)
class Spoiling:
    """All that a fault may look at."""

    call: Call
    port: str
    pool: Pool
    draw: random.Random

    @property
    def expert(self) -> str:
        """The expert's name, without its version."""
        return self.call.expert.card.name

    def read(self, ref: ArtifactRef) -> bytes:
        """Return the content of an artifact."""
        return load(ref, self.pool.store).bytes()

    def write(self, like: ArtifactRef, content: bytes) -> ArtifactRef:
        """Keep another content as the same kind of artifact."""
        self.pool.store.put(content)
        return like.model_copy(update={"id": digest(content), "size": len(content), "inline": None})


Fault: TypeAlias = "Callable[[Spoiling, ArtifactRef], ArtifactRef | None]"


def _schema(at: Spoiling, ref: ArtifactRef) -> ArtifactRef | None:
    """Not of the form that the port declares: nothing, garbage, or JSON of another shape."""
    if ref.kind is Kind.TEXT:
        return at.write(ref, at.draw.choice([b"", b" \n\t\n", b"\xff\xfe\x00\x81\x82 \xc3"]))
    if ref.kind is Kind.DATA:
        value: Any = json.loads(at.read(ref))
        wrong: list[Any] = [None, [], "n/a", 17]
        if isinstance(value, dict) and value:
            lost: dict[str, Any] = dict(cast("dict[str, Any]", value))
            lost.pop(next(iter(lost)))
            wrong.append(lost)
        made = [json.dumps(each).encode() for each in wrong if each != value]
        return at.write(ref, at.draw.choice([*made, b'{"label": "ca']))
    if ref.kind is Kind.TABLE:
        return at.write(ref, at.draw.choice([b"", b"\x00\x01\x02\xff\xfe", b"<html>502</html>"]))
    if ref.kind is Kind.AUDIO:
        return at.write(ref, at.draw.choice([b"", b"RIFF\x00\x00", _silence()]))
    if ref.kind is Kind.IMAGE:
        return at.write(ref, at.draw.choice([b"", b"\x89PNG\r\n\x1a\n", _blank()]))
    return at.write(ref, at.draw.choice([b"", b"502 Bad Gateway"]))


def _silence() -> bytes:
    np: Any = import_module("numpy")
    sound: Any = import_module("soundfile")
    out = io.BytesIO()
    sound.write(out, np.zeros(16_000, dtype="int16"), 16_000, format="WAV")
    return out.getvalue()


def _blank() -> bytes:
    image: Any = import_module("PIL.Image")
    out = io.BytesIO()
    image.new("RGB", (640, 480), "white").save(out, "PNG")
    return out.getvalue()


def _language(at: Spoiling, ref: ArtifactRef) -> ArtifactRef | None:
    """The text is in another language than it has to be."""
    if ref.kind is not Kind.TEXT or at.expert not in _SPEAKING:
        return None
    said = at.read(ref).decode()
    words = len(said.split())
    if words < 5:
        return None
    if at.expert == "translate" and at.draw.random() < 0.5:
        source = at.call.inputs["text"]
        assert not isinstance(source, list)
        untouched = at.read(source)
        return at.write(ref, untouched) if untouched != said.encode() else None
    target = ""
    if at.expert == "translate":
        to = at.call.inputs["to"]
        assert not isinstance(to, list)
        target = str(json.loads(at.read(to)))
    own = target or ("pt" if _is_portuguese(said) else "en")
    foreign = at.draw.choice([text for tongue, text in _FOREIGN.items() if tongue != own]).split()
    return at.write(ref, " ".join((foreign * 9)[: max(6, words)]).encode())


def _is_portuguese(text: str) -> bool:
    return bool(re.search(r"[ãõç]|\b(?:uma|não|com|está)\b", text.lower()))


def _truncation(at: Spoiling, ref: ArtifactRef) -> ArtifactRef | None:
    """It ends too early: within a word, a row, a file, or a spoken sentence."""
    share = 0.35 + 0.35 * at.draw.random()
    content = at.read(ref)
    if ref.kind is Kind.TEXT:
        text = content.decode()
        if len(text.split()) < 8:
            return None
        end = int(len(text) * share)
        while end < len(text) - 1 and not (text[end - 1].isalpha() and text[end].isalpha()):
            end += 1
        return at.write(ref, text[:end].encode())
    if ref.kind is Kind.TABLE:
        rows = content.decode(errors="replace").splitlines()
        if len(rows) < 4:
            return None
        cut = "\n".join(rows[: max(2, int(len(rows) * share))])
        return at.write(ref, cut[: max(1, len(cut) - 2)].encode())
    if ref.kind is Kind.AUDIO:
        sound: Any = import_module("soundfile")
        samples, rate = sound.read(io.BytesIO(content))
        out = io.BytesIO()
        sound.write(out, samples[: int(len(samples) * share)], rate, format="WAV")
        return at.write(ref, out.getvalue())
    if ref.kind in {Kind.IMAGE, Kind.DOCUMENT}:
        return at.write(ref, content[: int(len(content) * share)])
    return None


def _swapped(at: Spoiling, ref: ArtifactRef) -> ArtifactRef | None:
    """It belongs to another file."""
    others: list[ArtifactRef] = []
    for value in at.pool.others(at.call, at.port):
        others += value if isinstance(value, list) else [value]
    fit = [each for each in others if each.id != ref.id and each.kind is ref.kind]
    if not fit:
        return None
    other = at.draw.choice(fit)
    return other.model_copy(update={"provenance": ref.provenance})


def _arithmetic(at: Spoiling, ref: ArtifactRef) -> ArtifactRef | None:
    """A figure was got wrong."""
    if ref.kind is not Kind.TEXT or at.expert not in _COUNTING:
        return None
    text = at.read(ref).decode()
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    chosen = found[-1]
    plain = chosen[0].replace(",", "")
    value = float(plain) if plain.count(".") < 2 else 0.0
    wrong = value * at.draw.choice([0.9, 1.1, 1.3, 10.0]) if value else 7.0
    decimals = len(plain.partition(".")[2])
    said = f"{wrong:.{decimals}f}"
    if said == plain:
        said = f"{wrong + 1:.{decimals}f}"
    return at.write(ref, (text[: chosen.start()] + said + text[chosen.end() :]).encode())


def _shifted_boxes(at: Spoiling, ref: ArtifactRef) -> ArtifactRef | None:
    """A box that is beside the thing."""
    if at.expert != "detect_objects":
        return None
    value: Any = json.loads(at.read(ref))
    box = box_of(value)
    if box is None:
        return None
    left, top, right, bottom = box
    across = (right - left) * at.draw.choice([-0.8, 0.5, 0.8])
    down = (bottom - top) * at.draw.choice([-0.5, 0.5, 0.8])
    moved = with_box(value, (left + across, top + down, right + across, bottom + down))
    return at.write(ref, json.dumps(moved).encode())


def _nonsense(at: Spoiling, ref: ArtifactRef) -> ArtifactRef | None:
    """A fluent text with other names and figures in it."""
    if ref.kind is not Kind.TEXT or at.expert not in _SPEAKING - {"describe_image"}:
        return None
    text = at.read(ref).decode()
    made = _NAME.sub(lambda _: at.draw.choice(_NAMES), text)
    made = _NUMBER.sub(lambda found: str(int(at.draw.random() * 9 * 10 ** len(found[0])) + 3), made)
    if made == text:
        words = text.split()
        if len(words) < 6:
            return None
        middle = len(words) // 2
        made = " ".join([*words[:middle], "never", at.draw.choice(_NAMES), *words[middle:]])
    return at.write(ref, made.encode())


def _wrong_label(at: Spoiling, ref: ArtifactRef) -> ArtifactRef | None:
    """Another label than the evidence has."""
    if ref.kind is not Kind.DATA:
        return None
    value: Any = json.loads(at.read(ref))
    if not isinstance(value, dict):
        return None
    others = {
        "sentiment": ("label", ("positive", "negative", "neutral")),
        "identify_language": ("code", ("en", "pt", "de", "fr", "ru")),
        "find_entities": ("label", ("PERSON", "ORG", "DATE", "MONEY", "GPE")),
        "detect_objects": ("label", ("zebra", "toilet", "pizza", "sheep")),
    }
    key, labels = others.get(at.expert, ("", ()))
    if key not in value:
        key = next((each for each in ("label", "language", "code", "type") if each in value), "")
    if not key or not labels:
        return None
    value[key] = at.draw.choice([each for each in labels if each != value[key]])
    return at.write(ref, json.dumps(value).encode())


FAULTS: Mapping[str, Fault] = {
    "schema": _schema,
    "language": _language,
    "truncation": _truncation,
    "swapped": _swapped,
    "arithmetic": _arithmetic,
    "shifted_boxes": _shifted_boxes,
    "nonsense": _nonsense,
    "wrong_label": _wrong_label,
}


def spoil(
    call: Call, result: CallResult, kinds: Sequence[str], pool: Pool, draw: random.Random
) -> tuple[str, CallResult] | None:
    """Return a kind of fault and the spoilt result; None where no kind applies.

    The kind is drawn evenly among those that apply; of a list one item is spoilt, or for
    ``swapped`` all of it.
    """
    order = list(kinds)
    draw.shuffle(order)
    for kind in order:
        for port, value in result.outputs.items():
            at = Spoiling(call=call, port=port, pool=pool, draw=draw)
            if kind == "swapped" and isinstance(value, list):
                fit = [
                    each for each in pool.others(call, port) if _ids(each) != _ids(value) and each
                ]
                if not fit:
                    continue
                made: Value = draw.choice(fit)
            elif isinstance(value, list):
                if not value:
                    continue
                place = draw.randrange(len(value))
                one = FAULTS[kind](at, value[place])
                if one is None:
                    continue
                made = [*value[:place], one, *value[place + 1 :]]
            else:
                single = FAULTS[kind](at, value)
                if single is None:
                    continue
                made = single
            if _ids(made) == _ids(value):
                continue
            outputs = {**result.outputs, port: made}
            return kind, CallResult(
                outputs=outputs, usd=result.usd, seconds=result.seconds, usage=result.usage
            )
    return None


def _ids(value: Value) -> list[str]:
    return [each.id for each in (value if isinstance(value, list) else [value])]


__all__ = ("FAULTS", "MAIN", "SUBTLE", "Pool", "given", "spoil")
