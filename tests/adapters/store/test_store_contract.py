"""The contract suite, over every kind of place that conftest.py registers."""

from tests.adapters.store.store_contract import TestBackend, TestLock, TestSaving, TestWhatARunLeaves

__all__ = ["TestBackend", "TestLock", "TestSaving", "TestWhatARunLeaves"]
