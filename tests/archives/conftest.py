"""What all tests of archives have in common."""

import pytest


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here cuts the power."""
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr("frontdesk.archives.targets.files.sync_all", lambda _: None)
