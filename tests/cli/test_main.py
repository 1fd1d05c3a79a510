"""How the command starts, and how that may end."""

import sys
from importlib.abc import MetaPathFinder
from typing import Any

import pytest

from frontdesk.cli import main


class Interrupts(MetaPathFinder):
    """A Ctrl-C that comes while a module is being loaded."""

    def __init__(self, module: str) -> None:
        self.module = module

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        if fullname == self.module:
            raise KeyboardInterrupt


@pytest.mark.parametrize("module", ["frontdesk.cli._app", "frontdesk.sandbox.serve.server"])
def test_an_interruption_while_it_loads_is_exit_code_130(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupts(module), *sys.meta_path])
    with pytest.raises(SystemExit) as ended:
        main(["sandbox", "--port", "0", "--seed", "empty"])
    assert ended.value.code == 130
    assert "Traceback" not in capsys.readouterr().err
