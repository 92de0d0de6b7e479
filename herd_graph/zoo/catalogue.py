"""The survey's table of methods as data: where each stands, when to use it, what realises it here.

Yadav et al., *A Survey on Model MoErging* (arXiv 2408.07057), table 1, with methods that came later
or stand beside it, placed by the same nine axes. Nothing here needs torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from herd_graph.errors import ConfigError, suggest
from herd_graph.routing.taxonomy import AXES, Taxonomy

Origin = Literal["survey", "ours"]
"""Whether a row is the survey's own, or was placed by us."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """A way to recycle experts, and its place on the nine axes."""

    name: str
    taxonomy: Taxonomy
    arxiv: str = ""
    realised_by: str = ""
    """What runs here; empty where nothing does."""
    use_when: str = ""
    origin: Origin = "survey"

    @property
    def runs_here(self) -> bool:
        """Whether anything here realises it."""
        return bool(self.realised_by)


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """A related field, a tool or an application: when to use which."""

    name: str
    kind: Literal["field", "tool", "application"]
    use_when: str
    instead: str = ""
    """What there is here in its place, if anything."""


_WORDS = {
    "std": "standard",
    "na": "n/a",
    "id": "in-distribution",
    "ood": "out-of-distribution",
    "zero": "zero-shot",
    "few": "few-shot",
}


def _at(place: str) -> Taxonomy:
    values = [_WORDS.get(each, each) for each in place.split("/")]
    return Taxonomy.model_validate(dict(zip(AXES, values, strict=True)))


def _row(
    name: str,
    place: str,
    arxiv: str = "",
    realised_by: str = "",
    use_when: str = "",
    origin: Origin = "survey",
) -> Method:
    return Method(
        name=name,
        taxonomy=_at(place),
        arxiv=arxiv,
        realised_by=realised_by,
        use_when=use_when,
        origin=origin,
    )


METHODS: tuple[Method, ...] = (
    _row("AdapterFusion", "std/private/target/step/module/dense/output/id/full", "2005.00247"),
    _row("AdapterSoup", "custom/private/none/task/model/sparse/parameter/ood/few", "2302.07027",
         "zoo.merging.combine over the nearest adapters",
         "one task, and text close to it but no labels"),
    _row("Airoboros and LlamaIndex", "multiple/private/none/example/model/sparse/none/multiple/zero",
         "", "herd routers semantic, llm", "whole models that answer for themselves"),
    _row("Arrow", "std/private/none/step/module/sparse/parameter/ood/zero", "2405.11157",
         "zoo.gates.Arrow", "LoRA adapters made by others, whose data nobody has"),
    _row("Branch-Train-Mix", "std/shared/expert/step/module/sparse/output/id/multiple", "2403.07816",
         "zoo.mixing.Mixture", "one model to serve, and time to finetune its router"),
    _row("CALM", "std/multiple/multiple/task/na/none/output/multiple/full", "2401.02412"),
    _row("Co-LLM", "custom/private/target/step/model/sparse/none/id/full", "2403.03870",
         "zoo.deferral, DeferralExpert", "a small model is enough for most tokens"),
    _row("Dynamic Adapter Merging", "custom/private/none/example/model/dense/parameter/id/zero",
         "2403.08755", "a zoo route that is a mixture for each text",
         "texts of many domains, each of one"),
    _row("LoraHub", "std/private/target/task/model/sparse/parameter/ood/few", "2307.13269",
         "zoo.merging.lorahub", "a handful of examples of a new task, and no time to train"),
    _row("LoraRetriever", "std/shared/expert/example/model/sparse/multiple/multiple/full",
         "2402.09997", "zoo.examples, kind retrieval", "many adapters with a few of their examples"),
    _row("LoRA-Flow", "std/private/target/step/module/dense/output/ood/few", "2402.11455"),
    _row("MeteoRA", "std/shared/expert/step/module/sparse/output/id/full", "2405.13053"),
    _row("MixDA", "custom/private/target/example/module/dense/output/id/full", "2306.05406"),
    _row("MoLE", "std/private/target/step/module/dense/output/multiple/few", "2404.13628"),
    _row("Mo'LoRA", "custom/private/none/example/model/dense/parameter/ood/zero"),
    _row("PEMT", "custom/private/target/task/module/dense/output/ood/multiple", "2402.15082"),
    _row("PHATGOOSE", "custom/private/none/step/module/sparse/output/ood/zero", "2402.05859",
         "zoo.gates.Phatgoose", "makers of adapters will train a gate beside each"),
    _row("PWE MoE", "std/shared/expert/na/module/dense/parameter/id/full"),
    _row("Retrieval of Experts", "custom/private/none/task/model/sparse/none/ood/zero", "2302.03202",
         "zoo.examples, kind retrieval", "whole tasks rather than single texts"),
    _row("RouteLLM", "std/private/multiple/example/model/sparse/none/multiple/zero", "2406.18665",
         "herd routers quality, cascade", "a strong and a weak model, and a bill to mind"),
    _row("Routoo", "std/private/multiple/example/model/sparse/none/ood/few", "2401.13979",
         "herd routers quality", "many models with known scores on some questions"),
    _row("Token-Level Adaptation", "custom/private/none/step/model/dense/parameter/id/zero",
         "2311.10847", "zoo.hosting.ByToken", "text that changes its topic, and clusters of it"),
    _row("Twin-Merging", "std/shared/target/example/model/dense/parameter/multiple/full",
         "2406.15479"),
    _row("Weight-Ensembling MoE", "std/private/target/example/module/dense/parameter/multiple/zero",
         "2402.00433"),
    _row("What the Weight?", "std/multiple/multiple/example/module/sparse/multiple/ood/zero"),
    _row("Zooter", "std/private/general/example/model/sparse/none/ood/zero", "2311.08692",
         "herd routers quality", "models ranked by a judge on general questions"),
    # Placed by us.
    _row("BTM", "std/private/expert/step/model/dense/output/multiple/few", "2208.03306",
         "zoo.posterior, PosteriorEnsembleExpert", "whole models of domains over one tokenizer",
         "ours"),
    _row("c-BTM", "std/shared/expert/step/model/sparse/output/multiple/zero", "2303.14177",
         "zoo.posterior.cluster_weights", "a corpus without labels: clusters make the domains",
         "ours"),
    _row("HDEE", "std/private/expert/step/model/dense/output/multiple/few", "2502.19385",
         "zoo.hdee", "domains of different difficulty and one budget of compute", "ours"),
    _row("X-LoRA", "std/private/target/step/module/dense/output/id/full", "2402.07148",
         "zoo.learned.LearnedGate", "data of the target, and adapters that stay the same", "ours"),
    _row("SpectR", "std/private/none/step/module/sparse/output/ood/zero", "2504.03454",
         "zoo.gates.Spectral", "as Arrow; more exact, and a little slower", "ours"),
    _row("Average activation", "std/private/expert/step/module/sparse/output/ood/zero", "2402.05859",
         "zoo.gates.AverageActivation", "a few texts of each adapter and no training", "ours"),
    _row("RND router", "std/private/expert/example/model/sparse/none/multiple/zero", "1810.12894",
         "zoo.examples, kind rnd", "texts that no adapter knows must be left to the base", "ours"),
    _row("Cluster average", "std/private/expert/example/model/sparse/none/id/zero", "2402.05859",
         "zoo.examples, kind cluster", "clearly different domains, a whole text each", "ours"),
    _row("Exact average", "std/private/none/task/model/dense/parameter/multiple/zero", "2402.05859",
         "zoo.merging.average", "one adapter is all that may be served", "ours"),
    _row("TIES", "std/private/none/task/model/dense/parameter/multiple/zero", "2306.01708",
         "zoo.merging.ties", "merged adapters that pull against each other", "ours"),
    _row("DARE", "std/private/none/task/model/dense/parameter/multiple/zero", "2311.03099",
         "zoo.merging.dare", "adapters with much redundancy", "ours"),
    _row("Task arithmetic", "std/private/none/task/model/dense/parameter/multiple/zero",
         "2212.04089", "zoo.merging.task_arithmetic", "skills to add or, with a minus, to take away",
         "ours"),
)  # fmt: skip
"""The survey's rows, and those that were placed here by the same axes."""

