"""The commands as processes: what they write where, and the exit code they leave."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from herd_graph.cli import main

PLUGIN = '''
import asyncio, os, time
from pathlib import Path

from herd_graph import Audio, ExpertContext, Image, Text, expert

@expert(examples=["shout it"], licence="Apache-2.0")
def shout(text: str) -> str:
    """Write a text in capital letters."""
    print("a library prints this")
    os.write(1, b"and this\\n")
    return text.upper()

@expert(examples=["beep"])
def beep(text: str) -> Audio:
    """Make a recording that beeps as often as the text has letters."""
    import numpy as np
    return Audio.from_samples(np.tile(np.sin(np.arange(800) / 5) * 0.3, len(text)), 8000, name="../beep.wav")

@expert
def stumble(text: str) -> str:
    """Fail, always."""
    raise ValueError("it \\x1b[31mstumbled")

@expert
def lie(text: str) -> Image:
    """Give a picture that is none."""
    return Image(b"not a picture", mime="image/png")

@expert(approve=True)
def send(text: str) -> str:
    """Send a text away."""
    with open(os.environ["OUTBOX"], "a") as outbox:
        outbox.write(text + "\\n")
    return "sent: " + text

@expert
async def linger(text: str) -> str:
    """Wait until the gate file is there."""
    gate = Path(os.environ["GATE"])
    Path(os.environ["GATE"] + ".waiting").touch()
    while not gate.exists():
        await asyncio.sleep(0.01)
    return "waited: " + text

def register(registry):
    registry.add(shout, beep, stumble, lie, send, linger)
'''


@dataclass(frozen=True, kw_only=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """A folder with a plugin of small experts, and the command ``herd`` in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        package = folder / "site"
        info = package / "small_experts-1.0.dist-info"
        info.mkdir(parents=True)
        (package / "small_experts.py").write_text(PLUGIN)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: small-experts\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[herd.experts]\nsmall = small_experts:register\n")
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(package), os.environ.get("PYTHONPATH", "")]),
            "HERD_HOME": str(folder / "home"),
            "OUTBOX": str(folder / "outbox"),
            "GATE": str(folder / "gate"),
        }

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "herd_graph.cli", *arguments],
            cwd=self.folder,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    def herd(self, *arguments: str, stdin: str | None = None) -> Done:
        process = self.start(*arguments, stdin=subprocess.PIPE)
        out, err = process.communicate(stdin, timeout=300)
        return Done(code=process.returncode, out=out, err=err)

    def plan(self, *steps: dict[str, Any], name: str = "plan.json") -> str:
        path = self.folder / name
        path.write_text(json.dumps({"steps": list(steps)}))
        return str(path)

    def one(self, expert: str, text: str = "hello") -> str:
        return self.plan(step("s1", expert, text))

    def last(self) -> Any:
        return self.herd("runs", "list", "--json").json[0]


def step(name: str, expert: str, text: Any) -> dict[str, Any]:
    value = {"value": text} if isinstance(text, str) else text
    return {"id": name, "expert": expert, "inputs": {"text": value}}


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_a_run_writes_its_answer_to_stdout_and_the_rest_to_stderr(shell: Shell) -> None:
    plan = shell.plan(step("s1", "shout", "hello"), step("s2", "shout", {"step": "s1"}))

    first, second = (shell.herd("run", "--plan", plan) for _ in range(2))

    assert (first.code, second.code) == (0, 0)
    assert "HELLO" in first.out
    assert first.out == second.out
    assert {"a library prints this", "and this"} <= set(first.err.splitlines())
    assert "s1 shout@1: started" in first.err
    assert "s2 shout@1: done" in first.err
    assert f"herd why {shell.last()['id']}" in second.err


def test_quiet_says_nothing_but_the_answer(shell: Shell) -> None:
    done = shell.herd("run", "--plan", shell.one("linger"), "-q", "--budget", "seconds=0.5")

    assert "started" not in done.err
    assert "run 20" not in done.err


def test_json_is_the_whole_run(shell: Shell) -> None:
    done = shell.herd("run", "--plan", shell.one("shout"), "--json")

    assert done.code == 0
    assert (
        done.json["status"],
        done.json["answer"]["status"],
        done.json["files"],
    ) == ("done", "done", [])
    assert done.json["answer"]["parts"][0]["text"] == "HELLO"
    assert done.json["plan"]["steps"][0]["expert"] == "shout@1"


