"""RFC 5155 appendix A: the hashes of the example zone (12 iterations, salt aabbccdd)."""

import pytest
from dns.name import from_text

from lab.dnssec.nsec3 import Nsec3Parameters, covers, from_label, to_label

HASHING = Nsec3Parameters(12, bytes.fromhex("aabbccdd"))
HASHES = [
    ("example.", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"),
    ("a.example.", "35mthgpgcu1qg68fab165klnsnk3dpvl"),
    ("ai.example.", "gjeqe526plbf1g8mklp59enfd789njgi"),
    ("ns1.example.", "2t7b4g4vsa5smi47k61mv5bv1a22bojr"),
    ("ns2.example.", "q04jkcevqvmu85r014c7dkba38o0ji5r"),
    ("w.example.", "k8udemvp1j2f7eg6jebps17vp3n8i58h"),
    ("*.w.example.", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"),
    ("x.w.example.", "b4um86eghhds6nea196smvmlo4ors995"),
    ("y.w.example.", "ji6neoaepv8b5o6k4ev33abha8ht9fgc"),
    ("x.y.w.example.", "2vptu5timamqttgl4luu9kg21e0aor3s"),
    ("xx.example.", "t644ebqk9bibcna874givr6joj62mlhv"),
]


@pytest.mark.parametrize(("owner", "label"), HASHES)
def test_appendix_a_hashes(owner: str, label: str) -> None:
    assert to_label(HASHING.hash(from_text(owner))).decode() == label


def test_appendix_b_1_a_name_error_is_covered() -> None:
    # a.c.x.w.example: the next closer name is c.x.w.example.
    start = from_label(b"0p9mhaveqvm6t7vbl5lop2u3t2rp3tom")
    following = from_label(b"2t7b4g4vsa5smi47k61mv5bv1a22bojr")
    assert start is not None
    assert following is not None
    assert covers(start, following, HASHING.hash(from_text("c.x.w.example.")))
    assert not covers(start, following, HASHING.hash(from_text("x.w.example.")))
