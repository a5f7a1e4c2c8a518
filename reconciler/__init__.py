"""Declarative GitOps reconciler for OpenCX outbound sequences."""

__version__ = "0.1.0"