def test_a_failing_expert_gives_one_and_its_words_cannot_drive_the_terminal(shell: Shell) -> None:
    done = shell.herd("run", "--plan", shell.one("stumble"))

    assert done.code == 1
    assert "stumbled" in done.out
    assert "\x1b" not in done.out + done.err
    assert "Traceback" not in done.err


def test_a_partial_answer_gives_three_and_says_what_is_missing(shell: Shell) -> None:
    plan = shell.plan(step("s1", "shout", "hello"), step("s2", "stumble", "x"))

    done = shell.herd("run", "--plan", plan)

    assert done.code == 3
    assert "HELLO" in done.out
    assert "Not answered" in done.out


def test_files_are_kept_named_and_saved_where_the_user_says(shell: Shell) -> None:
    plan = shell.one("beep", "abc")

    kept = shell.herd("run", "--plan", plan)
    saved, again = (shell.herd("run", "--plan", plan, "--out", "out") for _ in range(2))
    other = shell.herd("run", "--plan", shell.one("beep", "abcdef"), "--out", "out", "--json")

    assert str(shell.folder / "home") in kept.out
    assert "- beep.wav: saved as out/beep.wav" in saved.out
    assert saved.out == again.out
    assert other.json["files"][0]["path"] == "out/beep-2.wav"
    assert sorted(each.name for each in (shell.folder / "out").iterdir()) == [
        "beep-2.wav",
        "beep.wav",
    ]
    assert (shell.folder / "out" / "beep.wav").read_bytes().startswith(b"RIFF")


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "task", "--plan", "p.json"],
        ["run", "task", "--budget", "usd=much"],
        ["run", "task", "-a", "none.png"],
        ["run", "task", "-a", "empty.png"],
        ["run", "task", "-a", "."],
        ["run", "task", "-a", "-"],
        ["run", "--plan", "none.json"],
        ["run", "--plan", "malformed.json"],
        ["run", "--plan", "invalid.json"],
        ["run", "task", "--memory", "lots"],
        ["run", "--nonsense"],
        ["nonsense"],
        ["plan"],
        ["why", "nothing"],
        ["resume", "nothing"],
        ["runs", "show", "nothing"],
        ["runs", "list", "--status", "odd"],
        ["runs", "prune"],
        ["runs", "prune", "--older-than", "soon"],
        ["experts", "show", "calculaet"],
        ["experts", "check", "calculaet"],
        ["experts", "find", "x", "--gives", "picture"],
    ],
    ids=" ".join,
)
def test_wrong_usage_gives_two_and_one_json_value(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    (tmp_path / "empty.png").touch()
    (tmp_path / "malformed.json").write_text("{")
    (tmp_path / "invalid.json").write_text(json.dumps({"steps": [step("s1", "nobody", "x")]}))

    code, (out, err) = main(arguments), capsys.readouterr()
    json_code, as_json = main([*arguments, "--json"]), json.loads(capsys.readouterr().out)

    assert (code, json_code, out) == (2, 2, "")
    assert err
    assert "Traceback" not in err
    assert {"error", "type", "exit_code"} <= set(as_json)


def test_an_invalid_plan_lists_every_problem(shell: Shell) -> None:
    plan = shell.plan(step("s1", "shuot", "x"), step("s2", "shout", {"step": "s9"}))

    done = shell.herd("run", "--plan", plan, "--json")

    assert done.code == 2
    assert len(done.json["problems"]) >= 2
    assert "Did you mean 'shout'?" in done.json["error"]


def test_why_and_show_tell_what_happened(shell: Shell) -> None:
    shell.herd("run", "--plan", shell.one("shout"))

    why, step_why = shell.herd("why", "last"), shell.herd("why", "last", "s1", "--json")
    shown, as_json = shell.herd("runs", "show", "last"), shell.herd("runs", "show", "--json")
    nowhere = shell.herd("why", "last", "s7")

    assert [x.code for x in (why, step_why, shown, as_json, nowhere)] == [0, 0, 0, 0, 2]
    assert "shout@1" in why.out
    assert isinstance(step_why.json, dict)
    assert "s1: shout@1" in shown.out
    assert "HELLO" in shown.out
    kinds = [event["kind"] for event in as_json.json["events"]]
    assert "planned" in kinds
    assert "finished" in kinds


def test_runs_are_listed_found_by_a_beginning_and_pruned(shell: Shell) -> None:
    for _ in range(3):
        shell.herd("run", "--plan", shell.one("shout"))
    shell.herd("run", "--plan", shell.one("stumble"))

    listed = shell.herd("runs", "list").out.splitlines()
    failed = shell.herd("runs", "list", "--status", "failed", "--json").json
    found = shell.herd("runs", "show", failed[0]["id"][:-1], "--json")
    pruned = shell.herd("runs", "prune", "--keep", "2")

    assert len(listed) == 5
    assert listed[0].startswith("run")
    assert [row["status"] for row in failed] == ["failed"]
    assert failed[0]["id"] == found.json["run"]
    assert pruned.out == "2 runs deleted\n"
    assert len(shell.herd("runs", "list", "--json").json) == 2
    assert shell.herd("runs", "prune", "--older-than", "1h").code == 0


def test_without_a_terminal_an_approval_waits_and_resume_goes_on(shell: Shell) -> None:
    plan = shell.plan(step("s1", "shout", "hello"), step("s2", "send", {"step": "s1"}))
    outbox = shell.folder / "outbox"

    waiting = shell.herd("run", "--plan", plan, stdin="")
    sent_too_early = outbox.exists()
    resumed = shell.herd("resume", "last", "--yes")

    assert (waiting.code, sent_too_early) == (3, False)
    assert f"herd resume {shell.last()['id']} --yes" in waiting.err
    assert resumed.code == 0
    assert "sent: HELLO" in resumed.out
    assert outbox.read_text() == "HELLO\n"


@pytest.mark.parametrize(("flag", "code", "sent"), [("--yes", 0, True), ("--no", 1, False)])
def test_approvals_can_be_given_beforehand(shell: Shell, flag: str, code: int, sent: bool) -> None:
    done = shell.herd("run", "--plan", shell.one("send"), flag)

    assert (code, sent) == (done.code, (shell.folder / "outbox").exists())


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(shell: Shell) -> None:
    plan = shell.plan(step("s1", "shout", "hello"), step("s2", "linger", {"step": "s1"}))
    process = shell.start("run", "--plan", plan, stdin=subprocess.DEVNULL)
    waiting = shell.folder / "gate.waiting"
    while not waiting.exists():
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    (shell.folder / "gate").touch()
    run = shell.last()

    resumed = shell.herd("resume", run["id"])
    events = shell.herd("runs", "show", run["id"], "--json").json["events"]

    assert (process.returncode, out) == (130, "")
    assert f"herd resume {run['id']}" in err
    assert run["status"] == "interrupted"
    assert (resumed.code, "waited: HELLO" in resumed.out) == (0, True)
    started = [event["step"] for event in events if event["kind"] == "started"]
    assert started.count("s1") == 1


def test_experts_are_listed_shown_and_found(shell: Shell) -> None:
    listed, as_json = shell.herd("experts", "list"), shell.herd("experts", "list", "--json")
    shown = shell.herd("experts", "show", "shout")
    found = shell.herd("experts", "find", "capital letters", "--gives", "text", "--json")

    assert "shout@1" in listed.out
    assert {"shout@1", "beep@1"} <= {card["id"] for card in as_json.json}
    assert "shout(text: Text) -> Text" in shown.out
    assert "licence:  Apache-2.0" in shown.out
    assert found.json[0]["id"] == "shout@1"


def test_checking_an_expert_calls_it_and_reports(shell: Shell) -> None:
    checked = shell.herd("experts", "check", "shout", "stumble", "lie", "send", "--json")
    plain = shell.herd("experts", "check", "shout")

    trials = {trial["expert"]: trial for trial in checked.json}
    assert checked.code == 1
    assert trials["shout@1"]["status"] == "ok"
    assert trials["stumble@1"]["status"] == "failed"
    assert trials["lie@1"]["status"] == "failed"
    assert trials["send@1"]["status"] == "not tried"
    assert not (shell.folder / "outbox").exists()
    assert (plain.code, plain.out.startswith("shout@1: ok")) == (0, True)


def test_doctor_has_nothing_to_complain_about(shell: Shell) -> None:
    shell.herd("run", "--plan", shell.one("shout"))

    plain, as_json = shell.herd("doctor"), shell.herd("doctor", "--json")

    assert (plain.code, as_json.code) == (0, 0)
    assert as_json.json["ok"]
    assert "FAIL" not in plain.out
    assert "breakers" in plain.out


def test_a_reader_that_stops_listening_is_no_crash(shell: Shell) -> None:
    process = shell.start("experts", "list", stdin=subprocess.DEVNULL)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()

    assert process.wait(timeout=300) in {0, 1}
    assert "Traceback" not in err
    assert "Exception ignored" not in err


def test_an_answer_that_cannot_be_written_is_told_and_kept(shell: Shell) -> None:
    plan = shell.one("shout")
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        process = subprocess.run(
            [sys.executable, "-m", "herd_graph.cli", "run", "--plan", plan],
            cwd=shell.folder, env=shell.environment, stdout=full, stderr=subprocess.PIPE, text=True,
            check=False, timeout=300,
        )  # fmt: skip

    assert process.returncode == 1
    assert "The output could not be written: No space left on device" in process.stderr
    assert "Traceback" not in process.stderr
    assert "Exception ignored" not in process.stderr
    assert "HELLO" in shell.herd("runs", "show", "last").out


def test_what_is_piped_in_and_not_read_is_told(shell: Shell) -> None:
    plan = shell.one("shout")

    assert "Attach it with: -a -" in shell.herd("run", "--plan", plan, stdin="for whom?").err
    assert "Attach it with" not in shell.herd("run", "--plan", plan, stdin="").err


def test_a_plan_takes_inputs_by_name_and_is_checked_before(shell: Shell) -> None:
    path = shell.folder / "open.json"
    port = {"name": "text", "kind": "text"}
    path.write_text(
        json.dumps({"inputs": {"text": port}, "steps": [step("s1", "shout", {"input": "text"})]})
    )

    assert "HELLO YOU" in shell.herd("run", "--plan", str(path), "-i", "text=hello you").out
    shown = shell.herd("plan", "--plan", str(path), "-i", "text=x")
    assert (shown.code, shown.out.strip()) == (0, "s1: shout(text=text)")
    wrong = shell.herd("plan", "--plan", shell.one("whisper"))
    assert (wrong.code, "'whisper'" in wrong.err) == (2, True)
    assert shell.herd("run", "hello", "-i", "text=x").code == 2


def test_the_list_of_runs_says_how_far_each_came(shell: Shell) -> None:
    plan = shell.plan(step("s1", "shout", "hello"), step("s2", "stumble", {"step": "s1"}))
    shell.herd("run", "--plan", plan)

    assert (shell.last()["steps_done"], shell.last()["steps"]) == (1, 2)
    assert " 1/2 " in shell.herd("runs", "list").out


def test_version(shell: Shell) -> None:
    done = shell.herd("--version")

    assert (done.code, done.out[:5]) == (0, "herd ")


def test_debug_is_taken_anywhere(shell: Shell) -> None:
    done = shell.herd("why", "nothing", "--debug")

    assert done.code == 2
    assert "Traceback" in done.err


def test_a_home_that_cannot_be_written_says_so(shell: Shell) -> None:
    (shell.folder / "home").write_text("in the way")

    done = shell.herd("run", "--plan", shell.one("shout"), "--json")

    assert done.code in {1, 2}
    assert "HERD_HOME" in done.json["error"]
    assert "bug" not in done.err


def test_a_broken_plugin_does_not_stop_the_others(shell: Shell) -> None:
    (shell.folder / "site" / "small_experts.py").write_text(textwrap.dedent("1 / 0"))

    listed, doctor = shell.herd("experts", "list"), shell.herd("doctor", "--json")

    assert listed.code == 0
    details = [each["detail"] for each in doctor.json["findings"] if each["name"] == "plugins"]
    assert any("ZeroDivisionError" in detail for detail in details)
