"""A learned gate: a linear router at each layer, trained on data of the target with experts frozen.

As in X-LoRA (arXiv 2402.07148) and MoLE (arXiv 2404.13628): softmax over all adapters, for each
token and layer. It may be better than any local gate on what it was trained on, and it breaks their
promise: a newcomer means training again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from herd_graph.errors import RoutingError
from herd_graph.extras import need
from herd_graph.routing.taxonomy import (
    DepthGranularity,
    ExpertAggregation,
    ExpertSelection,
    InputGranularity,
    RoutingData,
    Taxonomy,
    UserData,
)
from herd_graph.zoo.adapters import Adapter
from herd_graph.zoo.base import Base
from herd_graph.zoo.gates import KeyGate
from herd_graph.zoo.hosting import Dispatch, Here, Share, dispatching
from herd_graph.zoo.modules import Tensor
from herd_graph.zoo.training import Rows, Told, batch_at
from herd_graph.zoo.zoo import ExpertZoo

torch: Any = need("torch", "zoo")


class LearnedGate(KeyGate):
    """Softmax over ``W_l u`` at each layer l; made by ``train_router``.

    Args:
        keys: For each layer the adapters' rows of ``W_l``.
        top_k: How many compute for a token; 0 for all.
    """

    name = "learned"
    taxonomy = Taxonomy(
        routing_data=RoutingData.TARGET,
        input_granularity=InputGranularity.STEP,
        depth_granularity=DepthGranularity.MODULE,
        selection=ExpertSelection.DENSE,
        aggregation=ExpertAggregation.OUTPUT,
        user_data=UserData.FULL,
    )

    def __init__(self, keys: Mapping[str, Mapping[str, Tensor]], *, top_k: int = 0) -> None:
        super().__init__(top_k=top_k)
        self.keys = keys

    def key(self, adapter: Adapter, site: str, base: Base) -> Tensor:
        """Return the adapter's row."""
        del base
        found = self.keys.get(site, {}).get(adapter.name)
        if found is None:
            raise RoutingError(
                f"The learned gate was trained without adapter {adapter.name!r}. Expected those that "
                "it knows. Train it again with learned.train_router, or use a local gate."
            )
        return found.float()


class _Training:
    """Chooses with the rows as they stand, so that gradients reach them; watches the balance."""

    def __init__(self, keys: Mapping[str, Tensor], names: Sequence[str], top_k: int) -> None:
        self.keys = keys
        self.names = names
        self.top_k = top_k
        self.balance: Tensor = torch.zeros(())

    def choose(self, site: str, given: Tensor, here: Here) -> Sequence[Share]:
        names = [name for name in self.names if name in here]
        rows = self.keys[site][[self.names.index(name) for name in names]]
        shares = (given.reshape(-1, given.shape[-1]).float() @ rows.T).softmax(dim=1)
        kept = shares
        # One expert alone has the weight 1 and no gradient: its router is trained as if all computed.
        if 1 < self.top_k < len(names):
            best, which = shares.topk(self.top_k, dim=1)
            kept = torch.zeros_like(shares).scatter(1, which, best / best.sum(1, keepdim=True))
        used = (kept > 0).float().mean(dim=0)
        self.balance = self.balance + len(names) * (used * shares.mean(dim=0)).sum()
        return [Share(name=name, weight=kept[:, at]) for at, name in enumerate(names)]


def train_router(
    zoo: ExpertZoo,
    rows: Rows,
    *,
    steps: int = 40,
    batch: int = 4,
    rate: float = 1e-2,
    top_k: int = 0,
    balance: float = 0.0,
    seed: int = 0,
    told: Told | None = None,
) -> LearnedGate:
    """Train a router on data of the target; base and adapters stay frozen.

    Args:
        zoo: Its adapters are those that are routed among.
        rows: Token ids of the target.
        steps: How many.
        batch: Rows in each.
        rate: Of Adam.
        top_k: How many adapters compute for a token; 0 for all.
        balance: The weight of ``N Σ_i f_i P_i`` (Switch Transformer, arXiv 2101.03961, equation 4;
            Branch-Train-MiX's section 2.3), which keeps experts from starving.
        seed: Of the order.
        told: Told every step.
    """
    standing = zoo.standing
    names = list(standing.adapters)
    if not names:
        raise RoutingError(
            "There is nothing to route among. Expected adapters in the zoo. Add some."
        )
    keys = {
        site: torch.zeros(len(names), zoo.base.widths(site)[0], requires_grad=True)
        for site in standing.modules
    }
    optimiser = torch.optim.Adam(list(keys.values()), lr=rate)
    for step in range(steps):
        ids, mask = zoo.base.pad(batch_at(rows, batch, step, seed))
        chooser = _Training(keys, names, top_k)
        with dispatching(Dispatch(modules=standing.modules, chooser=chooser)):
            logits = zoo.base.model(input_ids=ids, attention_mask=mask).logits
        labels = ids[:, 1:].masked_fill(mask[:, 1:] == 0, -100)
        loss = torch.nn.functional.cross_entropy(
            logits[:, :-1].reshape(-1, logits.shape[-1]).float(), labels.reshape(-1)
        )
        whole = loss + balance * chooser.balance / max(1, len(keys))
        optimiser.zero_grad()
        whole.backward()
        optimiser.step()
        if told is not None:
            told(step + 1, float(loss.detach()))
    found = {
        site: {name: rows_[at].detach() for at, name in enumerate(names)}
        for site, rows_ in keys.items()
    }
    return LearnedGate(found, top_k=top_k)


__all__ = ("LearnedGate", "train_router")
