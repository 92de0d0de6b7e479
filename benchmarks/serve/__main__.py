"""Open load on a server: so many requests a second, whether earlier ones are answered or not.

    python -m benchmarks.serve [--rate 50] [--seconds 30] [--expert-seconds 4] [--json FILE]

The client is this process, the server another one. What is told is the overhead: a request's time
less what its expert takes. A request that is refused, broken off or answered wrongly is lost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MODELS = {"routed": "herd", "one expert": "herd/shout"}


async def one(client: Any, model: str, number: int, started: float) -> tuple[float, str]:
    """Send one request; return how long it took, and what went wrong."""
    words = f"note number {number} of the open load"
    text = f"Shout this text: '{words}'" if model == "herd" else words
    body = {"model": model, "messages": [{"role": "user", "content": text}]}
    try:
        answer = await client.post("/v1/chat/completions", json=body)
        took = time.perf_counter() - started
        if answer.status_code != 200:
            return took, f"status {answer.status_code}: {answer.text[:200]}"
        content = answer.json()["choices"][0]["message"]["content"]
        return took, "" if content == words.upper() else f"wrong answer: {content[:100]!r}"
    except Exception as error:
        return time.perf_counter() - started, f"{type(error).__name__}: {error}"


async def load(url: str, model: str, rate: float, seconds: float) -> list[tuple[float, str]]:
    """Send requests at a steady rate, and wait for every answer."""
    import httpx

    limits = httpx.Limits(max_connections=4096, max_keepalive_connections=4096)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        for number in range(5):  # the first ones load the embedder and open the index
            await one(client, model, -number, time.perf_counter())
        begin = time.perf_counter() + 0.2
        tasks: list[asyncio.Task[tuple[float, str]]] = []
        for number in range(int(rate * seconds)):
            due = begin + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            # A request is timed from when it was due: a client that lags must not flatter.
            tasks.append(asyncio.create_task(one(client, model, number, due)))
        return await asyncio.gather(*tasks)


def summary(name: str, found: Sequence[tuple[float, str]], expert_s: float) -> dict[str, Any]:
    """Return what is told of one load."""
    good = sorted(took - expert_s for took, wrong in found if not wrong)
    lost = [wrong for _, wrong in found if wrong]

    def at(share: float) -> float:
        return good[min(len(good) - 1, int(share * len(good)))] * 1000 if good else float("nan")

    return {
        "load": name,
        "requests": len(found),
        "lost": len(lost),
        "overhead_ms": {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": at(1.0)},
        "errors": sorted(set(lost))[:5],
    }


def main() -> int:
    """Measure, and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--expert-seconds", type=float, default=4)
    parser.add_argument("--only", choices=list(MODELS))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    command = [sys.executable, "-m", "benchmarks.serve.server", str(options.expert_seconds)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    told: list[dict[str, Any]] = []
    try:
        url = server.stdout.readline().strip()
        for name, model in MODELS.items():
            if options.only not in {None, name}:
                continue
            before = _cpu_s(server.pid)
            found = asyncio.run(load(url, model, options.rate, options.seconds))
            result = summary(name, found, options.expert_seconds)
            result["server_cpu_ms"] = (_cpu_s(server.pid) - before) / len(found) * 1000
            told.append(result)
            ms = result["overhead_ms"]
            print(
                f"{name:<11} {options.rate:g}/s x {options.seconds:g} s, experts take "
                f"{options.expert_seconds:g} s: {result['requests']} requests, {result['lost']} lost; "
                f"overhead p50 {ms['p50']:.0f} ms, p95 {ms['p95']:.0f}, p99 {ms['p99']:.0f}, "
                f"max {ms['max']:.0f}; {result['server_cpu_ms']:.1f} ms CPU a request"
            )
            for error in result["errors"]:
                print(f"  {error}")
    finally:
        server.terminate()
        server.wait(timeout=60)
    if options.json is not None:
        options.json.write_text(json.dumps(told, indent=2) + "\n")
    return 0 if all(each["lost"] == 0 for each in told) else 1


def _cpu_s(pid: int) -> float:
    """Return the processor seconds that a process has used."""
    import os

    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
