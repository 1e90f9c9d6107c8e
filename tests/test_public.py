"""The public names, the arrows between files, and what importing costs."""

import ast
import graphlib
import importlib
import inspect
import re
from pathlib import Path

import processes
import pytest

import qwpinn

PACKAGE = Path(qwpinn.__file__).parent

ROOT = PACKAGE.parent
OPEN = {"inputs", "status", "startup"}
WITH_TENSORFLOW = {
    "training",
    "networks",
    "solving",
    "dynamics",
    "families",
    "loading",
    "cli",
    "__main__",
    "progress",
    "techniques",
    "bench",
}


def rooms():
    """What may import what, as CONTRIBUTING.md says it."""
    found = {}
    for line in (ROOT / "CONTRIBUTING.md").read_text().splitlines():
        cells = line.split("|")
        names = re.findall(r"`(\w+)`", cells[1]) if len(cells) == 5 else []
        allowed = set(re.findall(r"`(\w+)`", cells[2])) | OPEN if names else set()
        for name in names:
            found[name] = set(PLACES) if cells[2].strip() == "all" else allowed
    return found


def places():
    """Every file, as a dotted name below the package; a face is its folder."""
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


FILES = {name: path for name, path in places() if name}
PLACES = {name.split(".")[0] for name in FILES}
PUBLIC_FACES = {"potentials", "references"}
FACES = {name for name, path in FILES.items() if path.name == "__init__.py"}


TESTS = Path(__file__).parent
# Whose behaviour is asserted with a neighbour's: there each costs one trained model or one process.
ASSERTED_IN = {
    "cli.evolve_jobs": "cli/test_jobs.py",
    "cli.family_jobs": "cli/test_jobs.py",
    "cli.kept": "cli/test_backup.py",
    "cli.options": "cli/test_commands.py",
    "cli.parser": "cli/test_commands.py",
    "cli.tables": "cli/test_commands.py",
    "cli.targets": "cli/test_commands.py",
    "cli.typed": "cli/test_commands.py",
    "families.files": "cli/test_family_commands.py",
    "families.frame": "families/test_family.py",
    "families.measured": "families/test_errors.py",
    "families.networks": "families/test_model.py",
    "families.points": "families/test_family.py",
    "families.residuals": "families/test_model.py",
    "families.ritz": "families/test_model.py",
    "families.teaching": "families/test_model.py",
    "families.train": "families/test_model.py",
    "inputs.files": "inputs/test_check.py",
    "networks.jumps": "networks/test_ritz.py",
    "plotting.families": "families/test_errors.py",
    "potentials.dots": "potentials/test_planes.py",
    "potentials.plane_wrapper": "potentials/test_plane_algebra.py",
    "potentials.of_two": "potentials/test_separable.py",
    "potentials.plane_functions": "potentials/test_plane_algebra.py",
    "potentials.documents": "potentials/test_files.py",
    "references.elements": "references/test_plane.py",
    "solving.by_level": "networks/test_nonparabolic.py",
    "solving.kind": "solving/test_plane.py",
    "solving.many": "solving/test_workers.py",
    "solving.outlook": "solving/test_recipes.py",
    "solving.reproduction": "cli/test_commands.py",
    "solving.solver": "solving/test_solution.py",
    "solving.stark": "solving/test_subbands.py",
}


