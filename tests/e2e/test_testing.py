"""`lab.testing.Lab` as a test uses it, judged by other people's programs at its sockets."""

import asyncio
import doctest
import socket
import ssl
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dns.asyncquery
import dns.flags
import dns.message
import dns.query
import dns.resolver
import pytest

from lab import testing
from lab.core.errors import InputError, LabError, ZoneError
from lab.core.parameters import parameters_of
from lab.core.status import SecurityStatus
from lab.faults import FAULTS
from lab.testing import Lab, LabZone
from tests.e2e.running import Tool, free_port, listening, may_bind_53, miss


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as opened:
        yield opened


@pytest.fixture
def shop(lab: Lab) -> LabZone:
    zone = lab.zone("shop.example")
    zone.add("www A 192.0.2.80")
    return zone


def resolver(lab: Lab) -> dns.resolver.Resolver:
    """Return dnspython's resolver, which trusts the AD flag of ours."""
    made = dns.resolver.Resolver(str(lab.resolv_conf))
    made.port = lab.resolver.port
    made.use_edns(0, dns.flags.DO, 1232)
    return made


def dig(tool: Tool, lab: Lab, *words: str) -> str:
    return str(tool("dig", f"@{lab.resolver.address}", "-p", str(lab.port), *words).stdout)


def delv(tool: Tool, lab: Lab, *words: str) -> str:
    where = (f"@{lab.resolver.address}", "-p", str(lab.port))
    anchor = ("-a", str(lab.trust_anchor_bind), "+root=.")
    done = tool("delv", *where, *anchor, *words)
    return str(done.stdout + done.stderr)


@pytest.mark.usefixtures("shop")
def test_delv_validates_with_the_file_of_trust_anchors(tool: Tool, lab: Lab) -> None:
    assert "; fully validated" in delv(tool, lab, "www.shop.example", "A")


def test_delv_and_we_find_the_same_fault(tool: Tool, lab: Lab, shop: LabZone) -> None:
    shop.fault("rrsig-expired", owner="www")
    assert lab.validate("www.shop.example").status is SecurityStatus.BOGUS
    assert "RRSIG has expired" in delv(tool, lab, "+cdflag", "www.shop.example", "A")


def test_unbound_validates_the_tree_with_the_file_made_for_it(
    tool: Tool, lab: Lab, shop: LabZone
) -> None:
    lab.zone("unsigned.test", signed=False).add("www A 192.0.2.81")
    broken = lab.zone("broken.example")
    broken.add("www A 192.0.2.82")
    broken.fault("rrsig-expired")
    found = []
    where, port = lab.unbound
    with listening(port, "unbound", "-d", "-c", str(lab.unbound_conf), address=where):
        for name in (shop.name("www"), "www.unsigned.test", broken.name("www")):
            answer = tool("dig", f"@{where}", "-p", str(port), "+dnssec", name).stdout
            flags = answer.partition(";; flags:")[2].partition(";")[0].split()
            found.append(("ad" in flags, "SERVFAIL" in answer))
    assert found == [(True, False), (False, False), (False, True)]


def test_drill_chases_with_the_keys_of_the_root(tool: Tool, lab: Lab, shop: LabZone) -> None:
    where = (f"@{lab.resolver.address}", "-p", str(lab.port))
    options = ("-D", "-S", "-o", "CD", "-k", str(lab.trust_anchor))
    output = tool("drill", *where, *options, shop.name("www"), "A").stdout
    assert f"{shop.name('www')}." in output
    assert ";; Chase successful" in output, output


def test_dnspython_sees_the_verdict_in_ad_and_servfail(lab: Lab, shop: LabZone) -> None:
    asking = resolver(lab)
    answer = asking.resolve(shop.name("www"), "A")
    assert answer.response.flags & dns.flags.AD
    shop.withdraw_ds()
    assert not asking.resolve(shop.name("www"), "A").response.flags & dns.flags.AD
    shop.fault("ds-mismatch")
    shop.roll()
    with pytest.raises(dns.resolver.NoNameservers, match="SERVFAIL"):
        asking.resolve(shop.name("www"), "A")
    shop.clear()
    assert asking.resolve(shop.name("www"), "A").response.flags & dns.flags.AD


