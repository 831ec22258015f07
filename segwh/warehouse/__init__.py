"""The warehouse of a dbt project: finding its target, asking it, running dbt against it, and telling what went wrong there."""
