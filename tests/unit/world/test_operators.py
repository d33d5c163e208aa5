import pytest

from lab.core.errors import ZoneError
from lab.dane.policy import ClientPolicy
from lab.dane.profiles import Demand
from lab.world.operators import read_operators
from tests.fakes import name
from tests.unit.world.small import OPERATORS

HEAD = '[operator.op]\ntitle = "Operator"\n'
ROLE = '[operator.op.ns]\nhost = "ns.op."\nclient = "_c.ns.op."\n'
ADDRESS = 'address = "127.0.0.1"\n'


def test_operators_and_identities_are_read_in_order() -> None:
    operators = read_operators(OPERATORS, "o.toml")
    assert [one.name for one in operators] == ["op", "guest"]
    assert [one.name for one in operators[0].identities] == ["op.js", "op.as"]
    join, application = operators[0].identities
    assert join.title == "Operator join server"
    assert application.title == "Operator as"
    assert str(join.tlsa) == "3 1 1"
    assert join.where == "o.toml:6"


def test_an_operator_may_have_no_zone_and_an_identity_nothing_but_names() -> None:
    guest = read_operators(OPERATORS, "o.toml")[1]
    assert guest.zone is None
    (identity,) = guest.identities
    assert (identity.address, identity.tlsa) == (None, None)
    assert identity.client == name("_client.ns.guest.test.")


def test_a_server_may_demand_less_of_its_clients_and_ask_about_some_only() -> None:
    server = f'{HEAD}{ROLE}address = "127.0.0.1"\n'
    more = 'allow = ["tsp.example.", "op."]\ndemand = "guests"\n'
    (usual, special) = (
        read_operators(text, "o.toml")[0].identities[0].policy for text in (server, server + more)
    )
    assert usual == ClientPolicy()
    assert special.demand is Demand.GUESTS
    assert special.allow_list == (name("tsp.example."), name("op."))


def test_there_may_be_no_operators() -> None:
    assert read_operators("", "o.toml") == ()


MISTAKES = {
    "operator = 3": ("o.toml:1", "expected tables such as [operator.NAME]"),
    "[operator]\nop = 3": ("o.toml:2", "expected a table [operator.op]"),
    "[operators.op]": ("o.toml:1", "unknown key 'operators'; known are operator"),
    "[operator.op]": ("o.toml:1", 'expected title = "…"'),
    "[operator.op]\ntitle = 5": ("o.toml:1", 'expected title = "…"'),
    f"{HEAD}zone = 5": ("o.toml:3", "expected a domain name in quotes, not 5"),
    f'{HEAD}zone = "op"': ("o.toml:3", "expected an absolute name"),
    f"{HEAD}colour = 5": ("o.toml:3", "unknown key 'colour'; known are title, zone"),
    f'{HEAD}[operator.op.ns]\nhost = "a."': ("o.toml:3", 'expected client = "…"'),
    f"{HEAD}[operator.op.ns]\nhost = 5": ("o.toml:4", "expected a domain name in quotes"),
    f"{HEAD}{ROLE}colour = 5": ("o.toml:6", "unknown key 'colour'; known are title, host"),
    f"{HEAD}{ROLE}address = 5": ("o.toml:6", "expected an IPv4 address"),
    f'{HEAD}{ROLE}demand = "guests"': ("o.toml:6", "a server has an address"),
    f"{HEAD}{ROLE}{ADDRESS}allow = 5": ("o.toml:7", 'expected allow = ["domain", …]'),
    f'{HEAD}{ROLE}{ADDRESS}allow = ["op"]': ("o.toml:7", "expected an absolute name"),
    f'{HEAD}{ROLE}{ADDRESS}demand = "x"': ("o.toml:7", "known are required, optional, guests"),
    f"{HEAD}{ROLE}{ADDRESS}demand = []": ("o.toml:7", "unknown demand []"),
    f'{HEAD}{ROLE}tlsa = "9 9 9"': ("o.toml:6", "9 9 9"),
    f'{HEAD}{ROLE}address = "127.0.0.1"\n{ROLE.replace(".ns]", ".js]")}address = "127.0.0.1"': (
        "o.toml:7",
        "127.0.0.1 is already the address of op.ns",
    ),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_one_sentence_with_its_place(text: str) -> None:
    where, what = MISTAKES[text]
    with pytest.raises(ZoneError) as caught:
        read_operators(text, "o.toml")
    assert caught.value.where == where
    assert what in caught.value.what
