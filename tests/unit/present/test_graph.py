"""A chain as a picture: what is in it, how it is meant, and that no words lie on each other."""

import re
import xml.dom.minidom
from functools import cache
from itertools import combinations

import dns.name
import pytest
from dns.rdatatype import RdataType

from lab.core.status import SecurityStatus
from lab.dnssec.keys import KeyRole
from lab.faults.delegations import DsUnknownAlgorithm
from lab.faults.rrsigs import RrsigUnknownKey
from lab.present import dot, svg
from lab.present.chain_graph import _cut, graph_of
from lab.present.graph import Bond, Graph, Row
from lab.present.layout import Layout
from lab.scenario.action import Haste, RollKey, Validate
from lab.validator.resolve import Validation
from tests.unit.present.test_validation import ALL, validation
from tests.unit.scenario.stage import Stage
from tests.unit.validator.scenes import WORLD

WWW = dns.name.from_text("www.example.fr.")
TEXT = re.compile(r'<text x="([\d.]+)" y="([\d.]+)"( text-anchor="middle")?[^>]*>([^<]*)<')


@cache
def graph(case: str) -> Graph:
    return graph_of(validation(case))


def words(graph: Graph) -> list[str]:
    return [node.lines[0] for zone in graph.zones for node in zone.nodes]


def bonds(graph: Graph) -> dict[tuple[str, str], Bond]:
    names = {node.id: node.lines[0] for zone in graph.zones for node in zone.nodes}
    return {(names[one.source], names[one.target]): one.bond for one in graph.arrows}


def test_a_secure_chain_is_solid_from_the_anchor_to_the_answer() -> None:
    drawn = graph("secure")
    assert [str(zone.apex) for zone in drawn.zones] == [".", "fr.", "example.fr."]
    assert [zone.parent for zone in drawn.zones] == [None, 0, 1]
    assert set(bonds(drawn).values()) == {Bond.SECURE}
    assert words(drawn)[-1] == "www.example.fr. A"
    assert [node.anchor for zone in drawn.zones for node in zone.nodes].count(True) == 1


def test_an_insecure_delegation_is_dashed() -> None:
    drawn = graph("insecure")
    assert bonds(drawn)["DS open.fr.", "www.open.fr. A"] is Bond.INSECURE
    assert drawn.zones[-1].status is SecurityStatus.INSECURE


def test_the_key_that_signs_the_zone_signs_that_there_is_no_ds() -> None:
    asked = Validate(dns.name.from_text("www.unsigned.example.fr."), RdataType.A)
    seen = Stage().perform(asked)
    assert isinstance(seen, Validation)
    drawn = graph_of(seen)
    (source,) = {one for one, target in bonds(drawn) if target == "DS unsigned.example.fr."}
    (key,) = {node for zone in drawn.zones for node in zone.nodes if node.lines[0] == source}
    assert key.row is Row.ZONE_KEYS


def test_a_bad_signature_is_a_broken_arrow_that_says_why() -> None:
    (arrow,) = (one for one in graph("answer expired").arrows if one.bond is Bond.BROKEN)
    assert arrow.hint == "does not hold: now is at the expiration or before it"


def test_a_bad_ds_breaks_the_arrow_in_the_parent() -> None:
    drawn = bonds(graph("ds expired"))
    (key,) = {source for source, target in drawn if target == "DS example.fr."}
    assert drawn[key, "DS example.fr."] is Bond.BROKEN
    assert drawn["DS example.fr.", "www.example.fr. A"] is Bond.BROKEN


def test_a_signature_by_a_key_that_is_not_there_hangs_from_the_key_of_the_data() -> None:
    on = Stage()
    on.world = on.world.with_fault(RrsigUnknownKey(owner=WWW, type=RdataType.A))
    drawn = graph_of(on.validate(WWW, RdataType.A))
    (source,) = {one for one, target in bonds(drawn) if target == "www.example.fr. A"}
    (key,) = {node for zone in drawn.zones for node in zone.nodes if node.lines[0] == source}
    assert key.row is Row.ZONE_KEYS


def test_a_ds_says_which_algorithm_it_names() -> None:
    on = Stage()
    on.world = on.world.with_fault(DsUnknownAlgorithm(child=dns.name.from_text("example.fr.")))
    drawn = graph_of(on.validate(WWW, RdataType.A))
    (ds,) = (n for zone in drawn.zones for n in zone.nodes if n.lines[0] == "DS example.fr.")
    assert "algorithm 200, digest type 2" in ds.lines[1]


def test_while_a_csk_is_rolled_both_keys_are_csks() -> None:
    on = Stage()
    on.perform(RollKey(dns.name.from_text("example.com."), KeyRole.CSK, None, Haste.USUAL))
    drawn = graph_of(on.validate(dns.name.from_text("www.example.com."), RdataType.A))
    keys = [one.lines for one in drawn.zones[-1].nodes if one.lines[0].startswith("DNSKEY")]
    assert len(keys) == 2
    assert all(kind.startswith("CSK, ") for _, kind in keys)


