"""Benchmarks: data.py and rules.py make the same data and rules everywhere, segments.py measures, compiling.py compiles."""
