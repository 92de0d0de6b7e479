"""Make the matrices anew: ``python -m benchmarks.matrices [--only speech|short|pages] [--to FOLDER]``.

Clips and pages are spoken and printed where they are missing, held against the frozen hash, and given
to every recogniser by ``herd collect``, which goes on where it was stopped. What is written stands
beside the committed files under other names until you move it: ``NAME.csv.gz`` and
``NAME.hypotheses.jsonl.gz``.
"""

from __future__ import annotations

import argparse
import gzip
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.matrices.conditions import FOLDER, frozen, make_media, media_hash
from benchmarks.matrices.keeping import VARIABLE

SETS = {
    "speech": ("speech", ("whisper_tiny", "whisper_base", "pocketsphinx"), "heard"),
    "short": ("speech", ("whisper_tiny_short", "whisper_base_short"), "heard"),
    "pages": ("pages", ("ppocr_v6", "ppocr_v4", "tesseract"), "cer"),
}
"""The list of requests, the experts and the score of each matrix."""


def main() -> None:
    """Make the media, and collect."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.matrices", description=__doc__)
    words.add_argument("--only", choices=sorted(SETS), help="one of the matrices")
    words.add_argument(
        "--to", type=Path, default=Path("matrices"), help="a folder for what is made"
    )
    given = words.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    for name in [given.only] if given.only else sorted(SETS):
        collect(name, given.to)


def collect(name: str, folder: Path) -> None:
    """Collect one matrix."""
    requests, experts, score = SETS[name]
    made = sum(1 for _ in make_media(requests, FOLDER))
    print(f"{requests}: {made} files made")
    if media_hash(requests) != frozen()[requests]["media"]:
        print(
            f"The {requests} differ from the frozen ones: other versions of fonts, voices or "
            "libraries. The figures may differ too."
        )
    heard = folder / f"{name}.hypotheses.jsonl"
    environment = {
        **os.environ,
        "HERD_CONFIG": str(FOLDER / f"{name}.toml"),
        "OMP_NUM_THREADS": "1",
        "OMP_THREAD_LIMIT": "1",
        VARIABLE: str(heard),
    }
    command = [sys.executable, "-m", "herd_graph.cli", "collect", str(FOLDER / f"{requests}.jsonl")]
    command += [word for each in experts for word in ("--expert", each)]
    command += ["--score", score, "--to", str(folder / f"{name}.csv.gz")]
    subprocess.run(command, env=environment, check=True)
    with gzip.GzipFile(folder / f"{name}.hypotheses.jsonl.gz", "wb", mtime=0) as out:
        out.write(heard.read_bytes())


if __name__ == "__main__":
    main()
