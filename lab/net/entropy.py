"""The operating system's randomness: the one place where the real one comes from."""

import os


class SystemEntropy:
    """Give the operating system's randomness."""

    def bytes(self, count: int) -> bytes:
        """Return *count* fresh bytes."""
        return os.urandom(count)  # noqa: TID251 as the module says
