"""The reference is made of docstrings and fields alone."""

from dataclasses import dataclass

from lab.scenario.reference import description, meanings, render


@dataclass
class Parent:
    """Be a parent.

    Attributes:
        first: from the parent.
        second: to be
            said anew.
    """

    first: int
    second: int


@dataclass
class Child(Parent):
    """Be a child.

    In two paragraphs.

    Attributes:
        second: over
            two lines.
    """


def test_the_description_ends_before_the_attributes() -> None:
    assert description(Child) == "Be a child.\n\nIn two paragraphs."


def test_a_field_has_the_words_of_the_closest_class() -> None:
    assert meanings(Child) == {"first": "from the parent.", "second": "over two lines."}


def test_a_parameter_is_one_row() -> None:
    rows = render().splitlines()
    assert (
        '| `ago` | seconds, or text such as "15d", "2h", "90min" | `1h` |'
        " how long before now the signature expired. |"
    ) in rows
    assert (
        '| `from` | identity, e.g. "tsp.ns" (roles: ns, js, as, gateway) | required |'
        " who connects. |" in rows
    )


def test_every_kind_has_its_heading() -> None:
    headings = {line for line in render().splitlines() if line.startswith("###")}
    assert {"### `validate`", "### `connect`", "### `rrsig-expired`"} <= headings
