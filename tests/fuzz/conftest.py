"""A plan for a house, on both databases."""

from tests.story.conftest import plan

__all__ = ["plan"]
