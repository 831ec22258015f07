"""The logical plan and its passes: nodes (what a plan is), reads (what rules need), names, build (the passes), prune, text."""

from segwh.plan.build import build
from segwh.plan.nodes import EntityPlan, Plan, SegmentPlan
from segwh.plan.prune import pruned

__all__ = ["EntityPlan", "Plan", "SegmentPlan", "build", "pruned"]
