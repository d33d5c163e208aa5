"""The signed examples of RFC 6605 (ECDSA) and RFC 8080 (EdDSA).

Each signs an A or MX RRset of example.net or example.com and gives key, DS and RRSIG.
"""

from typing import NamedTuple

import dns.rrset
import pytest
from dns.name import from_text
from dns.rdata import from_text as rdata
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.instant import Instant
from lab.core.rrsets import RRset
from lab.core.rules import Ede
from lab.dnssec.delegation import make_ds
from lab.dnssec.keys import key_tag
from lab.dnssec.rrsig import ZoneKeys, judge_rrsig


class Example(NamedTuple):
    """Hold one example as printed."""

    section: str
    apex: str
    dnskey: str
    ds: str
    rrset: tuple[str, int, str, str]
    rrsig: str


EXAMPLES = [
    Example(
        "RFC 6605 section 6.1",
        "example.net.",
        "257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edb"
        " krSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==",
        "55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17",
        ("www.example.net.", 3600, "A", "192.0.2.1"),
        "A 13 3 3600 20100909100439 20100812100439 55648 example.net."
        " qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXA"
        " yGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==",
    ),
    Example(
        "RFC 6605 section 6.2",
        "example.net.",
        "257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1"
        " w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8"
        " /uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40",
        "10771 14 4 72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0"
        "563a9b5f4d288405c3008a946df983d6",
        ("www.example.net.", 3600, "A", "192.0.2.1"),
        "A 14 3 3600 20100909102025 20100812102025 10771 example.net."
        " /L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP"
        " 95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuz"
        " WTSSPdz7wnqXL5bdcJzusdnI0RSMROxxwGipWcJm",
    ),
    Example(
        "RFC 8080 section 6.1",
        "example.com.",
        "257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=",
        "3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b",
        ("example.com.", 3600, "MX", "10 mail.example.com."),
        "MX 15 2 3600 1440021600 1438207200 3613 example.com."
        " oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==",
    ),
    Example(
        "RFC 8080 section 6.1",
        "example.com.",
        "257 3 15 zPnZ/QwEe7S8C5SPz2OfS5RR40ATk2/rYnE9xHIEijs=",
        "35217 15 2 401781b934e392de492ec77ae2e15d70f6575a1c0bc59c5275c04ebe80c6614c",
        ("example.com.", 3600, "MX", "10 mail.example.com."),
        "MX 15 2 3600 1440021600 1438207200 35217 example.com."
        " zXQ0bkYgQTEFyfLyi9QoiY6D8ZdYo4wyUhVioYZXFdT410QPRITQSqJSnzQoSm5poJ7gD7AQR0O7KuI5k2pcBg==",
    ),
    Example(
        "RFC 8080 section 6.2",
        "example.com.",
        "257 3 16 3kgROaDjrh0H2iuixWBrc8g2EpBBLCdGzHmn+G2MpTPhpj/OiBVHHSfPodx1FYYUcJKm1MDpJtIA",
        "9713 16 2 6ccf18d5bc5d7fc2fceb1d59d17321402f2aa8d368048db93dd811f5cb2b19c7",
        ("example.com.", 3600, "MX", "10 mail.example.com."),
        "MX 16 2 3600 1440021600 1438207200 9713 example.com."
        " 3cPAHkmlnxcDHMyg7vFC34l0blBhuG1qpwLmjInI8w1CMB29FkEAIJUA0amxWndkmnBZ6SKiwZSAxGILn/NBtOXf"
        "t0+Gj7FSvOKxE/07+4RQvE581N3Aj/JtIyaiYVdnYtyMWbSNyGEY2213WKsJlwEA",
    ),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one.section} {one.ds[:5]}")
def test_the_printed_signature_verifies(example: Example) -> None:
    apex = from_text(example.apex)
    dnskey, rrsig = rdata("IN", "DNSKEY", example.dnskey), rdata("IN", "RRSIG", example.rrsig)
    assert isinstance(dnskey, DNSKEY)
    assert isinstance(rrsig, RRSIG)
    owner, ttl, rdtype, text = example.rrset
    rrset = RRset.from_dns(from_text(owner), dns.rrset.from_text(owner, ttl, "IN", rdtype, text))
    keys = ZoneKeys(apex, (dnskey,))
    assert judge_rrsig(rrset, rrsig, keys, Instant(rrsig.inception)).valid
    late = judge_rrsig(rrset, rrsig, keys, Instant(rrsig.expiration) + 1)
    decisive = late.report.first_failure()
    assert decisive is not None
    assert decisive.rule.ede is Ede.SIGNATURE_EXPIRED


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one.section} {one.ds[:5]}")
def test_the_printed_ds_is_that_of_the_key(example: Example) -> None:
    dnskey, ds = rdata("IN", "DNSKEY", example.dnskey), rdata("IN", "DS", example.ds)
    assert isinstance(dnskey, DNSKEY)
    assert isinstance(ds, DS)
    assert key_tag(dnskey) == ds.key_tag
    assert make_ds(from_text(example.apex), dnskey, ds.digest_type) == ds
