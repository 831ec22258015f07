"""Facts brought up to date from those of the run before (plan.carry), without working all of them out again."""
