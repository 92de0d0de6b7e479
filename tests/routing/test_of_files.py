"""What is asked of files as files: how long, how many pages, subtitles, an MP3."""

from __future__ import annotations

import re

import pytest
from routing_gold import attachments

from herd_graph.checking import check
from herd_graph.plans import Ask, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.of_files import is_fact, of_files
from herd_graph.tasks import Task
from herd_graph.types import StepId


def task(text: str, files: str) -> Task:
    return Task(text=text, attachments=attachments(files))


def step(number: int, expert: str, ask: str, **inputs: str) -> Step:
    bound = {
        name: FromStep(step=StepId(given)) if given.startswith("s") else FromInput(input=given)
        for name, given in inputs.items()
    }
    return Step(id=StepId(f"s{number}"), expert=f"{expert}@1", inputs=dict(bound), ask=ask)


def answer(number: int, ask: str) -> Ask:
    return Ask(ask=ask, source=FromStep(step=StepId(f"s{number}")))


@pytest.mark.parametrize(
    "text",
    [
        "how long is this recording?",
        "How long does the video last?",
        "how many pages does the pdf have?",
        "what's the resolution of this photo",
        "What size is the picture in pixels?",
        "how big is this file?",
        "the sample rate of the recording",
        "is the recording mono or stereo?",
        "How many minutes is the video?",
        "Can you tell me how long the clip is?",
        "Which of these recordings is longer?",
        "How long are these two recordings?",
        "how many words does the letter have?",
    ],
)
def test_facts_of_files_are_known_by_their_words(text: str):
    assert is_fact(text)


@pytest.mark.parametrize(
    "text",
    [
        "how long is the meeting going to last?",
        "How long is the chain oil left on?",
        "how many words are about the brake pads",
        "How big is the dog in the photo?",
        "how many people are in the photo",
        "What is the size of the order?",
        "how long will the shop be closed?",
        "how many pages does the report say were lost?",
        "which region is the largest?",
        "translate the length of the contract",
        "",
    ],
)
def test_questions_about_what_files_say_are_none(text: str):
    assert not is_fact(text)


def test_what_nobody_seemed_to_know_is_told_by_who_looks_at_files(experts: Snapshot):
    asked = task("how long is this recording?", "audio:call.wav")

    made = of_files(Plan(inputs=asked.inputs, reason="nobody does this"), asked, experts)

    assert [each.expert for each in made.steps] == ["identify_file@1"]
    assert made.reason == ""
    assert not check(made, experts)


def test_only_the_wish_for_a_fact_is_answered_anew_and_in_its_place(experts: Snapshot):
    asked = task("what text can be seen in the video and how long is it?", "video:clip.mp4")
    plan = Plan(
        steps=(
            step(1, "sample_frames", "what text can be seen in the video", video="a1"),
            step(2, "transcribe_video", "how long is it?", video="a1"),
        ),
        inputs=asked.inputs,
        answers=(answer(1, "what text can be seen in the video"), answer(2, "how long is it?")),
    )

    made = of_files(plan, asked, experts)

    assert [each.expert for each in made.steps] == ["sample_frames@1", "identify_file@1"]
    assert [each.ask for each in made.answers] == [
        "what text can be seen in the video",
        "how long is it",
    ]


def test_of_several_files_those_that_are_named_are_looked_at(experts: Snapshot):
    asked = task("How long are these two recordings?", "audio:a.wav audio:b.wav text:c.txt")

    made = of_files(Plan(inputs=asked.inputs), asked, experts)

    looked = [each for one in made.steps for each in one.inputs.values()]
    assert looked == [FromInput(input="a1"), FromInput(input="a2")]


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("make portuguese subtitles for the clip", ["srt", "pt"]),
        ("subtitles for this video as vtt", ["vtt"]),
        ("a timestamped transcript of the film please", ["timed"]),
    ],
)
def test_subtitles_are_written_by_who_hears_and_kept_by_who_translates(
    experts: Snapshot, text: str, forms: list[str]
):
    asked = task(text, "video:clip.mp4")

    made = of_files(Plan(inputs=asked.inputs), asked, experts)

    told = [e.value for s in made.steps for e in s.inputs.values() if isinstance(e, Value)]
    assert told == forms
    assert not check(made, experts)


def test_speech_is_made_in_the_form_that_is_named(experts: Snapshot):
    asked = task("read the letter aloud as an mp3", "text:letter.txt")
    spoken = step(1, "speak", asked.text, text="a1")
    plan = Plan(steps=(spoken,), inputs=asked.inputs, answers=(answer(1, asked.text),))

    made = of_files(plan, asked, experts)

    assert made.steps[0].inputs["form"] == Value(value="mp3")
    assert of_files(plan, task("read the letter aloud", "text:letter.txt"), experts) is plan


def test_saving_in_that_form_is_no_wish_of_its_own(experts: Snapshot):
    asked = task("read this letter aloud and save it as mp3", "text:letter.txt")
    spoken = step(1, "speak", "read this letter aloud", text="a1")
    plan = Plan(
        steps=(spoken,),
        inputs=asked.inputs,
        answers=(answer(1, "read this letter aloud"),),
        unmet=("save it as mp3", "send the mp3 to my mother, and tell her to call"),
    )

    made = of_files(plan, asked, experts)

    assert made.unmet == ("send the mp3 to my mother, and tell her to call",)


def test_a_text_that_is_to_become_a_sound_file_is_read_aloud(experts: Snapshot):
    asked = task("turn the mail into an mp3", "text:mail.txt")

    made = of_files(Plan(inputs=asked.inputs, reason="nobody does this"), asked, experts)

    assert [each.expert for each in made.steps] == ["speak@1"]
    assert made.steps[0].inputs["form"] == Value(value="mp3")


def test_a_recording_is_not_put_into_another_form(experts: Snapshot):
    asked = task("convert the wav to mp3", "audio:note.wav")
    plan = Plan(inputs=asked.inputs, reason="nobody does this")

    assert of_files(plan, asked, experts) is plan


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        ("Make subtitles for the voice note and summarise it in two sentences", "summarize"),
        ("subtitles as srt, and a headline for it", "write_title"),
    ],
)
def test_who_reads_what_is_said_reads_no_time_codes(
    experts: Snapshot, text: str, reader: str
) -> None:
    first, second = re.split(r",? and ", text)
    given = task(text, "audio:note.wav")
    plan = Plan(
        steps=(
            step(1, "transcribe", first, recording="a1"),
            step(2, reader, second, text="s1"),
        ),
        inputs=given.inputs,
        answers=(answer(2, second),),
        unmet=(f"{first}: no expert here does this",),
        author="test",
    )

    made = of_files(plan, given, experts)
    held = {each.id: each for each in made.steps}
    shown = [held[each.source.step] for each in made.answers if isinstance(each.source, FromStep)]
    read = held[StepId("s2")].inputs["text"]

    assert [each.inputs.get("form") for each in shown] == [Value(value="srt"), None]
    assert isinstance(read, FromStep)
    assert "form" not in held[read.step].inputs
    assert not made.unmet
    assert not check(made, experts)
