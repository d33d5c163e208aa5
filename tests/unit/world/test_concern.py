"""A fault that would change nothing is refused in one sentence."""

import pytest
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.faults.certificates import CertificateOtherKey
from lab.faults.cuts import DsMissing
from lab.faults.denial import DenialMissing, NxdomainForged
from lab.faults.fault import NamedFault
from lab.faults.rrsigs import RrsigMissing
from lab.world.build import build
from lab.world.concern import refuse_idle
from tests.fakes import name
from tests.unit.world.small import materials

WORLD = build(materials()).with_records(
    name("op."), "*.wild 60 A 192.0.2.7\na.ent 60 A 192.0.2.8\n"
)
A = RdataType.A


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (DenialMissing(zone=name("opp.")), "there is no zone opp. in the lab; did you mean 'op.'?"),
        (RrsigMissing(zone=name("js.op.")), "there is no zone js.op. in the lab"),
        (
            NxdomainForged(owner=name("jss.op.")),
            "there is no name jss.op. in the lab; did you mean",
        ),
        (RrsigMissing(owner=name("jss.op."), type=A), "there is no name jss.op. in the lab; did"),
        (RrsigMissing(owner=name("www.fr."), zone=name("."), type=A), "there is no name www.fr."),
        (
            RrsigMissing(owner=name("js.op."), type=RdataType.DS),
            "no delegation of js.op. in the lab",
        ),
        (DsMissing(child=name("js.op.")), "there is no delegation of js.op. in the lab"),
        (DsMissing(child=name(".")), "there is no delegation of . in the lab"),
        (DenialMissing(zone=name("bare.op.")), "bare.op. is not signed"),
        (NxdomainForged(owner=name("www.bare.op.")), "bare.op. is not signed"),
        (CertificateOtherKey(identity="op.jss"), "unknown identity 'op.jss'; known are op.js"),
    ],
)
def test_a_fault_that_concerns_nothing_is_refused(fault: NamedFault, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        refuse_idle(WORLD, fault)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "fault",
    [
        DenialMissing(zone=name("op.")),
        RrsigMissing(zone=name("op.")),
        RrsigMissing(owner=name("JS.op."), type=A),
        RrsigMissing(owner=name("x.wild.op."), type=A),
        RrsigMissing(owner=name("ent.op."), type=A),
        RrsigMissing(owner=name("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.op."), type=RdataType.NSEC3),
        RrsigMissing(owner=name("op."), type=RdataType.DS),
        DsMissing(child=name("op.")),
        DsMissing(child=name("bare.op.")),
        CertificateOtherKey(identity="op.js"),
    ],
)
def test_a_fault_of_what_is_there_may_act(fault: NamedFault) -> None:
    refuse_idle(WORLD, fault)
