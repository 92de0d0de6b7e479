"""Everything that HERD raises.

    HerdError
    ├── ConfigError              a setting, herd.toml or an environment variable
    │   └── MissingExtra             an optional library that is not installed
    ├── ArtifactError            a file or payload
    │   ├── ArtifactNotFound         its bytes are not in the store
    │   ├── ArtifactUnreadable       empty, truncated, or not what it claims to be
    │   ├── ArtifactTooLarge         over a limit, also when decoded (decompression bombs)
    │   └── PathNotAllowed           outside the allowed folders, or not a regular file
    ├── DeclarationError         an @expert, @workflow or card that cannot be right
    ├── RegistryError
    │   ├── ExpertNotRegistered      an unknown name or version
    │   └── ExpertExists             the same name and version, registered twice
    ├── PlanError
    │   ├── PlanMalformed            not a plan at all (bad JSON, unknown fields)
    │   └── PlanInvalid              a plan with problems: all of them, at once
    ├── RoutingError             no router could answer (an abstention is no error)
    ├── CallError                one call of one expert
    │   ├── ExpertFailed             it raised
    │   │   └── InputUnusable            a payload that it was given is damaged, empty or too large
    │   ├── ExpertTimeout            it did not answer in time
    │   ├── ExpertUnavailable        its circuit breaker is open, or it cannot be loaded
    │   ├── PortViolation            an input or output that its port does not take
    │   ├── CallRefused              a person, or a setting, said no
    │   └── ReplayMiss               a recording does not hold this call
    ├── BudgetExceeded           a hard limit would be passed
    ├── ModelError
    │   ├── ModelMissing             no source of the weights is there
    │   └── ModelCorrupt             the weights are not those that the manifest names
    └── RunError
        ├── RunNotFound
        ├── RunOwned                 another process runs it
        └── RunFenced                this process lost its lease

A message has three parts: what happened (names quoted), what was expected, what to do next.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


class HerdError(Exception):
    """Anything that HERD reports. ``str(error)`` is meant for people."""

    retryable = False
    """Whether the same call may succeed when it is made again."""


class ConfigError(HerdError):
    """A setting is wrong."""


class MissingExtra(ConfigError):
    """A library that this needs is not installed; the message names the extra that brings it."""


class ArtifactError(HerdError):
    """A file or payload cannot be used."""


class ArtifactNotFound(ArtifactError):
    """The bytes of an artifact are not in the store."""


class ArtifactUnreadable(ArtifactError):
    """A payload is empty, truncated, or not what it claims to be."""


class ArtifactTooLarge(ArtifactError):
    """A payload is over a limit, as it is or once decoded."""


class PathNotAllowed(ArtifactError):
    """A path lies outside the allowed folders, or is not a regular file."""


class DeclarationError(HerdError):
    """An expert, a workflow or a card is declared in a way that cannot be right."""


class RegistryError(HerdError):
    """The registry cannot do what it was asked."""


class ExpertNotRegistered(RegistryError):
    """A name or a version that the registry does not hold."""


class ExpertExists(RegistryError):
    """The same name and version was registered before."""


class PlanError(HerdError):
    """A plan cannot be used."""


class PlanMalformed(PlanError):
    """What was given is not a plan: bad JSON, unknown or missing fields."""


class PlanInvalid(PlanError):
    """A plan has problems; ``problems`` lists every one of them."""

    def __init__(self, problems: Sequence[object], subject: str = "The plan") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = "\n".join(f"  - {problem}" for problem in self.problems)
        super().__init__(
            f"{subject} has {count} problem{'s' if count != 1 else ''}; nothing was run:\n{lines}"
        )


class RoutingError(HerdError):
    """No router could answer."""


class CallError(HerdError):
    """One call of one expert went wrong."""

    usd = 0.0
    """What it cost all the same."""
    about_input = False
    """Whether the input is to blame: says nothing of the expert's health."""
    retry_after_s: float | None = None
    """How long a service asks to wait before another try, in seconds."""


class ExpertFailed(CallError):
    """The expert raised."""

    retryable = True


class InputUnusable(ExpertFailed):
    """The expert cannot use a payload that it was given: damaged, empty, protected, too large."""

    retryable = False
    about_input = True


class ExpertTimeout(CallError):
    """The expert did not answer in time."""

    retryable = True


class ExpertUnavailable(CallError):
    """The expert's circuit breaker is open, or it could not be loaded."""


class PortViolation(CallError):
    """A value is not what a port takes."""

    about_input = True


class CallRefused(CallError):
    """A person did not approve the call, or ``HERD_ALLOW_MODEL_CALLS`` forbids it."""


class ReplayMiss(CallError):
    """A recording does not hold this call."""


class BudgetExceeded(HerdError):
    """A hard limit on money, time or calls would be passed."""


class ModelError(HerdError):
    """The weights of a model cannot be used."""


class ModelMissing(ModelError):
    """None of the sources of a model's weights is there."""


class ModelCorrupt(ModelError):
    """A file of weights is not the one that the manifest names."""


class RunError(HerdError):
    """A run cannot be found, resumed or written to."""


class RunNotFound(RunError):
    """No run has this id."""


class RunOwned(RunError):
    """Another process runs it now."""


class RunFenced(RunError):
    """This process lost its lease of the run, and may no longer write to it."""


def suggest(name: str, known: Iterable[str], *, what: str = "Registered") -> str:
    """Return the sentences that close a message about an unknown name.

    Args:
        name: What was asked for.
        known: What there is; at most eight of it are listed.
        what: The word before the list.
    """
    names = sorted(set(known))
    if not names:
        return f"{what}: none."
    shown = ", ".join(repr(each) for each in names[:8])
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"{what}: {shown}{more}.{hint}"
