"""Two experts of the herd's own for one recording or picture: one text, by how sure each was."""

from __future__ import annotations

from PIL import Image as pil
from PIL import ImageDraw, ImageFont

from herd_graph import Audio, Herd, Image, Text, expert
from herd_graph._bundled.tools import ReadText, Speak, Transcribe, TranscribeFast
from herd_graph.artifacts import load
from herd_graph.coordination.fusers.alignment import distance
from herd_graph.coordination.fusers.ocr import fuse_characters
from herd_graph.coordination.fusers.speech import fuse_transcripts
from herd_graph.plans import Plan
from herd_graph.routing.spoken import spoken
from herd_graph.runs import Run
from herd_graph.store import MemoryStore

SAID = "Good morning everybody. The budget for the new library is two million euros."
PRINTED = ("NIGHT FERRY 07:45", "Pier 18, gate B6", "Luggage limit 32 kg")


def dense(first: str, second: str, port: str) -> Plan:
    step = {"id": "s1", "expert": first, "fallbacks": [second], "select": "dense"}
    return Plan.parse({"steps": [{**step, "inputs": {port: {"input": "a1"}}}]})


def told(run: Run) -> Text:
    text = run.output("s1")
    assert isinstance(text, Text)
    return text


def test_the_better_recogniser_is_not_outvoted_by_the_rough_one() -> None:
    said = {"id": "s1", "expert": "speak", "inputs": {"text": {"value": SAID}}}
    alone = {"id": "s1", "expert": "transcribe", "inputs": {"recording": {"input": "a1"}}}
    with Herd(Transcribe, TranscribeFast, Speak, checkpoints="memory") as herd:
        recording = herd.run(Plan.parse({"steps": [said]})).output("s1")
        assert isinstance(recording, Audio)
        careful = told(herd.run(Plan.parse({"steps": [alone]}), recording))
        rough = told(
            herd.run(Plan.parse({"steps": [{**alone, "expert": "transcribe_fast"}]}), recording)
        )
        fused = told(herd.run(dense("transcribe", "transcribe_fast", "recording"), recording))

    def errors(text: object) -> int:
        return distance(spoken(str(text)), spoken(SAID))

    assert sum(letters for letters, _ in rough.sure) == len(str(rough))
    assert min(sure for _, sure in careful.sure) > max(sure for _, sure in rough.sure)
    assert errors(rough) > errors(careful)
    assert errors(fused) == errors(careful)
    assert errors(fused) <= errors(fuse_transcripts([str(careful), str(rough)]).text)


def sign() -> Image:
    made = pil.new("RGB", (620, 210), "white")
    draw = ImageDraw.Draw(made)
    for row, line in enumerate(PRINTED):
        draw.text((30, 20 + 60 * row), line, "black", font=ImageFont.load_default(36))
    return Image(made)


def test_a_reading_from_afar_counts_where_it_is_sure() -> None:
    reader = ReadText.factory
    assert reader is not None
    engine = reader()
    engine.load()

    @expert(tags=["ocr"])
    def read_near(picture: Image) -> Text:
        """Read the text in a picture."""
        return engine(picture)

    @expert(tags=["ocr"])
    def read_far(picture: Image) -> Text:
        """Read the text in a picture from far away."""
        seen = picture.pil()
        return engine(Image(seen.resize((seen.width // 5, seen.height // 5)).resize(seen.size)))

    store = MemoryStore()
    with Herd(read_near, read_far, checkpoints="memory", store=store) as herd:
        run = herd.run(dense("read_near", "read_far", "picture"), sign())
        near, far = engine(sign()), read_far(sign())
    engine.close()
    printed = "\n".join(PRINTED)

    assert str(near) == printed
    assert str(far) != printed
    assert str(told(run)) == printed
    assert sum(letters for letters, _ in near.sure) == len(printed)
    mean = {name: sum(n * p for n, p in each.sure) / len(str(each)) for name, each in
            (("near", near), ("far", far))}  # fmt: skip
    assert mean["near"] > mean["far"]
    assert fuse_characters([str(near), str(far)])[1] < 1.0
    assert load(near.put(store), store) == near
