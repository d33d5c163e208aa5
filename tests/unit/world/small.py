"""A small lab as texts: a root, one operator's signed zone, one zone without keys."""

from functools import cache

from lab.core.entropy import SeededEntropy
from lab.dnssec.keys import KeySet, generate
from lab.pki.ca import CertificateAuthority
from lab.pki.identity import Identity
from lab.pki.profiles import Purpose
from lab.world.config import read_hierarchy
from lab.world.materials import Materials
from lab.world.operators import read_operators
from tests.fakes import NOW, name

TLS_PORT = 8003
HIERARCHY = """
[zone."."]
file = "root.zone"
nameservers = { "ns.root." = "127.53.0.1" }

[zone."op."]
file = "op.zone"
nameservers = { "ns.op." = "127.53.0.2" }
keys = "csk"
algorithm = "ED25519"

[zone."bare.op."]
file = "bare.zone"
nameservers = { "ns.bare.op." = "127.53.0.3" }
signed = false
"""
OPERATORS = """
[operator.op]
title = "Operator"
zone = "op."

[operator.op.js]
title = "join server"
host = "js.op."
address = "127.53.0.11"
client = "_client.js.op."
tlsa = "3 1 1"

[operator.op.as]
host = "as.op."
address = "127.53.0.12"
client = "_client.as.op."
tlsa = "2 0 2"

[operator.guest]
title = "Guest"

[operator.guest.ns]
host = "ns.guest.test."
client = "_client.ns.guest.test."
"""
TEXTS = {
    ".": """
@ 60 SOA ns.root. h. 7 2 3 4 60
@ 60 NS ns.root.
ns.root. 60 A 127.53.0.1
op. 60 NS ns.op.
ns.op. 60 A 127.53.0.2
""",
    "op.": """
@ 60 SOA ns h 7 2 3 4 60
@ 60 NS ns
ns 60 A 127.53.0.2
js 60 A 127.53.0.11
as 60 A 127.53.0.12
bare 60 NS ns.bare
ns.bare 60 A 127.53.0.3
""",
    "bare.op.": """
@ 60 SOA ns h 7 2 3 4 60
@ 60 NS ns
ns 60 A 127.53.0.3
www 60 A 192.0.2.1
""",
}


@cache
def materials() -> Materials:
    """Return what the small lab is made of; keys are made once in a test run."""
    configs = read_hierarchy(HIERARCHY, "hierarchy.toml")
    operators = read_operators(OPERATORS, "operators.toml")
    keys = {
        config.apex: KeySet(
            tuple(generate(config.apex, role, config.algorithm) for role in config.key_roles)
        )
        for config in configs
        if config.signed
    }
    entropy = SeededEntropy("small")
    authority = CertificateAuthority.create("Operator", NOW, entropy)
    identities: dict[str, Identity] = {
        one.name: authority.issue(
            (one.host.to_text(omit_final_dot=True),), Purpose.BOTH, NOW, entropy
        )
        for operator in operators
        for one in operator.identities
    }
    texts = {name(apex): text for apex, text in TEXTS.items()}
    return Materials(configs, texts, operators, keys, identities, TLS_PORT)