def test_the_nameservers_answer_over_udp_and_tcp(lab: Lab, shop: LabZone) -> None:
    address, port = shop.nameserver
    assert lab.authoritative["shop.example"] == (address, port)
    query = dns.message.make_query(shop.name("www"), "A", want_dnssec=True)
    over_udp = dns.query.udp(query, address, port=port, timeout=10)
    over_tcp = dns.query.tcp(query, address, port=port, timeout=10)
    assert over_udp.answer == over_tcp.answer
    assert over_udp.flags & dns.flags.AA


def test_messages_of_one_connection_are_answered_one_by_one(shop: LabZone) -> None:
    query = dns.message.make_query(shop.name("www"), "A").to_wire(prepend_length=True)
    with socket.create_connection(shop.nameserver, timeout=10) as line:
        line.sendall(query[:5])
        line.sendall(query[5:] + query)
        with line.makefile("rb") as stream:
            first, second = (stream.read(int.from_bytes(stream.read(2), "big")) for _ in range(2))
    assert first == second
    assert dns.message.from_wire(first).answer


@pytest.mark.parametrize("denial", ["nsec", "nsec3", "compact", "nsec3-minimal"])
@pytest.mark.parametrize("algorithm", ["ECDSAP384SHA384", "ED25519", "RSASHA256"])
def test_zones_are_signed_as_the_test_wants(lab: Lab, algorithm: str, denial: str) -> None:
    zone = lab.zone("deep.shop.test", algorithm=algorithm, denial=denial, keys="csk")
    zone.add("www A 192.0.2.80")
    assert lab.validate(zone.name("www")).secure
    assert lab.validate(zone.name("nowhere")).secure


def test_time_passes_when_the_test_says_so(lab: Lab, shop: LabZone) -> None:
    before = lab.validate(shop.name("www"))
    lab.clock.advance("30d")
    after = lab.validate(shop.name("www"))
    assert (before.secure, after.secure) == (True, True)
    assert after.now - before.now >= 30 * 86400


def test_a_tlsa_record_names_the_certificate(lab: Lab, shop: LabZone) -> None:
    issued = lab.ca.issue(shop.name("www"))
    owner = shop.tlsa("www", 443, issued)
    shop.tlsa("mail", 25, issued, form="2 0 1")
    assert owner == "_443._tcp.www.shop.example"
    (record,) = lab.validate(owner, "TLSA").records
    assert " TLSA 3 1 1 " in record
    assert lab.validate("_25._tcp.mail.shop.example", "TLSA").secure


def test_a_server_with_an_issued_certificate_is_known_by_the_root(lab: Lab, shop: LabZone) -> None:
    issued = lab.ca.issue(shop.name("www"))
    client = ssl.create_default_context(cafile=lab.ca.root)
    near, far = socket.socketpair()
    with near, far:
        server = threading.Thread(
            target=lambda: issued.server_context().wrap_socket(far, server_side=True).close()
        )
        server.start()
        with client.wrap_socket(near, server_hostname=shop.name("www")) as line:
            assert line.version() == "TLSv1.3"
        server.join()


