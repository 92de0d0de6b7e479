"""A base small enough to train in a test, with a real tokenizer, and adapters for it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from herd_graph.zoo.adapters import Adapter
from herd_graph.zoo.base import Base
from herd_graph.zoo.modules import Bottleneck, Dense, Ia3, Ia3Inner, Lora, Module

torch: Any = import_module("torch")

WORDS = "abcdefghijklmnopqrstuvwxyz .,\n"


def tiny_tokenizer() -> Any:
    tokenizers: Any = import_module("tokenizers")
    decoders: Any = import_module("tokenizers.decoders")
    models: Any = import_module("tokenizers.models")
    pre_tokenizers: Any = import_module("tokenizers.pre_tokenizers")
    transformers: Any = import_module("transformers")

    vocabulary = {"<pad>": 0, "<eos>": 1, "<unk>": 2}
    for letter in WORDS:
        vocabulary[letter] = len(vocabulary)
    made = tokenizers.Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    made.decoder = decoders.Fuse()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token="<eos>", pad_token="<pad>", unk_token="<unk>"
    )


def tiny_base(seed: int = 0, *, width: int = 32, layers: int = 2) -> Base:
    transformers: Any = import_module("transformers")

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    config = transformers.LlamaConfig(
        vocab_size=len(WORDS) + 3,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=256,
    )
    return Base(
        model=transformers.LlamaForCausalLM(config), tokenizer=tiny_tokenizer(), name="tiny"
    )


def lora(
    base: Base,
    name: str,
    *,
    seed: int,
    rank: int = 4,
    ends: tuple[str, ...] = ("q_proj", "up_proj"),
) -> Adapter:
    draw = torch.Generator().manual_seed(seed)
    modules: dict[str, Module] = {}
    for site in base.sites(*ends):
        into, out = base.widths(site)
        assert into is not None
        assert out is not None
        modules[site] = Lora(
            a=torch.randn(rank, into, generator=draw) / into**0.5,
            b=torch.randn(out, rank, generator=draw) / rank**0.5,
        )
    return Adapter(name=name, modules=modules, base=base.fingerprint, vocabulary=base.vocabulary)


def mixed_kinds(base: Base, name: str = "mixed", *, seed: int = 9) -> Adapter:
    """Return an adapter with a module of every kind."""
    draw = torch.Generator().manual_seed(seed)
    modules: dict[str, Module] = {}
    for site in base.sites("v_proj"):
        modules[site] = Ia3(scale=1 + torch.randn(base.widths(site)[1] or 0, generator=draw))
    for site in base.sites("down_proj"):
        modules[site] = Ia3Inner(scale=1 + torch.randn(base.widths(site)[0] or 0, generator=draw))
    for site in base.sites("mlp"):
        modules[site] = Bottleneck(
            down=torch.randn(5, base.width, generator=draw),
            up=torch.randn(base.width, 5, generator=draw),
        )
    for site in base.sites("o_proj"):
        into, out = base.widths(site)
        modules[site] = Dense(weight=0.1 * torch.randn(out or 0, into or 0, generator=draw))
    return Adapter(name=name, modules=modules, base=base.fingerprint)
