"""Distributions are built twice, and what differs is named."""

import pytest
from tools.release import building
from tools.release.running import Failure

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "desk"
version = "1.0"
requires-python = ">=3.11"

[tool.hatch.build.targets.sdist]
exclude = ["/PKG-INFO"]
"""
HOOK = """
[tool.hatch.build.hooks.custom]
"""
# Writes down where it ran, as a careless build does.
STAMP = """\
import os
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class Hook(BuildHookInterface):
    def initialize(self, version, build_data):
        with open(os.path.join(self.root, "desk", "where.txt"), "w") as file:
            file.write(os.environ.get("TZ", ""))
"""


@pytest.fixture
def project(tmp_path):
    source = tmp_path / "source"
    (source / "desk").mkdir(parents=True)
    (source / "desk" / "__init__.py").write_text("")
    (source / "pyproject.toml").write_text(PYPROJECT)
    return source


def built_twice(project):
    first, second = project.parent / "first", project.parent / "second"
    first.mkdir()
    second.mkdir()
    built = building.build(project, first)
    return built, building.build_again(built, second)


def test_the_same_bytes_elsewhere(project):
    first, second = built_twice(project)
    assert first.wheel.name == "desk-1.0-py3-none-any.whl"
    assert first.wheel != second.wheel
    assert building.differences(first, second) == []
    assert building.digest(first.sdist) == building.digest(second.sdist)


def test_a_build_that_writes_down_where_it_ran_is_noticed(project, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    (project / "pyproject.toml").write_text(PYPROJECT + HOOK)
    (project / "hatch_build.py").write_text(STAMP)
    names = [problem.partition(" ")[0] for problem in building.differences(*built_twice(project))]
    assert "desk-1.0-py3-none-any.whl" in names


def test_a_build_that_fails_says_what_it_printed(project):
    (project / "pyproject.toml").write_text(PYPROJECT.replace("1.0", "one"))
    (project.parent / "dist").mkdir()
    with pytest.raises(Failure) as raised:
        building.build(project, project.parent / "dist")
    assert "one" in raised.value.output