def test_a_proof_is_shown_without_the_case_that_the_resolver_drew_by_chance() -> None:
    drawn = graph_of(WORLD.ask("NoWhere.eXample.fr.", "A"))
    proofs = [one for zone in drawn.zones for one in zone.nodes if one.row is Row.PROOFS]
    assert proofs
    assert all(one.lines[1] == one.lines[1].lower() for one in proofs)


def test_the_type_stays_when_a_long_name_is_cut() -> None:
    (line,) = _cut(("f.2.0.0.0.0.0.0.0.1.e.5.0.0.0.0.joineuis.lora-alliance.org. CNAME",))
    assert line.startswith("f.2.0.0.0")
    assert line.endswith("... CNAME")


def test_an_alias_leads_to_another_zone() -> None:
    assert bonds(graph("alias"))["out.example.fr. CNAME", "www.h.fr. A"] is Bond.ALIAS


def test_a_denial_hangs_from_its_proofs() -> None:
    drawn = graph("denied")
    proofs = [one for zone in drawn.zones for one in zone.nodes if one.row is Row.PROOFS]
    assert {one.lines[0] for one in proofs} == {"NSEC3 proof"}
    assert bonds(drawn)["NSEC3 proof", "nowhere.h.fr. A"] is Bond.SECURE


def test_a_denial_that_fails_hangs_from_broken_arrows() -> None:
    drawn = graph("gap missing")
    assert bonds(drawn)["NSEC proof", "nowhere.example.fr. A"] is Bond.BROKEN


def test_a_denial_under_opt_out_is_dashed() -> None:
    """RFC 5155 section 9.2: it is not secure, though each of its records is."""
    drawn = bonds(graph("opt-out"))
    assert drawn["NSEC3 proof", "nowhere.lab. A"] is Bond.INSECURE
    assert Bond.BROKEN not in drawn.values()


def test_a_dname_makes_its_cname_which_nobody_signs() -> None:
    """RFC 6672 section 5.3.1."""
    drawn = bonds(graph("dname"))
    assert drawn["tree.example.fr. DNAME", "x.tree.example.fr. CNAME"] is Bond.SECURE
    assert set(drawn.values()) == {Bond.SECURE, Bond.ALIAS}


def test_types_of_one_name_are_no_aliases_of_each_other() -> None:
    drawn = graph_of(WORLD.ask("example.fr.", "ANY"))
    assert Bond.ALIAS not in bonds(drawn).values()


def test_an_arrow_goes_around_what_stands_in_its_way() -> None:
    drawn = graph("wildcard")
    layout = Layout(drawn)
    (proof,) = (n for zone in drawn.zones for n in zone.nodes if n.row is Row.PROOFS)
    edge = layout.nodes[proof.id].x + layout.nodes[proof.id].width
    (arrow,) = (
        layout.edge_between(layout.nodes[one.source], layout.nodes[one.target])
        for one in drawn.arrows
        if proof.id not in {one.source, one.target}
        and layout.nodes[one.target].y > layout.nodes[proof.id].y
    )
    assert arrow == edge


def test_a_zone_alone_below_its_parent_stands_in_its_middle() -> None:
    layout = Layout(graph("secure"))
    assert len({box.width for box in layout.zones.values()}) > 1
    assert len({round(box.middle, 3) for box in layout.zones.values()}) == 1


@pytest.mark.parametrize("case", ALL)
def test_the_svg_is_well_formed_and_can_be_read_aloud(case: str) -> None:
    text = svg.render(graph(case))
    document = xml.dom.minidom.parseString(text)  # noqa: S318 our own text
    root = document.documentElement
    assert root is not None
    assert root.getAttribute("role") == "img"
    assert graph(case).title in text
    assert "href" not in text


@pytest.mark.parametrize("case", ALL)
def test_no_words_lie_on_each_other(case: str) -> None:
    boxes = []
    for x, y, middle, content in TEXT.findall(svg.render(graph(case))):
        width = len(content) * 7.0
        left = float(x) - width / 2 if middle else float(x)
        boxes.append((left, float(y) - 10, left + width, float(y) + 3, content))
    assert len(boxes) > 5
    for one, other in combinations(boxes, 2):
        beside = one[2] <= other[0] or other[2] <= one[0]
        apart = one[3] <= other[1] or other[3] <= one[1]
        assert beside or apart, (one, other)


@pytest.mark.parametrize("case", ALL)
def test_the_dot_names_every_node_once(case: str) -> None:
    text = dot.render(graph(case))
    for zone in graph(case).zones:
        for node in zone.nodes:
            assert len(re.findall(rf"^ +{node.id} \[", text, re.MULTILINE)) == 1
    assert text.count("{") == text.count("}")
    assert text.count(" -> ") == len(graph(case).arrows)
