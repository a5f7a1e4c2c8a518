"""The rules of design, section 4, read off the sources: who may import whom, and what starting up may cost."""

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from reconciler.core.ordering import find_cycle

ROOT: Final = Path(__file__).parents[1]
PACKAGE: Final = ROOT / "reconciler"

# The longest prefix of a module's name decides.
RANKS: Final = {
    "reconciler": 0,
    "reconciler.errors": 0,
    "reconciler.signals": 0,
    "reconciler.stopping": 0,
    "reconciler.model": 1,
    "reconciler.core": 2,
    "reconciler.ports": 3,
    "reconciler.adapters.web": 3,  # a request that several adapters make; it knows none of them
    "reconciler.adapters": 4,
    "reconciler.app": 4,
    "reconciler.view": 4,
    "reconciler.sandbox": 4,
    "reconciler.wiring": 5,
    "reconciler.cli": 6,
    "reconciler.__main__": 7,
}
# Parts of one rank that do not know each other; the sandbox knows nothing of ours at all.
SIBLINGS: Final = (
    "reconciler.adapters.api",
    "reconciler.adapters.config",
    "reconciler.adapters.engine",
    "reconciler.adapters.fleet",
    "reconciler.adapters.forge",
    "reconciler.adapters.holders",
    "reconciler.adapters.keys",
    "reconciler.adapters.manifests",
    "reconciler.adapters.scaffold",
    "reconciler.adapters.schemas",
    "reconciler.adapters.store",
    "reconciler.adapters.telemetry",
    "reconciler.app",
    "reconciler.view",
    "reconciler.sandbox",
)
# Each library outside the standard one, and the only places that may know it.
PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "click": ("reconciler.cli",),
    "deepdiff": ("reconciler.core.fields",),
    "distributed": ("reconciler.adapters.engine",),
    "email_validator": ("reconciler.adapters.schemas.formats",),
    "httpcore": ("reconciler.adapters.api",),  # what httpx stands on: its sockets
    "httpx": ("reconciler.adapters.api", "reconciler.adapters.web"),
    "jsonschema": ("reconciler.adapters.schemas", "reconciler.sandbox"),
    "jsonschema_rs": ("reconciler.adapters.schemas", "reconciler.sandbox"),
    "justhtml": ("reconciler.core.lint.page",),
    "keyring": ("reconciler.adapters.keys.sources",),
    "msgspec": ("reconciler.adapters.store",),
    "obstore": ("reconciler.adapters.store.s3_objects",),
    "opentelemetry": ("reconciler.adapters.telemetry",),
    "referencing": ("reconciler.adapters.schemas",),  # jsonschema's own half for $ref
    "starlette": ("reconciler.sandbox",),
    "uvicorn": ("reconciler.sandbox",),
    "wcwidth": ("reconciler.core.lint.subject", "reconciler.view.columns"),
    "yaml": ("reconciler.adapters.manifests", "reconciler.adapters.schemas.contract", "reconciler.sandbox"),
}
LONGEST_FILE: Final = 300
HEAVY: Final = {
    "deepdiff",
    "distributed",
    "email_validator",
    "httpx",
    "jsonschema",
    "jsonschema_rs",
    "justhtml",
    "keyring",
    "msgspec",
    "obstore",
    "opentelemetry",
    "starlette",
    "uvicorn",
    "wcwidth",
    "yaml",
}


@dataclass(frozen=True, slots=True)
class Import:
    """`importer` names `imported`, at a line of its file. `later` where that happens only inside a function."""

    importer: str
    imported: str
    line: int
    later: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES: Final = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES: Final = {name: ast.parse(path.read_text(encoding="utf-8"), str(path)) for name, path in FILES.items()}


def named(node: ast.Import | ast.ImportFrom, modules: Mapping[str, object]) -> Iterator[str]:
    """What a statement imports; `from package import module` names the module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif node.level:
        yield "." * node.level + (node.module or "")
    else:
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield inner if inner in modules else str(node.module)


def imports_of(name: str, tree: ast.Module, modules: Mapping[str, object]) -> Iterator[Import]:
    """Every import of a module, also those inside functions and under TYPE_CHECKING."""
    inside = {
        id(node)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for imported in named(node, modules):
                yield Import(name, imported, node.lineno, id(node) in inside)


def lazily_named(tree: ast.Module, modules: Mapping[str, object]) -> Iterator[tuple[str, int]]:
    """Modules of ours that a string names, as a table of commands does for import_module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in modules:
            yield node.value, node.lineno


