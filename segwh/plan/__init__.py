"""The logical plan and its passes: nodes, reads (what rules need), names, build (the passes), stretches, prune, text."""

from segwh.plan.build import build
from segwh.plan.nodes import EntityPlan, Plan, SegmentPlan
from segwh.plan.prune import pruned
from segwh.plan.text import plan_text

__all__ = ["EntityPlan", "Plan", "SegmentPlan", "build", "plan_text", "pruned"]
