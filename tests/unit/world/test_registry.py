"""What leads from JoinEUIs to join servers, at the port where these listen."""

from pathlib import Path

from dns.name import from_text

from lab.core.entropy import SeededEntropy
from lab.core.instant import Instant
from lab.dane.tlsa import server_owner
from lab.pki.ca import CertificateAuthority
from lab.pki.profiles import Purpose
from lab.world.lorawan import read_lorawan
from lab.world.materials import Materials
from lab.world.operators import read_operators
from lab.world.registry import registry_rrsets
from lab.world.tlsa import tlsa_of

ZONES = Path(__file__).parents[3] / "zones"
OPERATORS = read_operators((ZONES / "operators.toml").read_text(encoding="utf-8"), "operators.toml")
NOW, CHANCE = Instant(1_795_660_000), SeededEntropy("registry")
IDENTITY = CertificateAuthority.create("Afnic", NOW, CHANCE).issue(
    ("js.afnic.fr",), Purpose.BOTH, NOW, CHANCE
)
PORT = 4711
NAME = "f.2.0.0.0.0.0.0.0.1.e.5.0.0.0.0.joineuis.lora-alliance.org."


def published(*ways: str) -> dict[str, list[str]]:
    """Return owner and type to records, with a JoinEUI for each of *ways*."""
    tables = (
        f'[join-eui.number{number}]\njoin_eui = "00005e10000000{number + 0x2F:02x}"\n'
        f'operator = "afnic"\nway = "{way}"\n'
        for number, way in enumerate(ways)
    )
    lorawan = read_lorawan("\n".join(tables), "lorawan.toml", OPERATORS)
    identities = {"afnic.js": IDENTITY}
    materials = Materials((), {}, OPERATORS, {}, identities, PORT, lorawan=lorawan)
    return {
        f"{one.owner} {one.rdtype.name}": [rdata.to_text() for rdata in one.rdatas]
        for one in registry_rrsets(materials)
    }


def test_an_alias_stands_in_the_zone_file() -> None:
    assert published("alias") == {}


def test_naptr_offers_http_first_and_https_with_srv_at_the_port() -> None:
    assert published("naptr") == {
        f"{NAME} NAPTR": [
            '50 50 "S" "LWN" "" _LWN._X2H.afnic.fr.',
            '90 50 "S" "LWNS" "" _LWN._J2H.afnic.fr.',
        ],
        "_LWN._J2H.afnic.fr. SRV": [f"0 1 {PORT} js.afnic.fr."],
    }


def test_two_join_euis_share_one_srv_rrset() -> None:
    found = published("naptr", "naptr")
    assert sorted(key.split()[1] for key in found) == ["NAPTR", "NAPTR", "SRV"]


def test_an_address_has_the_tlsa_records_at_the_name_of_the_join_eui() -> None:
    server = next(one for each in OPERATORS for one in each.identities if one.name == "afnic.js")
    assert server.tlsa is not None
    owner = server_owner(from_text(NAME), PORT)
    assert published("address") == {
        f"{NAME} A": [server.address],
        f"{owner} TLSA": [tlsa_of(server.tlsa, IDENTITY).to_text()],
    }
