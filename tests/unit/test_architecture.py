"""The module table of lab/README.md is true, and no module is without words or too long."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAB = ROOT / "lab"
ROW = re.compile(r"^\| `(?P<module>[\w/]+\.py)`", re.MULTILINE)
LIMIT = 320

MODULES = sorted(LAB.rglob("*.py"))
NAMES = [str(path.relative_to(LAB)) for path in MODULES]


def test_the_module_table_agrees_with_the_folders() -> None:
    table = ROW.findall((LAB / "README.md").read_text(encoding="utf-8"))
    assert sorted(table) == [one for one in NAMES if not one.endswith("__init__.py")]


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_a_module_can_be_read_in_ten_minutes(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LIMIT
