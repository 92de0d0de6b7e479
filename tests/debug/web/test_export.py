"""One file to send to somebody: it opens from disk, asks for nothing, and runs nothing of the run's."""

from __future__ import annotations

import re
from pathlib import Path

from debug_pages import PLAN, Seen, Served, crew, node, sign, wanted

from herd_graph import Text
from herd_graph.debug.web.export import export
from herd_graph.debug.web.page import bundle, static_files
from herd_graph.debug.web.payloads import Shown
from herd_graph.debug.web.steps import step_json
from herd_graph.herd import Herd
from herd_graph.plans import Plan


def written(herd: Herd, run: str, path: Path) -> Path:
    with Served(herd) as served:

        async def made() -> str:
            look = await served.desk.look(run)
            return export(look, await served.desk.events(look, None))

        path.write_text(served.do(made), encoding="utf-8")
    return path


def test_the_file_shows_the_run_without_a_server(seen: Seen, tmp_path: Path) -> None:
    with crew() as herd:
        made = herd.run(PLAN, photo=sign())
        file = written(herd, made.id, tmp_path / "run.html")

    page = seen.open(file.as_uri())
    node(page, "s2").click()
    wanted(page.locator(".panel .boxes rect")).to_have_count(2)
    picture = page.locator(".panel .picture img").first
    assert picture.evaluate("each => each.decode().then(() => each.naturalWidth)") == 200
    node(page, "s4").click()
    wanted(page.locator(".panel .wave path")).to_be_visible()
    assert page.locator(".panel audio").get_attribute("src").startswith("data:audio/wav;base64,")
    node(page, "s7").click()
    page.locator('.panel [data-tab="items"]').click()
    page.locator(".panel table a", has_text="s7[2]").click()
    wanted(page.locator(".panel .json")).to_have_text("5")
    for tab in ("time", "events", "answer"):
        page.locator(f'.lower [data-tab="{tab}"]').click()

    assert page.locator("[data-command], [data-break]").count() == 0
    assert [each for each in seen.asked if not each.startswith(("data:", "file:"))] == []
    assert len(seen.asked) == len([each for each in seen.asked if each.startswith("data:")]) + 1


def test_a_recording_says_why_as_the_run_did(tmp_path: Path) -> None:
    with crew() as herd, Served(herd) as served:
        made = herd.run("Write the letter in capital letters", Text("Dear all, come at nine."))
        file = made.save(tmp_path / "box.herdrun")

        async def steps() -> list[Shown]:
            opened = await served.desk.open_file(file, "box.herdrun")
            looks = [await served.desk.look(each) for each in (made.id, opened)]
            return [step_json(look, "s1", served.desk.payloads, []) for look in looks]

        run, recorded = served.do(steps)

    assert run["why"]["clauses"]
    assert recorded["why"] == run["why"]
    assert recorded["router"] == run["router"]


def test_nothing_of_a_run_can_end_the_files_script_or_run(seen: Seen, tmp_path: Path) -> None:
    mean = '</script><script>window.hacked=1</script><!--<img src=x onerror="window.hacked=1">'
    plan = Plan.parse(
        {
            "inputs": {"text": {"name": "text", "kind": "text"}},
            "author": mean,
            "steps": [{"id": "s1", "expert": "shout", "inputs": {"text": {"input": "text"}}}],
        }
    )
    with crew() as herd:
        made = herd.run(plan, text=Text(mean * 20, name=mean))
        file = written(herd, made.id, tmp_path / "run.html")

    source = file.read_text(encoding="utf-8")
    page = seen.open(file.as_uri())
    wanted(page.locator(".panel pre.text")).to_contain_text("</SCRIPT>")

    assert page.evaluate("window.hacked") is None
    assert source.lower().count("</script>") == 2
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', source)
    assert policy is not None
    assert "default-src 'none'" in policy[1].replace("&#x27;", "'")
    assert "unsafe" not in policy[1]


def test_the_page_is_plain_modules_and_the_bundle_has_each_once() -> None:
    names = [name for name in static_files() if name.endswith(".js")]

    assert all(bundle().count(f"M['{name}']=(()=>") == 1 for name in names)
    assert "vendor/dagre.LICENSE.txt" in static_files()
    for name in names:
        source = static_files()[name].decode()
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", source
        )
        assert "https://" not in source.replace("http://www.w3.org", "") or "vendor" in name
