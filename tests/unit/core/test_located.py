from lab.core.located import parse

TEXT = """\
[[step]]
do = "a"
[[step]]
do = "b"
[step.ask]
answer = "c"
[[step.more]]
x = 1
[[step.more]]
x = 2
[[step]]
[step.ask]
answer = "d"
"""


def test_a_table_below_an_array_belongs_to_its_latest_table() -> None:
    document = parse(TEXT, "f")
    assert document.where("step", 1, "ask") == "f:5"
    assert document.where("step", 1, "ask", "answer") == "f:6"
    assert document.where("step", 2, "ask", "answer") == "f:13"
    assert document.where("step", 0, "ask", "answer") == "f:1"


def test_arrays_within_arrays_are_counted_apart() -> None:
    document = parse(TEXT, "f")
    assert document.where("step", 1, "more", 0, "x") == "f:8"
    assert document.where("step", 1, "more", 1, "x") == "f:10"
