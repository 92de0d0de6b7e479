"""Other projects' routers on the same folds: LiteLLM's two, and semantic-router where it is.

semantic-router pins what the house does not want, so it runs in an environment of its own:
``HERD_BENCH_SEMANTIC_ROUTER`` names that environment's Python. Each gets what its own documents
ask for, out of the training folds alone.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from herd_graph import extras
from herd_graph.bench.routing_contestants import Contestant, Predict, Prediction
from herd_graph.errors import ConfigError
from herd_graph.routing.matrices import Floats, Matrix

VARIABLE = "HERD_BENCH_SEMANTIC_ROUTER"
UTTERANCES = 50
_SCRIPT = """
import json, sys
import numpy as np
from semantic_router import Route
from semantic_router.encoders.base import DenseEncoder
from semantic_router.routers import SemanticRouter
given = json.load(sys.stdin)
known = {t: v for t, v in zip(given["texts"], given["vectors"])}
class Given(DenseEncoder):
    name: str = "given"
    type: str = "given"
    score_threshold: float = 0.0
    def __call__(self, docs):
        return [known.get(d, given["vectors"][0]) for d in docs]
routes = [Route(name=n, utterances=u, score_threshold=0.0) for n, u in given["routes"].items()]
router = SemanticRouter(encoder=Given(), routes=routes, auto_sync="local", top_k=50)
out = [router(text=t).name for t in given["asked"]]
json.dump(out, sys.stdout)
"""


def peers() -> list[Contestant]:
    """Return those that are installed here."""
    found: list[Contestant] = []
    # LiteLLM fetches a price map from the network when it is imported, unless told not to; and to
    # look for a module of it imports it.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    if extras.present("litellm.router_strategy.complexity_router"):
        found.append(
            Contestant(
                name="litellm complexity_router", fit=_complexity, calibrated=False, peer=True
            )
        )
    if extras.present("litellm.router_strategy.adaptive_router"):
        found.append(
            Contestant(name="litellm adaptive_router", fit=_adaptive, calibrated=False, peer=True)
        )
    if os.environ.get(VARIABLE):
        found.append(Contestant(name="semantic-router", fit=_semantic, calibrated=False, peer=True))
    return found


def _ladder(train: Matrix, count: int) -> list[int]:
    """Return experts for rising tiers: those that no cheaper one equals, spread over their prices."""
    import numpy as np

    quality, cost = train.quality.mean(axis=0), np.nanmean(train.cost, axis=0)
    rungs: list[int] = []
    for each in np.argsort(cost):
        if not rungs or quality[each] > quality[rungs[-1]]:
            rungs.append(int(each))
    at = np.round(np.linspace(0, len(rungs) - 1, count)).astype(int)
    return [rungs[each] for each in at]


def _picked(picks: Sequence[int], experts: int) -> Prediction:
    import numpy as np

    made = np.zeros((len(picks), experts), dtype=np.float32)
    made[np.arange(len(picks)), list(picks)] = 1
    return Prediction(quality=made)


def _complexity(train: Matrix, vectors: Floats) -> Predict:
    """Four tiers by keywords and length, as it comes; the tiers are the experts worth their price."""
    del vectors
    litellm: Any = import_module("litellm")
    module: Any = import_module("litellm.router_strategy.complexity_router.complexity_router")
    ladder = _ladder(train, 4)
    tiers: dict[str, int] = dict(
        zip(("SIMPLE", "MEDIUM", "COMPLEX", "REASONING"), ladder, strict=True)
    )
    models = [{"model_name": n, "litellm_params": {"model": f"openai/{n}"}} for n in tiers]
    router = module.ComplexityRouter(
        "herd-bench",
        litellm.Router(model_list=models),
        complexity_router_config={"tiers": {name: name for name in tiers}},
    )

    def predict(prompts: Sequence[str], asked: Floats, looks: Floats | None) -> Prediction:
        del asked, looks
        found = [router.classify(each)[0] for each in prompts]
        picks = [tiers[str(getattr(each, "value", each))] for each in found]
        return _picked(picks, len(train.experts))

    return predict


def _adaptive(train: Matrix, vectors: Floats) -> Predict:
    """Its Beta cells by kind of request, fed with true rewards; weights all on quality."""
    del vectors
    import numpy as np

    bandit: Any = import_module("litellm.router_strategy.adaptive_router.bandit")
    classify: Any = import_module(
        "litellm.router_strategy.adaptive_router.classifier"
    ).classify_prompt
    types: Any = import_module("litellm.types.router")
    preferences = types.AdaptiveRouterPreferences(quality_tier=2)
    cells: dict[str, dict[str, Any]] = {}
    cost = {n: float(c) for n, c in zip(train.experts, np.nanmean(train.cost, axis=0), strict=True)}
    draw = random.Random(0)  # noqa: S311 - a benchmark repeats itself

    def held(kind: Any) -> dict[str, Any]:
        return cells.setdefault(
            str(kind), {n: bandit.initial_cell(preferences, kind) for n in train.experts}
        )

    def choose(kind: Any) -> str:
        return str(bandit.pick_best(held(kind), cost, 1.0, 0.0, rng=draw))

    for row, prompt in enumerate(train.prompts):
        kind = classify(prompt)
        name = choose(kind)
        reward = float(train.quality[row, train.experts.index(name)])
        held(kind)[name] = bandit.apply_delta(held(kind)[name], reward, 1 - reward)

    def predict(prompts: Sequence[str], asked: Floats, looks: Floats | None) -> Prediction:
        del asked, looks
        picks = [train.experts.index(choose(classify(each))) for each in prompts]
        return _picked(picks, len(train.experts))

    return predict


def _semantic(train: Matrix, vectors: Floats) -> Predict:
    """A route for each expert: prompts that it alone won, with the vectors that all others use."""
    import numpy as np

    best = train.quality >= train.quality.max(axis=1, keepdims=True) - 1e-9
    won = np.where(best, train.cost, np.inf).argmin(axis=1)
    routes: dict[str, list[str]] = {}
    held: dict[str, Floats] = {}
    for expert, name in enumerate(train.experts):
        rows = np.flatnonzero((won == expert) & (train.quality.max(axis=1) > 0))[:UTTERANCES]
        routes[name] = [train.prompts[row] for row in rows]
        held |= {train.prompts[row]: vectors[row] for row in rows}
    routes = {name: said for name, said in routes.items() if said}
    single = int(train.quality.mean(axis=0).argmax())

    def predict(prompts: Sequence[str], asked: Floats, looks: Floats | None) -> Prediction:
        del looks
        known = {**held, **dict(zip(prompts, asked, strict=True))}
        given = {
            "texts": list(known),
            "vectors": [each.tolist() for each in known.values()],
            "routes": routes,
            "asked": list(prompts),
        }
        done = subprocess.run(
            [os.environ[VARIABLE], "-c", _SCRIPT],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ConfigError(
                f"semantic-router failed: {done.stderr.strip()[-300:]!r}. Expected {VARIABLE} to "
                "name the Python of an environment that has it. Unset it to leave it out."
            )
        names = json.loads(done.stdout.strip().splitlines()[-1])
        picks = [train.experts.index(each) if each else single for each in names]
        return _picked(picks, len(train.experts))

    return predict


__all__ = ("VARIABLE", "peers")
