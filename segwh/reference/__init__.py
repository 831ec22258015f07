"""The naive second opinion: rows and bound rules in, members out; no plan, no SQL."""
