"""The whole platform as its users meet it, for tests: the same that ``convene chaos`` runs."""

from convene.stack.spawned import Platform, running_platform

__all__ = ["Platform", "running_platform"]
