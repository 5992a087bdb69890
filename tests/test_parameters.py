# SPDX-License-Identifier: Apache-2.0
import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

import anprgen
from anprgen.distributions import Choice, Constant, Uniform, from_json
from anprgen.draw import parameters
from anprgen.errors import ConfigError
from anprgen.parameters import Draw, Parameter, check_overrides, drawn, generator, plain, unit

KNOWN = [
    Parameter("light.kind", Choice({"sun": 1, "hdri": 1}), "", 0, 1),
    Parameter("view.yaw_deg", Uniform(-30, 30), "", -85, 85),
]


@dataclass(frozen=True)
class Two:
    a: float = drawn(Uniform(0, 1), "first")
    b: float = drawn(Uniform(0, 1), "second")


@dataclass(frozen=True)
class Three:
    new: float = drawn(Uniform(0, 1), "added later")
    a: float = drawn(Uniform(0, 1), "first")
    b: float = drawn(Uniform(0, 1), "second")


def test_a_new_parameter_moves_no_other():
    two, three = (Draw(3, 7, {}).group(c, "x") for c in (Two, Three))
    assert (two.a, two.b) == (three.a, three.b)
    assert three.new not in (two.a, two.b)


def test_addresses_do_not_collide_and_are_uniform():
    values = [unit(0, i, "light.kind") for i in range(2000)]
    assert len(set(values)) == 2000
    assert sum(values) / 2000 == pytest.approx(0.5, abs=0.03)
    assert unit(0, 1, "a") != unit(1, 0, "a") != unit(0, 1, "b")


def test_known_value_never_changes():
    # Datasets that people already have depend on this number.
    assert unit(0, 1234, "camera.yaw_deg") == pytest.approx(0.4524640206, abs=1e-9)


def test_overrides_reach_every_plate():
    draw = Draw(0, 0, {"plates.wear.a": Constant(9.0)})
    assert draw.group(Two, "plates.0.wear").a == 9.0
    assert draw.group(Two, "plates.1.wear").a == 9.0
    assert draw.group(Two, "plates.1.wear").b != 9.0
    assert plain("plates.3.wear.a") == "plates.wear.a"


def test_unknown_path_suggests_the_nearest():
    with pytest.raises(ConfigError, match="light.kind"):
        check_overrides({"light.knid": Constant(1)}, KNOWN, "config")


def test_values_that_do_not_fit_are_refused():
    check_overrides({"light.kind": Constant("sun"), "view.yaw_deg": Constant(3)}, KNOWN, "config")
    with pytest.raises(ConfigError, match="one of sun, hdri"):
        check_overrides({"light.kind": Choice({"sun": 1, "moon": 1})}, KNOWN, "config")
    with pytest.raises(ConfigError, match="not a number"):
        check_overrides({"view.yaw_deg": Constant("left")}, KNOWN, "config")


def test_generator_is_fresh_each_time():
    assert generator(0, 1, "x").random() == generator(0, 1, "x").random()
    assert generator(0, 1, "x").random() != generator(0, 2, "x").random()


def test_nothing_in_the_package_uses_global_random_state():
    banned = {
        "seed",
        "rand",
        "randn",
        "randint",
        "choice",
        "shuffle",
        "normal",
        "uniform",
        "random",
    }
    root = Path(anprgen.__file__).parent
    folders = [root, root.parent / "blender"]
    for path in (p for f in folders for p in f.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert all(a.name != "random" for a in node.names), path
            if isinstance(node, ast.ImportFrom):
                assert node.module != "random", path
            # np.random.<function>(...): only fresh generators are allowed.
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Attribute)
                and node.value.attr == "random"
                and isinstance(node.value.value, ast.Name)
                and node.value.value.id in ("np", "numpy")
            ):
                assert node.attr not in banned, f"{path}:{node.lineno} np.random.{node.attr}"


@pytest.mark.parametrize(
    "value",
    [
        float("nan"), float("inf"), True, None, [1, 2], {"constant": {"a": 1}},
        {"choice": [[[1, 2], 1]]}, {"normal": ["a", 1]}, {"quantiles": [[0, 1], [1, "x"]]},
        {"normal": [float("nan"), 1]}, {"uniform": [0, 1e308]}, {"normall": [0, 1]},
    ],
)  # fmt: skip
def test_values_that_are_no_numbers_are_refused(value):
    def read():
        check_overrides({"view.yaw_deg": from_json(value, "config")}, KNOWN, "config")

    with pytest.raises(ConfigError):
        read()


def test_closed_choices_of_numbers_stay_closed():
    known = [Parameter("plates.mount.bolts", Choice({0: 1, 2: 1, 4: 1}), "", 0, 4)]
    check_overrides({"plates.mount.bolts": Constant(4)}, known, "config")
    with pytest.raises(ConfigError, match="one of 0, 2, 4"):
        check_overrides({"plates.mount.bolts": Constant(3)}, known, "config")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("camera.jpeg.quality", 1000),
        ("camera.sensor.white_e", 0),
        ("plates.make.emboss_edge_mm", 0),
        ("plates.wear.mud", 1.5),
        ("plates.wear.mud", -0.1),
        ("light.sun_size_deg", 0),
        ("camera.resample.factor", 2),
    ],
)
def test_numbers_out_of_bounds_are_refused(path, value):
    with pytest.raises(ConfigError, match="out of bounds"):
        check_overrides({path: Constant(value)}, parameters(), "config")


def test_own_distributions_keep_their_bounds():
    own = {p.path: p.distribution for p in parameters()}
    check_overrides(own, parameters(), "config")