IMPORTS: Final = [each for name, tree in TREES.items() for each in imports_of(name, tree, TREES)]
LAZY: Final = [
    Import(name, imported, line, later=True)
    for name, tree in TREES.items()
    for imported, line in lazily_named(tree, TREES)
    if imported != "reconciler"
]


def within(module: str, part: str) -> bool:
    return module == part or module.startswith(part + ".")


def rank(module: str) -> int | None:
    fitting = [part for part in RANKS if within(module, part) and (part != "reconciler" or module == part)]
    return RANKS[max(fitting, key=len)] if fitting else None


def sibling(module: str) -> str | None:
    return next((part for part in SIBLINGS if within(module, part)), None)


def is_upward(each: Import) -> bool:
    """Whether an arrow points up, or across between parts of one rank that do not know each other."""
    below, above = rank(each.importer), rank(each.imported)
    if below is None or above is None:
        return False
    return above > below or (
        sibling(each.importer) != sibling(each.imported) and above == below == RANKS["reconciler.app"]
    )


def is_misplaced(each: Import) -> bool:
    library = each.imported.partition(".")[0]
    if library == "reconciler" or library in sys.stdlib_module_names:
        return False
    return not any(within(each.importer, place) for place in PLACES.get(library, ()))


def ours(imports: list[Import]) -> list[Import]:
    return [each for each in imports if within(each.imported, "reconciler")]


# --- the rules --------------------------------------------------------------------------------------------------------


def test_the_sources_were_read() -> None:
    assert len(FILES) > 50
    assert len(IMPORTS) > 200
    assert any(each.later for each in IMPORTS)


def test_every_module_has_a_rank_and_every_adapter_is_a_known_sibling() -> None:
    assert [name for name in FILES if rank(name) is None] == []
    assert [
        name for name in FILES if within(name, "reconciler.adapters.") and not (sibling(name) or rank(name) == 3)
    ] == []
    folders = {f"reconciler.adapters.{path.name}" for path in (PACKAGE / "adapters").iterdir() if path.is_dir()}
    assert folders - {"reconciler.adapters.__pycache__"} <= set(SIBLINGS)


def test_imports_are_absolute_and_of_modules_that_exist() -> None:
    assert [str(each) for each in IMPORTS if each.imported.startswith(".")] == []
    assert [str(each) for each in ours(IMPORTS) if each.imported not in FILES] == []


def test_no_arrow_points_upwards_and_no_sibling_knows_another() -> None:
    assert [str(each) for each in ours(IMPORTS) + LAZY if is_upward(each)] == []


def test_the_sandbox_knows_nothing_of_the_rest() -> None:
    strangers = [
        str(each)
        for each in ours(IMPORTS) + LAZY
        if within(each.importer, "reconciler.sandbox") and not within(each.imported, "reconciler.sandbox")
    ]
    assert strangers == []


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {name: [each.imported for each in ours(IMPORTS) if each.importer == name] for name in FILES}
    assert find_cycle(graph) is None


def test_packages_are_empty_so_that_nothing_hides_in_them() -> None:
    full = [str(path.relative_to(ROOT)) for path in PACKAGE.rglob("__init__.py") if path.read_text().strip()]
    assert full == ["reconciler/__init__.py"]


def test_each_library_is_known_in_its_one_place() -> None:
    assert [str(each) for each in IMPORTS if is_misplaced(each)] == []


