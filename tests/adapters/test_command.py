"""Programs as experts: real ones, without a shell."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from foreign import ask, ask_all, run_one, why_not
from hypothesis import given, settings
from hypothesis import strategies as st

from herd_graph import Data, Herd, Image, Text
from herd_graph.adapters.command import command
from herd_graph.adapters.command_template import read_template
from herd_graph.contexts import ExpertContext
from herd_graph.errors import DeclarationError, ExpertFailed, PortViolation
from herd_graph.steps import Patience

PYTHON = sys.executable
ECHO = [PYTHON, "-c", "import sys, json; print(json.dumps(sys.argv[1:]))"]


@pytest.fixture
def herd(tmp_path: Path) -> Any:
    with Herd(home=tmp_path / "h", checkpoints="memory", patience=Patience(attempts=1)) as made:
        yield made


def python(code: str, *arguments: str) -> list[str]:
    return [PYTHON, "-c", code, *arguments]


def test_a_program_is_added_by_a_line(herd: Herd) -> None:
    herd.add("command:tr a-z A-Z < {text}", name="shout", description="Write in capitals.")

    assert herd.registry.find("shout").card.signature == "shout(text: Text) -> Text"
    assert str(ask(herd, "shout", text="quiet, please\n")) == "QUIET, PLEASE"


def test_the_template_types_its_placeholders() -> None:
    template = read_template(
        "prog {document} -r {factor:number} --mode={mode:fast|slow} {note} {any:file} {output.png}"
    )

    assert [str(each) for each in template.ports] == [
        "document: Document",
        "factor: Data[number]",
        "mode: 'fast' | 'slow'",
        "note: Text",
        "any: Any",
    ]
    assert read_template("awk '{{print $1}}'").render({}, "") == ["awk", "{print $1}"]
    assert template.files == {"document", "any"}
    assert template.output == "output.png"


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=80))
@settings(max_examples=300)
def test_a_value_never_leaves_its_argument(value: str) -> None:
    template = read_template(["prog", "--title={text}", "--", "{text}", "x{text}y"])

    made = template.render({"text": value}, "")

    assert made == ["prog", f"--title={value}", "--", value, f"x{value}y"]


@pytest.mark.parametrize(
    "value", ["$(touch /tmp/x)", "; rm -rf ~", "a b  c", "`id`", "'\"", "*", "a\nb", "{text}", ""]
)
def test_the_program_gets_exactly_what_was_written(herd: Herd, value: str) -> None:
    herd.add(command([*ECHO, "{text}"], name="echo", gives=Data))

    assert json.loads(ask(herd, "echo", text=value).bytes()) == [value]


def test_a_value_cannot_become_an_option(herd: Herd) -> None:
    herd.add(command([*ECHO, "{text}"], name="bare", gives=Data))
    herd.add(command([*ECHO, "--", "{text}"], name="ended", gives=Data))
    herd.add(command([*ECHO, "{number:integer}"], name="number", gives=Data))

    assert "would take it for an option" in why_not(herd, "bare", text="--output=/etc/passwd")
    assert json.loads(ask(herd, "ended", text="-rf").bytes()) == ["--", "-rf"]
    assert json.loads(ask(herd, "number", number=-3).bytes()) == ["-3"]


def test_files_go_in_and_come_out(herd: Herd, tmp_path: Path) -> None:
    code = (
        "import sys, shutil; shutil.copy(sys.argv[1], sys.argv[2]); open(sys.argv[1], 'w').close()"
    )
    herd.add(command(python(code, "{picture:image}", "{output.png}"), name="copy"))
    source = tmp_path / "dot.png"
    import PIL.Image

    PIL.Image.new("RGB", (3, 2)).save(source)
    content = source.read_bytes()

    copied = ask(herd, "copy", picture=Image(source))

    assert herd.registry.find("copy").card.signature == "copy(picture: Image) -> Image"
    assert isinstance(copied, Image)
    assert copied.pil().size == (3, 2)
    assert source.read_bytes() == content  # the program had a copy, and emptied that


def test_several_files_come_back_in_order(herd: Herd) -> None:
    code = "[open(f'page-{{n}}.txt', 'w').write(str(n)) for n in (2, 1, 3)]"
    herd.add(command(python(code), name="pages", output="page-*.txt", gives=list[Text]))

    assert [str(each) for each in ask_all(herd, "pages")] == ["1", "2", "3"]


def test_json_is_read_and_what_is_none_is_said(herd: Herd) -> None:
    herd.add(command(python("print('[1, 2]')"), name="good", gives=Data))
    herd.add(command(python("print('oops')"), name="bad", gives=Data))

    assert json.loads(ask(herd, "good").bytes()) == [1, 2]
    assert "is not JSON" in why_not(herd, "bad")


def test_a_failure_gives_the_code_and_the_last_words(herd: Herd) -> None:
    code = "import sys; sys.stderr.write('no\\x1b[31m such file'); sys.exit(4)"
    herd.add(command(python(code), name="failing"))
    herd.add(
        command(python("import sys; print('fine'); sys.exit(1)"), name="grep", ok_codes=(0, 1))
    )

    reason = why_not(herd, "failing")

    assert "ended with 4" in reason
    assert "such file" in reason
    assert "\x1b" not in reason
    assert str(ask(herd, "grep")) == "fine"


def test_it_sees_little_of_the_environment(herd: Herd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "s3cret")
    monkeypatch.setenv("ALLOWED", "yes")
    code = "import os, json; print(json.dumps(dict(os.environ, cwd=os.listdir('.'))))"
    herd.add(command(python(code), name="plain", gives=Data))
    herd.add(command(python(code), name="named", gives=Data, env=["ALLOWED"]))
    herd.add(command(python(code), name="told", gives=Data, env={"TOKEN": "env:A_SECRET"}))

    plain = json.loads(ask(herd, "plain").bytes())
    assert "A_SECRET" not in plain
    assert plain["cwd"] == []
    assert json.loads(ask(herd, "named").bytes())["ALLOWED"] == "yes"
    assert json.loads(ask(herd, "told").bytes())["TOKEN"] == "s3cret"
    assert "s3cret" not in herd.registry.find("told").card.model_dump_json()


def test_endless_output_is_stopped(herd: Herd) -> None:
    herd.add(command("yes", name="endless", output_limit="1 MiB"))
    code = "f = open('output.bin', 'wb')\nwhile True: f.write(bytes(1 << 20)); f.flush()"
    herd.add(command(python(f"# {{output.bin}}\n{code}"), name="large", output_limit="2 MiB"))

    assert "more than 1.0 MB" in why_not(herd, "endless")
    assert herd.registry.find("large").card.timeout_s is None
    assert why_not(herd, "large")


def test_a_program_that_hangs_is_killed_with_its_children(herd: Herd, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        f"open({str(mark)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    for seconds in (1, 8, 60):
        herd.add(command(python(code), name=f"hanging{seconds}", timeout_s=seconds))
        reason = why_not(herd, f"hanging{seconds}")
        assert f"no result within {seconds} s" in reason
        if mark.exists() and mark.read_text():
            break  # else a busy machine gave it no time to begin

    assert not _alive(int(mark.read_text()))


def test_a_child_that_is_left_behind_holds_nothing_up(herd: Herd, tmp_path: Path) -> None:
    code = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid, flush=True)"
    herd.add(command(python(code), name="leaving", timeout_s=60))

    assert not _alive(int(str(ask(herd, "leaving"))))


def _alive(pid: int) -> bool:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return False
        except (ProcessLookupError, FileNotFoundError):
            return False
        time.sleep(0.02)  # the kernel takes its time to end it
    return True


def test_cancelling_a_call_ends_the_program(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    expert = command(python(code), name="waiting")

    async def story() -> None:
        call = asyncio.create_task(expert.invoke({}, ExpertContext()))
        while not mark.exists() or not mark.read_text():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(story())

    assert not _alive(int(mark.read_text()))


def test_large_input_and_output_pass_through(herd: Herd) -> None:
    herd.add("command:cat < {text}", name="cat")
    text = "word " * 400_000

    assert str(ask(herd, "cat", text=text)) == text
    herd.add(command([*ECHO, "{text}"], name="echo", gives=Data))
    assert "too long" in why_not(herd, "echo", text=text)


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("cat {text} | wc -l", "no shell runs it"),
        ("cat {text} > out", "no shell runs it"),
        ("{text} x", "names no program"),
        ("", "names no program"),
        ("cat 'x", "cannot be read"),
        ("cat {Big}", "is no placeholder"),
        ("cat {text: image}", "a brace alone"),
        ("cat {x:picture9}", "type that is not known"),
        ("cat {output.png} {output.txt}", "writes two files"),
        ("cat < file", "is no input"),
        ("no-such-program-here {text}", "is not found"),
        ("sh -c 'echo {text}'", "would be run"),
        ("env bash -lc 'echo {text}'", "would be run"),
        ("python3 -c 'print({text})'", "would be run"),
        (5, "is no template"),
    ],
)
def test_a_template_that_cannot_be_says_why(template: Any, problem: str) -> None:
    with pytest.raises(DeclarationError, match=problem):
        command(template)


def test_code_takes_its_values_as_arguments(herd: Herd) -> None:
    herd.add(command(["sh", "-c", 'echo "$1"', "sh", "{text}"], name="echo"))

    assert str(ask(herd, "echo", text="$(id); ls")) == "$(id); ls"


def test_options_that_nobody_knows_are_named(herd: Herd) -> None:
    with pytest.raises(DeclarationError, match=r"no option 'shell'"):
        herd.add("command:cat {text}", shell=True)
    with pytest.raises(DeclarationError, match=r"no placeholder \{other\}"):
        command("cat {text}", takes={"other": str})
    with pytest.raises(DeclarationError, match="one thing comes back"):
        command("cat {text}", gives=list[Text])


def test_optional_arguments_go_with_their_input() -> None:
    template = read_template("prog --title={title} {text}")

    assert template.render({"text": "x"}, "") == ["prog", "x"]
    with pytest.raises(PortViolation):
        template.render({"text": "-x"}, "")
    with pytest.raises(PortViolation):
        template.render({"text": "a\0b"}, "")


def test_a_step_that_failed_for_good_is_tried_once(tmp_path: Path) -> None:
    with Herd(home=tmp_path, checkpoints="memory", patience=Patience(attempts=3, wait_s=0)) as herd:
        herd.add(command("false", name="failing"))

        assert len(run_one(herd, "failing").records["s1"].attempts) == 1
    assert ExpertFailed.retryable
