"""What tests of several folders share."""

from tests.engines.postgres import postgres

__all__ = ["postgres"]
