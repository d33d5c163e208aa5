"""Names as text."""

import pytest
from dns.name import Name, empty, from_text, root

from lab.core.names import text_of, text_without_dot


@pytest.mark.parametrize(
    "name",
    [
        root,
        from_text("www.Example.fr."),
        from_text("www.example.FR."),
        from_text("a\\.b.\\000c.fr."),
        from_text("relative", None),
        empty,
    ],
)
def test_a_name_is_written_as_it_is_each_time(name: Name) -> None:
    for _ in range(2):
        assert text_of(name) == name.to_text()
        assert text_without_dot(name) == name.to_text(omit_final_dot=True)


def test_names_that_differ_in_case_alone_keep_their_texts() -> None:
    small, great = from_text("www.example.fr."), from_text("WWW.example.fr.")
    assert small == great
    assert text_of(small) != text_of(great)
