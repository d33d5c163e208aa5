"""What the documents name exists: modules, files, and the things that stand in them."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAB = ROOT / "lab"
FOLDERS = ("lab", "zones", "scenarios")
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *(ROOT / one / "README.md" for one in FOLDERS)]
ROW = re.compile(r"^\| `([\w/]+\.py)` \| .+ \| (.+) \|$", re.MULTILINE)


def modules() -> dict[str, str]:
    """Return the table of lab/README.md: module to what it may import."""
    return dict(ROW.findall((LAB / "README.md").read_text(encoding="utf-8")))


def imported(path: Path) -> set[str]:
    """Return siblings, packages and libraries that the module at *path* imports."""
    package = path.relative_to(LAB).parts[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            is_package = node.module.count(".") < 2 and node.module.startswith("lab")
            tails = [f".{one.name}" for one in node.names] if is_package else [""]
            names = [node.module + tail for tail in tails]
        for first, *rest in (name.split(".") for name in names):
            if first == "lab":
                found.add(f"`{rest[1]}`" if rest[0] == package and rest[1:] else rest[0])
            elif first not in {*sys.stdlib_module_names, "zope"}:
                found.add(f"*{first}*")
    return found


def test_the_table_of_modules_is_complete() -> None:
    paths = {str(one.relative_to(LAB)) for one in LAB.rglob("*.py") if one.name != "__init__.py"}
    assert set(modules()) == paths


@pytest.mark.parametrize(("module", "allowed"), modules().items(), ids=modules())
def test_a_module_imports_what_the_table_says(module: str, allowed: str) -> None:
    assert imported(LAB / module) <= set(allowed.split(", "))


def test_the_architecture_stays_short() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: str(one.relative_to(ROOT)))
def test_the_links_of_a_document_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (document.parent / target).exists(), target


def test_what_the_glossary_names_stands_in_its_module() -> None:
    text = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
    for module, names in re.findall(r"`(\w+/\w+\.py)`((?:,? `[\w.]+`)*)", text):
        source = (LAB / module).read_text(encoding="utf-8")
        for name in re.findall(r"`([\w.]+)`", names):
            if not name.endswith(".py"):
                assert all(part in source for part in name.split(".")), (module, name)


def test_every_module_of_the_walks_and_the_glossary_exists() -> None:
    for document in DOCUMENTS:
        for path in re.findall(r"`(?:lab/)?(\w+/\w+\.py)`", document.read_text(encoding="utf-8")):
            assert (LAB / path).is_file() or (ROOT / path).is_file(), (document.name, path)
