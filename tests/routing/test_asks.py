"""Everything that is asked gets a part of its own, or is named with the reason why not."""

from __future__ import annotations

import pytest
from routing_gold import STORE, attachments, render
from routing_world import FIRST, snapshot

from herd_graph.checking import check
from herd_graph.discovery import CapabilityIndex
from herd_graph.discovery.embedders import MiniLM
from herd_graph.experts import Expert
from herd_graph.function_experts import expert
from herd_graph.plans import Plan, Value
from herd_graph.routing.base import Route, Situation
from herd_graph.routing.clauses import MOST_CLAUSES
from herd_graph.routing.planner import SemanticPlanner
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef

EMBEDDER = MiniLM()


def situation(*experts: Expert) -> Situation:
    held = snapshot(*experts)
    index = CapabilityIndex.in_memory(EMBEDDER)
    index.sync(held)
    return Situation(experts=held, index=index, store=STORE)


WORLD = situation(*FIRST)


def route(text: str, files: str = "", world: Situation = WORLD) -> Route:
    made = SemanticPlanner().plan(Task(text=text, attachments=attachments(files)), world)
    assert check(made.plan, world.experts, made.plan.inputs) == []
    return made


def asked(plan: Plan) -> list[str]:
    return [each.ask for each in plan.answers]


def test_many_things_are_all_planned() -> None:
    text = "; ".join(f"calculate {each} * 7" for each in range(40))

    made = route(text).plan

    assert asked(made) == text.split("; ")


def test_what_is_beyond_the_most_is_named() -> None:
    asks = [f"calculate {each} * 7" for each in range(MOST_CLAUSES + 3)]

    made = route("; ".join(asks)).plan

    assert asked(made) == asks[:MOST_CLAUSES]
    assert [each.partition(":")[0] for each in made.unmet] == asks[MOST_CLAUSES:]
    assert all("at most" in each for each in made.unmet)


def test_two_asks_that_one_step_meets_are_two_parts() -> None:
    made = route("Read the sign; what does the sign say?", "image:s.png").plan

    assert len(made.steps) == 1
    assert asked(made) == ["Read the sign", "what does the sign say?"]


def test_what_is_not_met_says_why() -> None:
    made = route("Transcribe the call and translate it into Spanish", "audio:a.wav").plan

    (unmet,) = made.unmet
    assert unmet.startswith("translate it into Spanish: translate does not offer Spanish")


def test_a_heading_is_what_was_typed() -> None:
    made = route("Transcreve a gravação e traduz para português", "audio:a.wav").plan

    assert render(made) == "transcribe(a1) ; translate(transcribe(a1), pt)"
    assert asked(made) == ["Transcreve a gravação", "traduz para português"]


def test_an_open_ended_expert_gets_the_words_that_were_typed() -> None:
    made = route("whats the capital of France?").plan

    assert made.steps[0].inputs["message"] == Value(value="whats the capital of France?")


@pytest.mark.parametrize(
    ("text", "files", "gold"),
    [
        ("Read placa.png and menu.png", "image:placa.png image:menu.png", "a1 a2"),
        ("Read the sign and the menu", "image:placa.png image:menu.png", "a1 a2"),
        ("Read the sign and the menu", "image:x1.png image:menu.png", "a1 a2"),
        ("Read the first and the second picture", "image:a.png image:b.png image:c.png", "a1 a2"),
        ("Read the first and third pictures", "image:a.png image:b.png image:c.png", "a1 a3"),
        ("Read the menu", "image:placa.png image:menu.png", "a2"),
        ("Leia placa.png e menu.png", "image:placa.png image:menu.png", "a1 a2"),
    ],
)
def test_each_attachment_that_is_named_is_worked_on(text: str, files: str, gold: str) -> None:
    made = route(text, files).plan

    assert render(made) == " ; ".join(f"read_text({each})" for each in gold.split())
    assert not made.unmet


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("Transcribe karen.wav and the message from the landlord", "a1 a2"),
        ("Transcribe rent.wav, but not karen.wav", "a2"),
        ("Transcribe rent.wav but not karen.wav", "a2"),
        ("Transcribe karen.wav and rent.wav", "a1 a2"),
    ],
)
def test_each_recording_that_is_named_and_no_other(text: str, gold: str) -> None:
    made = route(text, "audio:karen.wav audio:rent.wav").plan

    assert render(made) == " ; ".join(f"transcribe({each})" for each in gold.split())


