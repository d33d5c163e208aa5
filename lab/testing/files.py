"""What resolvers are configured with, as texts: resolv.conf and unbound.conf.

Referrals and glue carry no port, so a resolver that shall find the zones on another port than 53 is
told of each zone where it is.
"""

from lab.world.build import World
from lab.world.export import anchor_ds_text

DNS_PORT = 53


def resolv_conf(address: str, port: int) -> str:
    """Return a resolv.conf(5) for the resolver at *address*; that form knows no port but 53."""
    remark = "" if port == DNS_PORT else f"; on port {port}: say so to your resolver\n"
    return f"{remark}nameserver {address}\noptions edns0 trust-ad\n"


def unbound_conf(world: World, address: str, port: int) -> str:
    """Return a configuration with which unbound validates the tree of *world*.

    Args:
        world: the zones that there are now.
        address: where unbound shall answer.
        port: where it shall answer, and where all nameservers do.
    """
    anchors = anchor_ds_text(*world.anchors).splitlines()
    server = [
        f"interface: {address}@{port}",
        "do-daemonize: no",
        'chroot: ""',
        'username: ""',
        'pidfile: ""',
        "use-syslog: no",
        "do-ip6: no",
        "do-not-query-localhost: no",
        "access-control: 127.0.0.0/8 allow",
        'module-config: "validator iterator"',
        "ede: yes",
        # By default signatures that expired a day ago are good enough for unbound.
        "val-sig-skew-max: 0",
        *(f'trust-anchor: "{anchor}"' for anchor in anchors),
        # Some names, such as `test.`, unbound answers itself (RFC 6303, RFC 6761).
        *(f'local-zone: "{one.apex}" nodefault' for one in world.materials.configs),
    ]
    clauses = [("server", server), ("remote-control", ["control-enable: no"])]
    for config in world.materials.configs:
        stubs = [f"stub-addr: {one.address}@{port}" for one in config.nameservers]
        clauses.append(("stub-zone", [f'name: "{config.apex}"', "stub-prime: no", *stubs]))
    return "".join(
        f"{name}:\n" + "".join(f"    {line}\n" for line in lines) for name, lines in clauses
    )
