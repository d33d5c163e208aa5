"""A TCP transport of Twisted that pulls answers when a test says that the peer has read."""

from typing import Protocol

from twisted.internet.interfaces import ITCPTransport
from twisted.internet.testing import StringTransport
from zope.interface import directlyProvides


class Pulled(Protocol):
    """Be asked for more."""

    def resumeProducing(self) -> None:  # noqa: N802 Twisted's name
        ...

    def stopProducing(self) -> None:  # noqa: N802 Twisted's name
        ...


class Wire(StringTransport):
    """Remember what was written, and do flow control as the real one does.

    Attributes:
        puller: the producer that is registered now.
    """

    puller: Pulled | None = None

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted's
        directlyProvides(self, ITCPTransport)

    @property
    def written(self) -> bytes:
        """Return what was written since it was forgotten."""
        return bytes(self.value())  # type: ignore[no-untyped-call]  # Twisted's

    def forget(self) -> None:
        """Forget what was written."""
        self.clear()  # type: ignore[no-untyped-call]  # Twisted's

    def registerProducer(self, producer: Pulled, streaming: bool) -> None:  # noqa: FBT001, N802 Twisted's
        assert self.puller is None
        assert not streaming
        self.puller = producer
        producer.resumeProducing()

    def unregisterProducer(self) -> None:  # noqa: N802 Twisted's name
        assert self.puller is not None
        self.puller = None

    def abortConnection(self) -> None:  # noqa: N802 Twisted's name
        super().abortConnection()  # type: ignore[no-untyped-call]  # Twisted's
        self.puller = None

    @property
    def reading(self) -> bool:
        """Tell whether octets of the peer are wanted."""
        return bool(self.producerState == "producing")

    def read_once(self) -> None:
        """Let the peer read everything that was written so far."""
        if self.puller is not None:
            self.puller.resumeProducing()

    def drain(self) -> None:
        """Let the peer read until there is no more."""
        while self.puller is not None:
            self.puller.resumeProducing()


def framed(*messages: bytes) -> bytes:
    """Return messages with their lengths."""
    return b"".join(len(one).to_bytes(2, "big") + one for one in messages)