def test_what_was_called_the_sign_stays_the_sign() -> None:
    text = "read menu.png and the sign, translate the sign into English"

    made = route(text, "image:menu.png image:x1.png").plan

    assert render(made) == "read_text(a1) ; read_text(a2) ; translate(read_text(a2), en)"


def test_a_letter_that_is_attached_is_the_letter_not_the_picture() -> None:
    text = "Read the menu; translate it into Portuguese; who is mentioned in the letter?"

    made = route(text, "image:menu.png text:en.txt").plan

    assert render(made) == "find_entities(a2) ; read_text(a1) ; translate(read_text(a1), pt)"
    assert asked(made) == text.split("; ")


@pytest.mark.parametrize(
    ("text", "files", "gold"),
    [
        (
            "voicemail -> text; sign -> English",
            "audio:karen.wav image:placa.png",
            "transcribe(a1) ; translate(read_text(a2), en)",
        ),
        (
            "Translate the letter to Portuguese and back to English",
            "text:en.txt",
            "translate(a1, pt) ; translate(translate(a1, pt), en)",
        ),
        (
            "What is the Portuguese for 'The shop is closed on Sunday'?",
            "",
            "translate('The shop is closed on Sunday', pt)",
        ),
        ("please tell me what the notice says", "image:notice.png", "read_text(a1)"),
        ("what does the notice say", "image:notice.png", "read_text(a1)"),
        ("please tell me what the notice says", "image:a.png", "read_text(a1)"),
    ],
)
def test_what_was_dropped_or_misread_once(text: str, files: str, gold: str) -> None:
    assert render(route(text, files).plan) == gold


@pytest.mark.parametrize("text", ["Polish: hello there", "polish this: hello there"])
def test_what_follows_a_colon_is_the_content(text: str) -> None:
    @expert
    def polish(text: str) -> str:
        """Polish a text: make its style better."""
        return text

    made = route(text, world=situation(*FIRST, polish)).plan

    assert render(made) == "polish('hello there')"
    assert not made.unmet


def test_the_verb_is_no_part_of_the_content() -> None:
    @expert
    def polish(text: str) -> str:
        """Polish a text: make its style better."""
        return text

    assert render(route("Polish hello there", world=situation(polish)).plan) == (
        "polish('hello there')"
    )


def test_an_introduction_that_nothing_follows_is_named() -> None:
    made = route("Take the photo. Transcribe the recording.", "image:n.png audio:a.wav").plan

    assert render(made) == "transcribe(a2) !"
    assert made.unmet == ("Take the photo: it says what to look at, and not what to do with it",)


def test_a_heading_keeps_what_was_quoted() -> None:
    made = route('What is the Portuguese for "Good day"?').plan

    assert asked(made) == ["What is the Portuguese for “Good day”?"]


def test_what_she_says_is_what_is_said() -> None:
    assert render(route("tell me what she says", "audio:a.wav").plan) == "transcribe(a1)"


def inlined(name: str, text: str) -> ArtifactRef:
    ref = attachments(f"text:{name}")["a1"]
    assert isinstance(ref, ArtifactRef)
    return ref.model_copy(update={"inline": text})


def test_the_portuguese_letter_is_the_one_in_portuguese() -> None:
    held: dict[str, ArtifactRef | list[ArtifactRef]] = {
        "a1": inlined("en.txt", "Thank you for the letter that you have sent to me."),
        "a2": inlined("pt.txt", "Não sei onde está a carta que você me deu com as flores."),
    }
    text = "Translate the Portuguese letter into English and list the names in the English letter"

    made = SemanticPlanner().plan(Task(text=text, attachments=held), WORLD).plan

    assert render(made) == "find_entities(a1) ; translate(a2, en)"
