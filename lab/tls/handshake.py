"""Say how hands are shaken: everything about TLS that is neither an identity nor a verdict."""

from lab.core.frozen import dataclass
from lab.dane.client_id import CODE_POINT, Profile, push_request
from lab.pki.identity import Identity
from lab.tls.certificate_types import CERTIFICATES_ONLY, CertificateTypes
from lab.tls.context import ClientAuth, ClientRole, Context, KeyLog, ServerRole
from lab.tls.extension import ClientIdSettings
from lab.tls.libssl import Library
from lab.tls.resumption import Resumption
from lab.tls.version import Version


@dataclass(frozen=True, slots=True)
class Handshake:
    """Hold the settings of one side; the defaults are what RFCs and drafts of today ask for.

    Attributes:
        protocols: names for ALPN, the most welcome first; none: nothing is said about them.
        types: certificates or raw public keys; the latter need OpenSSL 3.2.
        minimum: the oldest version of TLS; 1.2 goes with the profile of 2022 only, and tells the
            client's name to whoever listens.
        profile: the draft of dane_clientid that counts.
        code_point: number of that extension; both sides must agree on it.
        resumption: whether a server lets clients come back by a ticket; the gate is asked again.
        keylog: is given the secrets of every connection, for Wireshark; None: nobody is.
        library: another libssl than that of the process.
    """

    protocols: tuple[str, ...] = ()
    types: CertificateTypes = CERTIFICATES_ONLY
    minimum: Version = Version.TLS1_3
    profile: Profile = Profile.CLIENT_AUTH_13
    code_point: int = CODE_POINT
    resumption: Resumption = Resumption.OFF
    keylog: KeyLog | None = None
    library: Library | None = None

    def server(self, identity: Identity, auth: ClientAuth = ClientAuth.REQUIRED) -> Context:
        """Return how a server shakes hands that asks its clients for their names.

        Raises:
            InputError: libssl refuses something, or the profile does.
            UnsupportedError: there is no libssl that can do this.
        """
        request = self._extension(push_request(self.profile))
        role = ServerRole(
            identity, auth, request, self.protocols, self.types, self.minimum, self.resumption
        )
        return Context(role, self.library, self.keylog)

    def client(self, identity: Identity | None, claimed: bytes | None) -> Context:
        """Return how a client shakes hands; *claimed* is its `push_client_id`, None for no name.

        Raises:
            InputError: libssl refuses something, or the profile does.
            UnsupportedError: there is no libssl that can do this.
        """
        extension = None if claimed is None else self._extension(claimed)
        role = ClientRole(identity, extension, self.protocols, self.types, self.minimum)
        return Context(role, self.library, self.keylog)

    def _extension(self, data: bytes) -> ClientIdSettings:
        return ClientIdSettings(data, self.code_point, self.profile)


DEFAULT = Handshake()
