"""``/v1/audio``, with OpenAI's own client."""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from served import Served, hum, serving, shout

from herd_graph import Audio, Herd, Text, expert


@expert(tags=["speech"], examples=["transcribe the recording", "what is said in it?"])
def listen(recording: Audio) -> Text:
    """Transcribe the speech in a recording: say how long it is."""
    samples, rate = recording.samples()
    return Text(f"{len(samples) / rate:.1f} seconds of sound")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    with Herd(listen, hum, shout, home=home) as herd, serving(herd) as running:
        yield running


def tone(seconds: float = 0.5) -> bytes:
    import numpy as np

    samples = np.sin(np.arange(int(8000 * seconds)) / 10).astype(np.float32)
    return Audio.from_samples(samples, 8000).bytes()


@pytest.mark.parametrize("model", ["herd", "herd/listen"])
def test_a_recording_is_written_down(served: Served, model: str) -> None:
    file = ("note.wav", tone())
    told = served.client().audio.transcriptions.create(model=model, file=file, language="en")

    assert told.text == "0.5 seconds of sound"
    assert told.herd["expert"] == "listen@1"
    assert served.host.herd.get(told.herd["run"]).status == "done"


def test_a_transcript_may_be_text_alone(served: Served) -> None:
    told = served.client().audio.transcriptions.create(
        model="herd", file=io.BytesIO(tone(2)), response_format="text"
    )

    assert told == "2.0 seconds of sound\n"


@pytest.mark.parametrize("model", ["herd", "herd/hum"])
@pytest.mark.parametrize("form", ["mp3", "opus", "aac", "flac", "wav"])
def test_a_text_is_read_aloud_in_the_form_that_is_asked_for(
    served: Served, model: str, form: Any
) -> None:
    if form not in {"wav", "pcm"}:
        pytest.importorskip("av", reason="PyAV writes this form: pip install 'herd-graph[local]'")
    spoken = served.client().audio.speech.create(
        model=model, voice="alloy", input="Shout this: it is no request.", response_format=form
    )
    samples, rate = Audio(spoken.content).samples()

    assert len(samples) / rate == pytest.approx(
        2.9, abs=0.1
    )  # 29 letters, a tenth of a second each
    assert max(abs(samples)) > 0.5
    assert spoken.response.headers["x-herd-run"]


def test_bare_samples_and_the_usual_form(served: Served) -> None:
    speech = served.client().audio.speech

    bare = speech.create(model="herd", voice="alloy", input="abcde", response_format="pcm")
    usual = speech.create(model="herd", voice="alloy", input="abcde")

    assert len(bare.content) == 2 * 24_000 // 2
    coded = find_spec("av") is not None
    assert usual.response.headers["content-type"] == ("audio/mpeg" if coded else "audio/wav")


def test_it_streams_into_a_file(served: Served, tmp_path: Path) -> None:
    speech = served.client().audio.speech.with_streaming_response
    with speech.create(model="herd", voice="alloy", input="abc", response_format="wav") as response:
        response.stream_to_file(tmp_path / "said.wav")

    assert Audio((tmp_path / "said.wav").read_bytes()).samples()[1] == 8000


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"response_format": "srt"}, "response_format"),
        ({"stream": True}, "stream"),
        ({"timestamp_granularities": ["word"]}, "timestamp_granularities"),
        ({"file": ("a.wav", b"no sound at all")}, "file"),
        ({"file": ("a.wav", b"")}, "file"),
        ({"file": ("a.wav", tone()[:900])}, "file"),
        ({"model": "herd/shout"}, "model"),
        ({"model": "herd/hum"}, "model"),
    ],
)
def test_what_cannot_be_written_down_is_refused_and_named(
    served: Served, options: dict[str, Any], param: str
) -> None:
    asked: dict[str, Any] = {"model": "herd", "file": ("a.wav", tone()), **options}
    with pytest.raises(openai.BadRequestError) as refused:
        served.client().audio.transcriptions.create(**asked)

    assert refused.value.param == param
    assert "Expected" in str(refused.value)


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"speed": 2.0}, "speed"),
        ({"speed": 9.0}, "speed"),
        ({"stream_format": "sse"}, "stream_format"),
        ({"response_format": "midi"}, "response_format"),
        ({"input": ""}, "input"),
        ({"input": "a" * 5000}, "input"),
        ({"model": "herd/listen"}, "model"),
        ({"model": "herd/shout"}, "model"),
    ],
)
def test_what_cannot_be_read_aloud_is_refused_and_named(
    served: Served, options: dict[str, Any], param: str
) -> None:
    asked: dict[str, Any] = {"model": "herd", "voice": "alloy", "input": "abc", **options}
    with pytest.raises(openai.BadRequestError) as refused:
        served.client().audio.speech.create(**asked)

    assert refused.value.param == param


def test_a_model_that_is_none_and_a_form_without_one(served: Served) -> None:
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        served.client().audio.transcriptions.create(model="whisper-1", file=("a.wav", tone()))

    where = f"{served.url}/v1/audio/transcriptions"
    answer = httpx.post(where, files={"file": ("a.wav", tone())})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "model")
    answer = httpx.post(where, json={"model": "herd"})
    assert answer.status_code == 415


def test_a_herd_without_such_experts_says_so(tmp_path: Path) -> None:
    with Herd(shout, home=tmp_path) as herd, serving(herd) as served:
        client = served.client()
        with pytest.raises(openai.BadRequestError, match="no way from audio to text"):
            client.audio.transcriptions.create(model="herd", file=("a.wav", tone()))
        with pytest.raises(openai.BadRequestError, match="no way from text to audio"):
            client.audio.speech.create(model="herd", voice="alloy", input="abc")
