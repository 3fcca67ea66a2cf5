"""The published region of ``tests/run``, on which other agreement rows are tried."""

from tests.run.conftest import installation, published

__all__ = ["installation", "published"]
