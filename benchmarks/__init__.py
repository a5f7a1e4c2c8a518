"""Benchmarks: each row is a ratio to a floor that was measured in the same run. Begin with `python -m benchmarks`."""