def imports_of(place, typing=True):
    """The files that a file imports, in its functions too; those for types alone if asked for."""
    tree = ast.parse(FILES[place].read_text())
    blocks = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n)]
    skipped = set() if typing else {node for block in blocks for node in ast.walk(block)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node not in skipped:
            assert not node.level, f"{place}: a relative import"
            base = (node.module or "").partition(".")
            if base[0] == "qwpinn":
                for alias in node.names:
                    whole = f"{base[2]}.{alias.name}".strip(".")
                    yield whole if whole in FILES else base[2]


def test_every_file_stands_in_a_room_that_the_guide_names():
    assert set(rooms()) == PLACES
    assert max(name.count(".") for name in FILES) == 1


@pytest.mark.parametrize("place", sorted(FILES))
def test_arrows_go_one_way(place):
    room = place.split(".")[0]
    away = {found.split(".")[0] for found in imports_of(place)} - {room, ""}
    assert away <= rooms()[room]


def test_every_file_has_its_tests_where_one_looks_for_them():
    twins = {}
    for name in FILES.keys() - FACES:
        folder, _, file = name.rpartition(".")
        twins[name] = TESTS / folder / f"test_{file}.py"
    assert {name for name, twin in twins.items() if not twin.is_file()} == set(ASSERTED_IN)
    others = set(TESTS.rglob("test_*.py")) - {*twins.values(), Path(__file__)}
    assert {test.parent.name for test in others} == {"whole"}
    for name, test in ASSERTED_IN.items():
        assert (TESTS / test).is_file(), f"{name}: there is no {test}"


def exists(dotted):
    """Whether `qwpinn.a.b` is a file, or a name of one."""
    thing = qwpinn
    for i, part in enumerate(names := dotted.split(".")):
        place = ".".join(names[: i + 1])
        thing = (
            importlib.import_module(f"qwpinn.{place}") if place in FILES else getattr(thing, part)
        )
    return True


@pytest.mark.parametrize("place", sorted(FILES))
def test_docstrings_name_what_there_is(place):
    for dotted in set(re.findall(r"(?<!`)`qwpinn\.([\w.]+)`", FILES[place].read_text())):
        assert exists(dotted), dotted


def test_arrows_between_rooms_close_no_circle():
    allowed, order = rooms(), list(rooms())
    for name, above in allowed.items():
        if above != set(PLACES):
            assert {order.index(one) < order.index(name) for one in above - OPEN} <= {True}, name


def alike(one, other):
    """Whether two files stand in one folder."""
    return one.split(".")[0] == other.split(".")[0]


def test_arrows_within_a_folder_close_no_circle():
    graph = {
        name: {found for found in imports_of(name, typing=False) if alike(found, name)}
        for name in FILES
        if name not in FACES
    }
    for name, found in graph.items():
        assert not found & FACES, f"{name} imports the face of its own folder"
    assert len(list(graphlib.TopologicalSorter(graph).static_order())) >= len(graph)


@pytest.mark.parametrize("face", sorted(FACES))
def test_a_face_says_when_one_needs_its_folder(face):
    source = FILES[face].read_text()
    tree = ast.parse(source)
    assert "ou need this folder to" in ast.get_docstring(tree) or face in PUBLIC_FACES
    defined = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    assert defined == []
    named = set(re.findall(r"`(\w+)`", ast.get_docstring(tree)))
    files = {name.split(".")[1] for name in FILES if name.startswith(f"{face}.")}
    assert face in PUBLIC_FACES or files <= named, f"{face} does not name {files - named}"


def test_the_network_sees_no_reference():
    for name in FILES:
        if name.split(".")[0] in ("training", "networks"):
            assert not {one for one in imports_of(name) if one.startswith("references")}


def test_classical_files_load_no_tensorflow():
    names = [name for name in sorted(FILES) if name.split(".")[0] not in WITH_TENSORFLOW]
    code = (
        "import sys, importlib\n"
        f"for name in {names}: importlib.import_module('qwpinn.' + name)\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules), 'TensorFlow was loaded'"
    )
    processes.run(processes.program(code))


def test_public_names_are_sorted_and_documented():
    assert sorted(qwpinn.__all__) == qwpinn.__all__
    for name in qwpinn.__all__:
        thing = getattr(qwpinn, name)
        assert inspect.getdoc(thing), name
        assert name in dir(qwpinn)


def test_public_names_of_the_design_stand():
    names = {
        "FiniteWell", "InfiniteWell", "FiniteBarrier", "PiecewiseConstant", "Sampled",
        "CustomPotential", "QuantumWellPINN", "LevenbergMarquardt", "collocation", "solve", "load",
    }  # fmt: skip
    assert names <= set(qwpinn.__all__)


def test_public_modules_need_no_import_of_their_own():
    code = "import qwpinn; print(qwpinn.references.count_below(qwpinn.InfiniteWell(), 50.0))"
    assert processes.run(processes.program(code)).stdout == "2\n"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'qwpinn' has no attribute 'Solver'"):
        _ = qwpinn.Solver


def test_modules_and_functions_stay_readable():
    for path in FILES.values():
        source = path.read_text()
        assert len(source.splitlines()) <= 350, path.name
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                documentation = ast.get_docstring(node) or ""
                length = node.end_lineno - node.lineno - len(documentation.splitlines())
                assert length <= 50, f"{path.name}: {node.name}"
