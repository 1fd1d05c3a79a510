"""The files that a repository's host reads, and the check that comes before a release."""

import importlib.util
import re
import shutil
import tomllib
from pathlib import Path

import pytest
import yaml

from frontdesk.version import __version__

ROOT = Path(__file__).resolve().parents[1]
GITHUB = ROOT / ".github"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TOOL = ROOT / "tools" / "check_release.py"


def workflow(name):
    return yaml.safe_load((GITHUB / "workflows" / f"{name}.yml").read_text())


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job.get("steps", [])]


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("check_release", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_checks_run_what_everybody_runs_on_every_python():
    checks = workflow("checks")
    (job,) = checks["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert job["steps"][-1] == {"run": ".ci/run"}
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    # YAML reads `on` as true.
    assert {"push", "pull_request", "workflow_call"} == set(checks[True])


def test_the_oldest_python_is_the_one_that_the_package_asks_for():
    oldest = workflow("checks")["jobs"]["run"]["strategy"]["matrix"]["python"][0]
    assert PROJECT["requires-python"] == f">={oldest}"
    assert f"Programming Language :: Python :: {oldest}" in PROJECT["classifiers"]


def test_a_release_is_checked_built_and_tried_before_it_is_published_without_a_token():
    release = workflow("release")
    jobs = release["jobs"]
    assert jobs["checks"]["uses"] == "./.github/workflows/checks.yml"
    assert (jobs["build"]["needs"], jobs["publish"]["needs"]) == ("checks", "build")
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert jobs["publish"]["environment"] == "release"
    assert release["permissions"] == {"contents": "read"}
    assert "secrets." not in (GITHUB / "workflows" / "release.yml").read_text()
    runs = "\n".join(step.get("run", "") for step in steps(release))
    for tool in re.findall(r"python (tools/\w+\.py)", runs):
        assert (ROOT / tool).exists()
    # Each Python that the package names is set up, and must be tried.
    versions = [
        classifier.rpartition(" ")[2]
        for classifier in PROJECT["classifiers"]
        if re.search(r":: 3\.\d+$", classifier)
    ]
    assert re.findall(r"--python (\S+)", runs) == versions
    (python,) = [step for step in jobs["build"]["steps"] if "setup-python" in step.get("uses", "")]
    assert python["with"]["python-version"].split() == versions
    assert "python -m tools.release " in runs


def test_actions_have_versions():
    for name in ("checks", "release"):
        for step in steps(workflow(name)):
            if "uses" in step:
                assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"])


def test_the_forms_of_issues_are_complete():
    forms = [path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config"]
    assert len(forms) == 3
    for path in forms:
        form = yaml.safe_load(path.read_text())
        assert form["name"]
        assert form["description"]
        fields = [field for field in form["body"] if field["type"] != "markdown"]
        assert len({field["id"] for field in fields}) == len(fields)
        assert all(field["attributes"]["label"] for field in fields)
        assert any(field.get("validations", {}).get("required") for field in fields)


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"])
def test_the_links_of_pages_in_the_root_lead_somewhere(name):
    text = (ROOT / name).read_text()
    links = re.findall(r"\]\(([^)#]+)", text)
    for link in links:
        assert (ROOT / link).exists(), link


def test_the_commands_for_contributors_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^ +make (\w+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for path in re.findall(r"`?((?:tests|src|docs)/[\w/.-]+)", text):
        assert (ROOT / path).exists(), path


def test_the_versions_agree():
    assert PROJECT["version"] == __version__


@pytest.fixture
def project(tmp_path):
    """A project that may be released as v0.2.0."""
    page = "docs/tutorial/start.md"
    for name in ("pyproject.toml", "README.md", "src/frontdesk/version.py", page):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    edit(tmp_path / "pyproject.toml", f'version = "{__version__}"', 'version = "0.2.0"')
    edit(tmp_path / "src/frontdesk/version.py", __version__, "0.2.0")
    (tmp_path / "README.md").write_text("# frontdesk\n")
    (tmp_path / page).write_text("# Start\n")
    (tmp_path / "docs" / "releases").mkdir()
    (tmp_path / "docs" / "releases" / "0.2.0.md").write_text("# frontdesk 0.2.0\n")
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-12-01\n\n- New.\n\n## 0.1.0 - 2026-11-01\n"
    )
    return tmp_path


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_tag_that_may_become_a_release(tool, project):
    assert tool.problems("v0.2.0", project) == []
    assert tool.notes_of((project / "CHANGELOG.md").read_text(), "0.2.0") == "- New."


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        ("pyproject.toml", '"0.2.0"', '"0.1.9"', "pyproject.toml has the version 0.1.9"),
        ("src/frontdesk/version.py", "0.2.0", "0.2.1", "version.py has another version"),
        ("CHANGELOG.md", " - 2026-12-01", "", "no section `## 0.2.0 - YYYY-MM-DD`"),
        ("CHANGELOG.md", "- New.\n", "", "or an empty one"),
        ("README.md", "# frontdesk", "There is no release yet.", "There is no release yet"),
        ("docs/tutorial/start.md", "# Start", "There is no release yet: clone", "start.md says"),
    ],
)
def test_what_keeps_a_tag_from_being_a_release(tool, project, name, old, new, problem):
    edit(project / name, old, new)
    (found,) = tool.problems("v0.2.0", project)
    assert problem in found


def test_a_version_without_a_page_is_no_release(tool, project):
    (project / "docs" / "releases" / "0.2.0.md").unlink()
    assert tool.problems("v0.2.0", project) == ["docs/releases/0.2.0.md is missing"]


@pytest.mark.parametrize("tag", ["0.2.0", "v0.2", "v0.2.0-final", "latest"])
def test_tags_have_one_form(tool, project, tag):
    assert any("must look like v0.2.0" in problem for problem in tool.problems(tag, project))


def test_the_readme_installs_from_a_clone_until_there_is_a_release(tool):
    readme = (ROOT / "README.md").read_text()
    assert (tool.UNRELEASED in readme) is ("pip install './frontdesk[" in readme)
    assert (tool.UNRELEASED in readme) is ("pip install 'frontdesk[" not in readme)


def test_the_version_has_its_notes_and_its_page(tool):
    assert tool.notes_of((ROOT / "CHANGELOG.md").read_text(), __version__)
    page = f"releases/{__version__}.md"
    assert (ROOT / "docs" / page).is_file()
    assert page in (ROOT / "mkdocs.yml").read_text()
    assert f"[Version {__version__}]({page})" in (ROOT / "docs" / "index.md").read_text()


def test_the_changelog_lists_each_version_once_and_the_newest_first():
    changelog = (ROOT / "CHANGELOG.md").read_text()
    headings = re.findall(r"^## (.*)$", changelog, re.MULTILINE)
    assert headings[0] == "Unreleased"
    versions = [heading.partition(" - ")[0] for heading in headings[1:]]
    assert versions == sorted(set(versions), key=lambda v: [*map(int, v.split("."))], reverse=True)
    for section in re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]:
        groups = re.findall(r"^### (.*)$", section, re.MULTILINE)
        assert len(groups) == len(set(groups)), section.partition("\n")[0]
