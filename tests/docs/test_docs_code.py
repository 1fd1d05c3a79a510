"""The checker of the code in the documentation reports what it finds at the lines of the page."""

import importlib.util
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "check_docs_code.py"

PAGE = """\
# A page

```python
number = 1
```

Text.

```console
$ not python
```

<!-- alone -->

```python
number = "another file"
```

```python
number += 1
```

<!-- file: numbers_of_mine.py -->

```python
number = 7
```
"""


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("check_docs_code", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_code_keeps_its_lines(tool):
    (_, together), (_, alone), (name, file) = tool.modules(PAGE)
    assert name == "numbers_of_mine.py"
    lines = PAGE.splitlines()
    for code in (together, alone, file):
        for number, line in enumerate(code.splitlines()):
            assert line in ("", lines[number])
    assert [line for line in together.splitlines() if line] == ["number = 1", "number += 1"]
    assert [line for line in alone.splitlines() if line] == ['number = "another file"']
    assert [line for line in file.splitlines() if line] == ["number = 7"]


def test_a_page_without_code_has_no_modules(tool):
    assert tool.modules("# Only text\n") == []


def test_every_page_and_example_is_checked(tool, tmp_path):
    sources = tool.write_modules(tmp_path)
    root = TOOL.parents[1]
    pages = {
        str(page.relative_to(root)) for page in tool.PAGES if "```python\n" in page.read_text()
    }
    examples = {str(path.relative_to(root)) for path in (root / "examples").rglob("*.py")}
    assert set(sources.values()) == pages | examples
    assert len(pages) >= 9


def test_what_is_found_names_page_and_line(tool, tmp_path, capsys):
    (tmp_path / "docs_page_md_0.py").write_text("\n\nnumber: int = 'text'\n")
    command = ["sh", "-c", "echo 'docs_page_md_0.py:3: error: wrong'; exit 1"]
    assert not tool.run(command, tmp_path, {"docs_page_md_0.py": "docs/page.md"})
    assert capsys.readouterr().out == "docs/page.md:3: error: wrong\n"
