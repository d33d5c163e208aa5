"""Whatever zones a test asks for, in whatever order, each name in them is validated."""

from dns.name import Name, from_text, root
from dns.rdatatype import RdataType
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.core.entropy import SeededEntropy
from lab.core.status import SecurityStatus
from lab.testing.answering import Answering
from lab.testing.clock import MovableClock
from lab.testing.keys import KeyMaker
from lab.testing.tree import bare, configured, planted

LABELS = st.sampled_from(["a", "b", "c"])
DENIALS = st.sampled_from(["nsec", "nsec3", "compact"])
ZONES = st.dictionaries(
    st.lists(LABELS, min_size=1, max_size=4).map(lambda labels: from_text(".".join(labels))),
    st.fixed_dictionaries({"signed": st.booleans(), "denial": DENIALS}),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25)  # each example validates down several trees
@given(ZONES)
def test_each_zone_is_as_secure_as_all_above_it(zones: dict[Name, dict[str, object]]) -> None:
    world, keys = bare(), KeyMaker("p")
    for number, apex in enumerate((root, *sorted(zones, key=len))):
        config = configured(apex, f"127.53.128.{number + 1}", zones.get(apex, {}))
        world = planted(world, config, keys.key_set(config) if config.signed else None)
    clock = MovableClock(lambda: 1800000000.0)
    answering = Answering(world, "127.53.128.253", clock, SeededEntropy("m"))
    for apex in zones:
        above = [one for name, one in zones.items() if apex.is_subdomain(name)]
        secure = all(one["signed"] for one in above)
        expected = SecurityStatus.SECURE if secure else SecurityStatus.INSECURE
        nowhere = Name((b"nowhere", *apex.labels))
        for qname, rdtype in ((apex, RdataType.SOA), (nowhere, RdataType.A)):
            assert answering.validate(qname, rdtype).status is expected