@contextmanager
def tls_server(context: ssl.SSLContext) -> Iterator[int]:
    """Shake hands with one client after the other at a port of 127.0.0.1."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                with suppress(OSError), context.wrap_socket(line, server_side=True) as shaken:
                    shaken.recv(1)

        server = threading.Thread(target=serve)
        server.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    server.join()


def test_ldns_dane_believes_the_record_of_an_honest_zone_alone(tool: Tool) -> None:
    if not may_bind_53("127.53.128.253"):
        miss("port 53 cannot be bound")
    with Lab(port=53) as lab:
        zone = lab.zone("shop.example")
        issued = lab.ca.issue(zone.name("www"))
        with tls_server(issued.server_context()) as port:
            zone.tlsa("www", port, issued)
            options = ("-r", lab.resolver.address, "-a", "127.0.0.1")
            client = ("ldns-dane", *options, "verify", zone.name("www"), str(port))
            honest = tool(*client)
            zone.fault("tlsa-stale", owner=f"_{port}._tcp.www")
            stale = tool(*client)
            zone.clear()
            zone.fault("rrsig-expired")
            bogus = tool(*client)
    assert [one.returncode for one in (honest, stale, bogus)] == [0, 1, 1], (honest, stale, bogus)


def test_secrets_are_for_the_user_alone(lab: Lab, shop: LabZone) -> None:
    issued = lab.ca.issue(shop.name("www"))
    modes = {stat.S_IMODE(one.stat().st_mode) for one in (issued.key, issued.cert, issued.chain)}
    assert modes == {0o600}


def answers(seed: str) -> list[str]:
    with Lab(seed=seed, now=1800000000) as lab:
        zone = lab.zone("shop.example")
        zone.tlsa("www", 443, lab.ca.issue(zone.name("www")))
        query = dns.message.make_query("_443._tcp.www.shop.example", "TLSA", want_dnssec=True)
        address, port = zone.nameserver
        answer = dns.query.udp(query, address, port=port, timeout=10)
        return [one.to_text() for one in answer.answer]


def test_one_seed_and_one_moment_give_the_same_octets_twice() -> None:
    assert answers("a") == answers("a")
    assert answers("a") != answers("b")


def test_nothing_is_left_behind(lab: Lab, shop: LabZone) -> None:
    with Lab() as other:
        folder = other.trust_anchor.parent
        where = other.zone("shop.example").nameserver
        running = threading.active_count()
    assert not folder.exists()
    assert threading.active_count() == running - 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(where)
    assert lab.validate(shop.name("www")).secure


def test_labs_on_the_port_of_dns_have_addresses_of_their_own() -> None:
    if not may_bind_53("127.53.128.253"):
        miss("port 53 cannot be bound")
    with Lab(port=53) as one, Lab(port=53) as two:
        assert (one.port, two.port) == (53, 53)
        assert one.resolver != two.resolver
        assert one.resolv_conf.read_text().startswith(f"nameserver {one.resolver.address}\n")


def test_a_zone_is_made_once(lab: Lab, shop: LabZone) -> None:
    assert lab.zone("shop.example.") is shop
    assert lab.zone(".") is lab.root
    with pytest.raises(InputError, match="is here already"):
        lab.zone("shop.example", algorithm="ED25519")


@pytest.mark.parametrize(
    ("records", "sentence"),
    [
        ("www A 192.0.2.80\nwww CNAME elsewhere", "records for shop.example:2: "),
        ("www.other. A 192.0.2.80", "records for shop.example:1: .*is not in the zone"),
    ],
)
def test_a_wrong_record_is_named_by_its_line(shop: LabZone, records: str, sentence: str) -> None:
    with pytest.raises(ZoneError, match=sentence):
        shop.add(records)


@pytest.mark.parametrize(
    ("kind", "parameters", "sentence"),
    [
        ("rrsig-expird", {}, "did you mean 'rrsig-expired'"),
        ("rrsig-expired", {"agoo": "2h"}, "did you mean 'ago'"),
        ("rrsig-expired", {"type": "TLSB"}, "did you mean 'TLSA'"),
    ],
)
def test_a_wrong_fault_is_explained(
    shop: LabZone, kind: str, parameters: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        shop.fault(kind, **parameters)


# Parameters without which some faults cannot be set.
GIVEN: dict[str, object] = {
    "owner": "www",
    "becomes": "192.0.2.66",
    "signer": "other.example.",
    "address": "127.53.128.99",
}


def needed(kind: str) -> set[str]:
    parameters = parameters_of(FAULTS[kind].cls)
    return {one.key for one in parameters if one.required} - {"zone", "child"}


@pytest.mark.parametrize("kind", [one for one in FAULTS if needed(one) <= GIVEN.keys()])
def test_a_fault_can_be_set_on_a_zone_and_cleared(lab: Lab, shop: LabZone, kind: str) -> None:
    given = {key: GIVEN[key] for key in needed(kind)}
    if "becomes" in given:
        given["type"] = "A"
    shop.fault(kind, **given)
    (fault,) = lab.world.hooks.faults
    assert "shop.example." in str(fault)
    shop.clear()
    assert lab.validate(shop.name("www")).secure


def test_a_name_without_a_dot_at_the_end_is_below_the_apex(lab: Lab, shop: LabZone) -> None:
    shop.add("ftp A 192.0.2.81")
    shop.fault("rrsig-expired", owner="www")
    assert not lab.validate("www.shop.example").secure
    assert lab.validate("ftp.shop.example").secure


def test_an_rrset_can_be_removed(lab: Lab, shop: LabZone) -> None:
    shop.remove("www", "A")
    assert lab.validate(shop.name("www")).records == ()


def test_unsigned_is_insecure(lab: Lab, shop: LabZone) -> None:
    shop.unsign()
    assert lab.validate(shop.name("www")).status is SecurityStatus.INSECURE
    shop.roll()
    assert lab.validate(shop.name("www")).secure


def test_a_client_may_run_on_an_event_loop(lab: Lab, shop: LabZone) -> None:
    async def ask() -> dns.message.Message:
        query = dns.message.make_query(shop.name("www"), "A", want_dnssec=True)
        address, port = lab.resolver
        return await dns.asyncquery.udp(query, address, port=port, timeout=20)

    assert asyncio.run(ask()).flags & dns.flags.AD


def test_a_program_under_test_keeps_twisted_to_itself() -> None:
    code = (
        "import sys; from lab.testing import Lab\n"
        "with Lab() as lab: assert lab.validate('.', 'SOA').secure\n"
        "print('twisted' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_lab_that_cannot_open_leaves_nothing_behind(lab: Lab) -> None:
    running = threading.active_count()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((lab.root.nameserver.address, 0))
        _, port = other.getsockname()
        with pytest.raises(LabError, match=f"cannot listen on 127.53.128.1 port {port}"):
            Lab(port=port)
    assert threading.active_count() == running


def test_the_example_of_the_package_says_what_happens() -> None:
    attempted = doctest.testmod(testing)
    assert (attempted.failed, attempted.attempted > 0) == (0, True)


def test_the_root_stays_signed(lab: Lab) -> None:
    for wrong in (lab.root.unsign, lab.root.withdraw_ds):
        with pytest.raises(InputError, match="the root has no parent"):
            wrong()
    lab.root.roll()
    assert lab.validate(".", "SOA").secure


UNBOUND = """\
server:
    interface: 127.0.0.1
    port: {port}
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    do-ip6: no
    do-not-query-localhost: no
    trust-anchor-file: "{anchor}"
    root-hints: "{hints}"
remote-control:
    control-enable: no
"""


def test_unbound_walks_down_from_the_root_hints_on_the_port_of_dns(tool: Tool) -> None:
    if not may_bind_53("127.53.128.253"):
        miss("port 53 cannot be bound")
    with Lab(port=53) as lab:
        zone = lab.zone("deep.shop.example", denial="nsec3")
        config, port = lab.folder / "own.conf", free_port()
        config.write_text(UNBOUND.format(port=port, anchor=lab.trust_anchor, hints=lab.root_hints))
        with listening(port, "unbound", "-d", "-c", str(config)):
            words = ("@127.0.0.1", "-p", str(port), "+dnssec", zone.name("nowhere"))
            answer = tool("dig", *words).stdout
    assert "status: NXDOMAIN" in answer
    assert " ad" in answer.partition(";; flags:")[2].partition(";")[0], answer


def test_files_lie_in_one_folder(lab: Lab) -> None:
    files: list[Path] = [lab.trust_anchor, lab.trust_anchor_ds, lab.root_hints, lab.unbound_conf]
    assert {one.parent for one in files} == {lab.folder}
