"""What is looked for in the distributions, each with one thing wrong."""

import io
import tarfile
import zipfile

import pytest
from tools.release import contents

PROJECT = {
    "name": "frontdesk",
    "version": "0.2.0",
    "description": "A desk.",
    "requires-python": ">=3.11",
    "license": "Apache-2.0",
    "optional-dependencies": {"cli": [], "sandbox": []},
}
METADATA = """\
Metadata-Version: 2.4
Name: frontdesk
Version: 0.2.0
Summary: A desk.
License-Expression: Apache-2.0
License-File: LICENSE
Requires-Python: >=3.11
Provides-Extra: cli
Provides-Extra: sandbox
Description-Content-Type: text/markdown

# frontdesk für alle
"""
PACKAGE = {
    "frontdesk/__init__.py": b"",
    "frontdesk/py.typed": b"",
    "frontdesk/seeds/texts/en.txt": b"Hello",
    "frontdesk/queries/chats.sql": b"select 1",
}
INFO = {
    "frontdesk-0.2.0.dist-info/METADATA": METADATA.encode(),
    "frontdesk-0.2.0.dist-info/RECORD": b"",
    "frontdesk-0.2.0.dist-info/entry_points.txt": b"",
    "frontdesk-0.2.0.dist-info/licenses/LICENSE": b"Apache",
}
SOURCES = ["LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "src/frontdesk/__init__.py"]
REPOSITORY = "https://github.com/desk/frontdesk"
README = f"""\
# frontdesk

![A screen]({REPOSITORY}/raw/v0.2.0/docs/demo.svg) and [a guide]({REPOSITORY}/blob/v0.2.0/a.md),
[below](#below), [elsewhere](https://example.com).

| a | b |
| -- | -- |
| 1 | 2 |

```python
import frontdesk
```
"""


def test_a_wheel_of_the_package_alone():
    assert contents.wheel_problems({**PACKAGE, **INFO}, PACKAGE) == []


@pytest.mark.parametrize(
    "name",
    [name for name in PACKAGE if name != "frontdesk/py.typed"],
)
def test_a_wheel_that_lacks_a_file(name):
    files = {**PACKAGE, **INFO}
    del files[name]
    assert contents.wheel_problems(files, PACKAGE) == [f"the wheel lacks {name}"]


@pytest.mark.parametrize("name", INFO)
def test_a_wheel_that_lacks_what_installers_read(name):
    files = {**PACKAGE, **INFO}
    del files[name]
    (problem,) = contents.wheel_problems(files, PACKAGE)
    assert problem == f"the wheel has no {name.partition('/')[2]}"


def test_a_wheel_without_types_for_checkers():
    files = {name: content for name, content in PACKAGE.items() if name != "frontdesk/py.typed"}
    (problem,) = contents.wheel_problems({**files, **INFO}, files)
    assert "py.typed" in problem


@pytest.mark.parametrize(
    "name", ["tests/test_codec.py", "conftest.py", "frontdesk/notes.orig", "docs/index.md"]
)
def test_a_wheel_that_takes_something_along(name):
    problems = contents.wheel_problems({**PACKAGE, **INFO, name: b""}, PACKAGE)
    assert f"the wheel has {name} in excess" in problems


def test_junk_in_the_package_is_none_in_the_wheel():
    junk = {"frontdesk/__pycache__/codec.cpython-313.pyc": b"", "frontdesk/tests/test_x.py": b""}
    files = {**PACKAGE, **junk}
    problems = contents.wheel_problems({**files, **INFO}, files)
    assert problems == [f"{name} is no file for users" for name in sorted(junk)]


def test_a_wheel_of_another_state_of_the_package():
    files = {**PACKAGE, **INFO, "frontdesk/queries/chats.sql": b"select 2"}
    (problem,) = contents.wheel_problems(files, PACKAGE)
    assert problem.startswith("frontdesk/queries/chats.sql of the wheel is another")


def test_data_files_are_counted_by_their_suffixes():
    assert contents.data_files([*PACKAGE, *INFO]) == {".sql": 1, ".txt": 1, ".typed": 1}


def test_a_source_distribution_of_what_git_tracks():
    assert contents.sdist_problems([*SOURCES, "PKG-INFO"], SOURCES) == []
    assert contents.sdist_problems([*SOURCES, "PKG-INFO"], None) == []


def test_a_source_distribution_with_a_file_that_was_lying_about():
    (problem,) = contents.sdist_problems([*SOURCES, "PKG-INFO", "my-token.txt"], SOURCES)
    assert problem == "the source distribution has my-token.txt, which git does not track"


@pytest.mark.parametrize("name", [*SOURCES, "PKG-INFO"])
def test_a_source_distribution_that_lacks_a_file(name):
    found = [*SOURCES, "PKG-INFO"]
    found.remove(name)
    problems = contents.sdist_problems(found, SOURCES)
    assert problems
    assert all(name in problem for problem in problems)


def test_files_are_read_by_their_names_within_the_distribution(tmp_path):
    wheel, sdist = tmp_path / "a.whl", tmp_path / "a.tar.gz"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("frontdesk/py.typed", "x")
    with tarfile.open(sdist, "w:gz") as archive:
        member = tarfile.TarInfo("frontdesk-0.2.0/src/frontdesk/py.typed")
        member.size = 1
        archive.addfile(member, io.BytesIO(b"x"))
    assert contents.wheel_files(wheel) == {"frontdesk/py.typed": b"x"}
    assert contents.sdist_files(sdist) == {"src/frontdesk/py.typed": b"x"}


def test_metadata_that_are_those_of_the_project():
    metadata = contents.metadata_of({**PACKAGE, **INFO})
    assert contents.metadata_problems(metadata, PROJECT) == []
    assert contents.description_of(metadata) == "# frontdesk für alle\n"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("Version: 0.2.0", "Version: 0.1.0", "Version"),
        ("License-File: LICENSE\n", "", "License-File"),
        ("Provides-Extra: cli\n", "", "extras sandbox"),
        (">=3.11", ">=3.12", "Requires-Python"),
        ("text/markdown", "text/plain", "Description-Content-Type"),
    ],
)
def test_metadata_that_are_not(old, new, problem):
    changed = METADATA.replace(old, new)
    assert changed != METADATA
    metadata = contents.metadata_of({"PKG-INFO": changed.encode()})
    (found,) = contents.metadata_problems(metadata, PROJECT)
    assert problem in found


def test_a_readme_that_package_indexes_show():
    assert contents.readme_problems(README, "0.2.0", REPOSITORY) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (f"{REPOSITORY}/blob/v0.2.0/a.md", "docs/a.md", "docs/a.md, which leads nowhere"),
        (f"{REPOSITORY}/raw/v0.2.0/docs/demo.svg", "demo.svg", "demo.svg, which leads nowhere"),
        ("blob/v0.2.0", "blob/v0.1.0", "which is not of v0.2.0"),
        ("| -- | -- |", "| -- | -- | -- |", "tables"),
        ("```", "~~", "no code"),
    ],
)
def test_a_readme_that_they_show_badly(old, new, problem):
    assert old in README
    (found,) = contents.readme_problems(README.replace(old, new), "0.2.0", REPOSITORY)
    assert problem in found