NEIGHBOURS: tuple[Neighbour, ...] = (
    Neighbour(name="model merging", kind="field", instead="zoo.merging",
              use_when="one model must serve everything and routing is not to be had"),
    Neighbour(name="multitask learning", kind="field", instead="zoo.training on all data at once",
              use_when="all the data is in one place: the baseline that any router must face"),
    Neighbour(name="mixture of experts", kind="field", instead="zoo.mixing",
              use_when="router and experts can be trained together from the start"),
    Neighbour(name="federated learning", kind="field",
              use_when="data must stay where it is and rounds of exchange are possible"),
    Neighbour(name="peft", kind="tool", instead="zoo.files reads and writes its folders",
              use_when="adapters are to be trained at scale; its linear, TIES and DARE merges add "
                       "factors apart"),
    Neighbour(name="mergekit", kind="tool",
              use_when="whole checkpoints of one architecture are merged on disk"),
    Neighbour(name="mttl", kind="tool",
              use_when="Arrow and PHATGOOSE are to be repeated at their papers' own scale"),
    Neighbour(name="fusion_bench", kind="tool",
              use_when="merging methods for image classifiers are compared"),
    Neighbour(name="LoRAX, S-LoRA, vLLM", kind="tool", instead="zoo.ExpertZoo on one machine",
              use_when="thousands of adapters are served from a GPU, one for each request"),
    Neighbour(name="adapters (AdapterHub)", kind="tool",
              use_when="adapter fusion and other bottlenecks are to be trained"),
    Neighbour(name="serving many fine-tunes of one base", kind="application",
              instead="AdapterZooExpert",
              use_when="each customer or task has an adapter and memory holds one base"),
    Neighbour(name="private data at several owners", kind="application",
              instead="local gates: phatgoose, arrow, rnd",
              use_when="owners share experts and no data; a newcomer must disturb nobody"),
    Neighbour(name="language models of domains", kind="application",
              instead="PosteriorEnsembleExpert",
              use_when="domains differ much and each can be trained alone"),
    Neighbour(name="choosing among remote models", kind="application", instead="herd routers list",
              use_when="experts are whole systems behind an API: nothing inside can be routed"),
)  # fmt: skip


def find(match: tuple[str, ...] = ()) -> list[Method]:
    """Return the methods that match: ``axis=value``, or a word of name, realisation or advice.

    Example:
        >>> [each.name for each in find(("input_granularity=example", "rnd"))]
        ['RND router']

    Raises:
        ConfigError: An axis that there is none of.
    """
    found = list(METHODS)
    for wanted in match:
        axis, equals, value = wanted.partition("=")
        if equals:
            if axis not in AXES:
                raise ConfigError(
                    f"{wanted!r} names no axis. {suggest(axis, AXES, what='The axes are')}"
                )
            found = [each for each in found if str(getattr(each.taxonomy, axis)) == value]
        else:
            word = wanted.casefold()
            found = [
                each
                for each in found
                if word in f"{each.name} {each.realised_by} {each.use_when} {each.arxiv}".casefold()
            ]
    return found


__all__ = ("METHODS", "NEIGHBOURS", "Method", "Neighbour", "Origin", "find")
