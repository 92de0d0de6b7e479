"""What spans, their attributes and recorded events are called: OpenTelemetry's GenAI conventions.

The conventions are in development (github.com/open-telemetry/semantic-conventions-genai), so that all
names stand here and nowhere else. What they do not name is under ``herd.``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SCOPE: Final = "herd_graph"
"""The instrumentation scope."""
SCHEMA_URL: Final = "https://opentelemetry.io/schemas/1.37.0"

# Operations: the first word of a span's name.
INVOKE_WORKFLOW: Final = "invoke_workflow"
PLAN: Final = "plan"
EXECUTE_TOOL: Final = "execute_tool"
CHAT: Final = "chat"
EVALUATE: Final = "evaluate"
STEP: Final = "step"
FUSE: Final = "fuse"

# Attributes of the conventions.
OPERATION: Final = "gen_ai.operation.name"
WORKFLOW: Final = "gen_ai.workflow.name"
CONVERSATION: Final = "gen_ai.conversation.id"
TOOL: Final = "gen_ai.tool.name"
TOOL_TYPE: Final = "gen_ai.tool.type"
TOOL_TEXT: Final = "gen_ai.tool.description"
PROVIDER: Final = "gen_ai.provider.name"
MODEL: Final = "gen_ai.request.model"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
EVALUATION: Final = "gen_ai.evaluation.name"
SCORE: Final = "gen_ai.evaluation.score.value"
LEVEL: Final = "gen_ai.evaluation.score.label"
EXPLANATION: Final = "gen_ai.evaluation.explanation"
ERROR_TYPE: Final = "error.type"

# Attributes of ours.
RUN: Final = "herd.run.id"
RUN_STATUS: Final = "herd.run.status"
STEP_ID: Final = "herd.step.id"
STEP_STATUS: Final = "herd.step.status"
ATTEMPT: Final = "herd.attempt"
EXPERT: Final = "herd.expert"
COST: Final = "herd.cost.usd"
STEPS: Final = "herd.plan.steps"
REVISION: Final = "herd.plan.revision"
CHECK_BLOCKS: Final = "herd.check.blocks"
LINK: Final = "herd.link"
"""Of a link: ``fork`` or ``resume``."""

EVENT_NAMES: Final[Mapping[str, str]] = {
    "planned": PLAN,
    "started": "herd.step.started",
    "attempt": EXECUTE_TOOL,
    "finished": "herd.step.finished",
    "checked": "gen_ai.evaluation.result",
    "asked": "herd.approval.asked",
    "answered": "herd.approval.answered",
    "replanned": "herd.plan.revised",
    "fused": "herd.answer.composed",
    "ended": INVOKE_WORKFLOW,
}
"""What each kind of event is called in a recording."""