def test_the_model_and_the_core_stand_on_the_standard_library() -> None:
    outside = {
        each.imported.partition(".")[0]
        for each in IMPORTS
        if within(each.importer, "reconciler.model") or within(each.importer, "reconciler.core")
    }
    assert outside - sys.stdlib_module_names - {"reconciler"} == {"deepdiff", "justhtml", "wcwidth"}


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("reconciler.model.plan", "reconciler.errors", True),
        ("reconciler.errors", "reconciler.model.plan", False),
        ("reconciler.core.planner", "reconciler.ports", False),
        ("reconciler.core.planner", "reconciler.app.plan", False),
        ("reconciler.app.plan", "reconciler.core.planner", True),
        ("reconciler.app.plan", "reconciler.app.write", True),
        ("reconciler.app.plan", "reconciler.adapters.store.file", False),
        ("reconciler.app.plan", "reconciler.view.words", False),
        ("reconciler.view.words", "reconciler.app.plan", False),
        ("reconciler.view.words", "reconciler.model.plan", True),
        ("reconciler.adapters.api.client", "reconciler.adapters.api.connection", True),
        ("reconciler.adapters.api.client", "reconciler.adapters.store.file", False),
        ("reconciler.adapters.manifests.load", "reconciler.adapters.schemas.checker", False),
        ("reconciler.adapters.api.client", "reconciler.sandbox.app", False),
        ("reconciler.adapters.api.client", "reconciler.wiring", False),
        ("reconciler.wiring", "reconciler.sandbox.app", True),
        ("reconciler.wiring", "reconciler.cli.main", False),
        ("reconciler.cli.main", "reconciler.wiring", True),
        ("reconciler.cli.main", "reconciler.__main__", False),
    ],
)
def test_the_rule_of_arrows_tells_right_from_wrong(importer: str, imported: str, allowed: bool) -> None:
    assert is_upward(Import(importer, imported, 1, later=False)) is not allowed


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("reconciler.core.fields", "deepdiff", True),
        ("reconciler.core.planner", "deepdiff", False),
        ("reconciler.adapters.api.client", "httpx._client", True),
        ("reconciler.app.write", "httpx", False),
        ("reconciler.view.words", "click", False),
        ("reconciler.cli.main", "rich", False),
        ("reconciler.core.planner", "collections.abc", True),
    ],
)
def test_the_rule_of_places_tells_right_from_wrong(importer: str, imported: str, allowed: bool) -> None:
    assert is_misplaced(Import(importer, imported, 1, later=False)) is not allowed


def test_imports_inside_functions_and_for_type_checkers_are_read() -> None:
    source = (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import a\n"
        "def f():\n    from reconciler import b, c\n    async def g():\n        import d.e\n"
        "x = 'reconciler.b'\n"
    )
    tree = ast.parse(source)
    found = {each.imported: each.later for each in imports_of("m", tree, {"reconciler.b": 1})}
    assert found == {"typing": False, "a": False, "reconciler.b": True, "reconciler": True, "d.e": True}
    assert list(lazily_named(tree, {"reconciler.b": 1})) == [("reconciler.b", 8)]


# --- files ------------------------------------------------------------------------------------------------------------


def test_nothing_is_printed() -> None:
    printing = [
        f"{name}:{node.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []


def test_no_file_is_too_long_to_read() -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in FILES.items()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_every_module_says_what_it_is() -> None:
    silent = [name for name, tree in TREES.items() if tree.body and not ast.get_docstring(tree)]
    assert silent == []


# --- the lean start-up ------------------------------------------------------------------------------------------------

RUN: Final = """
import json, sys
from reconciler.cli.main import run
code = run(sys.argv[1:])
print(json.dumps({"code": code, "modules": sorted(sys.modules)}), file=sys.stderr)
"""


def loaded_by(*arguments: str) -> set[str]:
    """The modules that are loaded after a command ended well."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
    ended = subprocess.run(
        [sys.executable, "-c", RUN, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    report = json.loads(ended.stderr.splitlines()[-1])
    assert report["code"] == 0, ended.stderr
    assert ended.stdout
    return set(report["modules"])


def top_level(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_asking_for_help_loads_nothing_heavy() -> None:
    loaded = loaded_by("--help")
    assert "click" in loaded
    assert top_level(loaded) & HEAVY == set()
    assert [name for name in loaded if within(name, "reconciler.sandbox")] == []


def test_an_offline_plan_without_changes_loads_neither_http_nor_deepdiff_nor_the_slow_validator(tmp_path: Path) -> None:
    for name in ("reconciler.toml", "sequences", "schemas"):
        source, target = ROOT / name, tmp_path / name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    loaded_by("-C", str(tmp_path), "apply", "--yes")
    loaded = loaded_by("-C", str(tmp_path), "plan", "--refresh", "none", "--detailed-exitcode")
    assert top_level(loaded) & {"httpx", "anyio", "deepdiff", "jsonschema", "starlette", "uvicorn"} == set()
    assert [name for name in loaded if within(name, "reconciler.core.filters")] == []
    assert [name for name in loaded if within(name, "reconciler.sandbox")] == []
