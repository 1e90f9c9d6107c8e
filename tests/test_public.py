"""The public names, the order of the modules, and what importing costs."""

import ast
import inspect
from pathlib import Path

import processes
import pytest

import qwpinn

PACKAGE = Path(qwpinn.__file__).parent

# Every module may import only from those before it.
ORDER = (
    "startup", "names",
    "limits", "_check", "plain", "numerals", "places", "heartbeat",
    "units", "systems", "dimensional", "operators", "formulas",
    "layers", "minimum", "smoothness", "screen", "digits", "description", "potential", "kinds",
    "hidden",
    "quadrature", "spectrum", "barriers", "pruefer",
    "wells", "tables", "derived", "algebra", "segmented", "measured", "samples",
    "interpolation", "functions", "shapes", "textbook", "triangular", "cuts",
    "materials", "epilayers", "contacts", "bands", "confinement", "lineup",
    "growth_sheet", "heterostructure",
    "potentials",
    "files",
    "scaling", "wkb", "mesh",
    "observables", "matching", "scattering", "differences", "galerkin", "references", "observed",
    "status", "state_sheet", "datasheet", "answers", "integrals", "angles", "enclosures",
    "diagram", "plotting",
    "guard", "nodes", "networks", "trial", "residuals", "optimizers", "start", "certificate",
    "saving", "runs", "callbacks", "least_squares", "model", "recipes", "settings", "outlook",
    "nonparabolic", "resolution", "solution", "subbands", "trace", "progress", "solver",
    "reproduction",
    "ranges", "family", "frame", "family_nodes", "family_guards", "smooth_map", "deeponet",
    "surfaces",
    "refinement", "anticrossings", "family_errors", "family_notes", "family_bounds",
    "family_equation", "search", "family_sheet", "measured_family", "family_start",
    "family_figures", "inverse",
    "family_model", "rendezvous", "workers", "families", "family_files", "loading",
    "stark", "stored", "results", "sweeps", "backup", "targets", "comparison", "console",
    "family_progress", "commands", "family_commands", "cli", "__main__",
)  # fmt: skip
WITHOUT_TENSORFLOW = ORDER[: ORDER.index("plotting") + 1]


def imports_of(module):
    tree = ast.parse((PACKAGE / f"{module}.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "qwpinn":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qwpinn."):
            yield node.module.removeprefix("qwpinn.")


def test_every_module_has_its_place():
    found = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    assert found == set(ORDER)


@pytest.mark.parametrize("module", ORDER)
def test_arrows_go_one_way(module):
    earlier = ORDER[: ORDER.index(module)]
    assert [name for name in imports_of(module) if name not in earlier] == []


def test_the_model_sees_no_reference():
    for module in ("residuals", "optimizers", "start", "trial", "networks", "model", "callbacks"):
        forbidden = {"references", "matching", "galerkin", "differences", "pruefer"}
        assert not forbidden & set(imports_of(module))


def test_classical_modules_load_no_tensorflow():
    code = (
        "import sys, importlib\n"
        f"for name in {WITHOUT_TENSORFLOW}: importlib.import_module('qwpinn.' + name)\n"
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
    for path in PACKAGE.glob("*.py"):
        source = path.read_text()
        assert len(source.splitlines()) <= 350, path.name
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                documentation = ast.get_docstring(node) or ""
                length = node.end_lineno - node.lineno - len(documentation.splitlines())
                assert length <= 50, f"{path.name}: {node.name}"
