"""Ask a mail server for TLS before the handshake (RFC 3207): octets in, octets out.

What comes after the reply to STARTTLS in the same breath is not read: somebody between us and the
server could have put it there in clear, to be taken for something said under TLS.
"""

from enum import Enum

from lab.core.errors import PeerError

_MAX_REPLY = 8192
_CODE = 3


class Stage(Enum):
    """Tell what is waited for."""

    GREETING = "the greeting"
    EHLO = "the answer to EHLO"
    STARTTLS = "the answer to STARTTLS"
    READY = "nothing: TLS may begin"


_NEXT = {
    Stage.GREETING: ("220", Stage.EHLO),
    Stage.EHLO: ("250", Stage.STARTTLS),
    Stage.STARTTLS: ("220", Stage.READY),
}


class SmtpStartTls:
    """Speak SMTP until TLS may begin.

    Attributes:
        stage: what is waited for.
    """

    def __init__(self, own_name: str = "localhost") -> None:
        """Wait for the greeting; *own_name* is said with EHLO."""
        self.stage = Stage.GREETING
        self._own_name = own_name
        self._received = b""
        self._reply: list[str] = []

    @property
    def is_ready(self) -> bool:
        """Tell whether the next octets are those of TLS."""
        return self.stage is Stage.READY

    def feed(self, data: bytes) -> bytes:
        """Take octets of the server and return what is to be sent.

        Raises:
            PeerError: the server does not offer TLS, or does not speak SMTP.
        """
        self._received += data
        if len(self._received) > _MAX_REPLY:
            raise PeerError(f"more than {_MAX_REPLY} octets instead of {self.stage.value}")
        out = b""
        while not self.is_ready and b"\r\n" in self._received:
            line, self._received = self._received.split(b"\r\n", 1)
            out += self._take(line.decode("ascii", "replace"))
        if self.is_ready and self._received:
            raise PeerError("the server, or somebody before it, speaks on in clear", self._received)
        return out

    def _take(self, line: str) -> bytes:
        # RFC 5321 section 4.2.1: a hyphen after the code says that more lines follow.
        self._reply.append(line[_CODE + 1 :].strip())
        if line[_CODE : _CODE + 1] == "-":
            return b""
        reply, self._reply = self._reply, []
        wanted, following = _NEXT[self.stage]
        if line[:_CODE] != wanted:
            raise PeerError(f"expected {wanted} as {self.stage.value}, not {line!r}")
        if self.stage is Stage.EHLO and not any(one.upper() == "STARTTLS" for one in reply):
            raise PeerError("the server does not offer STARTTLS")
        self.stage = following
        if following is Stage.EHLO:
            return f"EHLO {self._own_name}\r\n".encode("ascii")
        return b"STARTTLS\r\n" if following is Stage.STARTTLS else b""
