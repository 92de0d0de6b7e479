"""Progress of a training on disk, so that one that was broken off goes on bit for bit.

One safetensors file: parameters, Adam's moments, whatever else the training averages, the losses,
and the recipe that it all belongs to. Another recipe starts anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from herd_graph.errors import ConfigError
from herd_graph.extras import need
from herd_graph.zoo.modules import Tensor

torch: Any = need("torch", "zoo")


@dataclass(frozen=True, kw_only=True, eq=False)
class Progress:
    """Where a training is kept, and what belongs to it.

    Args:
        leaves: The parameters, by name.
        optimiser: AdamW over the parameters in the order of their sorted names.
        signature: Of the recipe: what was kept under another one is not gone on with.
        folder: Where; None keeps nothing.
        beside: More tensors that the training changes, such as averages of its parameters.
    """

    leaves: Mapping[str, Tensor]
    optimiser: Any
    signature: str
    folder: Path | None = None
    beside: Mapping[str, Tensor] = field(default_factory=dict[str, Tensor])

    def keep(self, losses: Sequence[float]) -> None:
        """Write everything, whole or not at all.

        Raises:
            ConfigError: The folder cannot be written to. What was kept before is still there.
        """
        if self.folder is None:
            return
        stored = need("safetensors.torch", "zoo")
        state = self.optimiser.state_dict()["state"]
        tensors = {f"beside.{n}": each.detach().clone() for n, each in self.beside.items()}
        for index, name in enumerate(sorted(self.leaves)):
            tensors[f"value.{name}"] = self.leaves[name].detach().contiguous().clone()
            tensors[f"first.{name}"] = state[index]["exp_avg"].contiguous()
            tensors[f"second.{name}"] = state[index]["exp_avg_sq"].contiguous()
        draft = self.folder / "progress.draft"
        told = {"losses": json.dumps(list(losses)), "recipe": self.signature}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            stored.save_file(tensors, str(draft), metadata=told)
            draft.replace(self.folder / "progress.safetensors")
        except Exception as error:
            draft.unlink(missing_ok=True)
            raise ConfigError(
                f"The progress of a training cannot be written to {str(self.folder)!r}: {error}. "
                "Expected a folder with room and permission to write. Free some space and give the "
                "command again: it goes on from what was written before."
            ) from error

    def resume(self) -> list[float]:
        """Take up what was kept for this very recipe, and return its losses; none to begin anew."""
        path = None if self.folder is None else self.folder / "progress.safetensors"
        if path is None or not path.is_file():
            return []
        library = need("safetensors", "zoo")
        with library.safe_open(str(path), framework="pt") as opened:
            told: dict[str, str] = opened.metadata() or {}
            if told.get("recipe") != self.signature:
                return []
            held = {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118 - no mapping
        losses = [float(each) for each in json.loads(told["losses"])]
        state = self.optimiser.state_dict()
        with torch.no_grad():
            for name, each in self.beside.items():
                each.copy_(held[f"beside.{name}"])
            for index, name in enumerate(sorted(self.leaves)):
                self.leaves[name].copy_(held[f"value.{name}"])
                state["state"][index] = {
                    "step": torch.tensor(float(len(losses))),
                    "exp_avg": held[f"first.{name}"],
                    "exp_avg_sq": held[f"second.{name}"],
                }
        self.optimiser.load_state_dict(state)
        return losses


__all__ = ("Progress",)
