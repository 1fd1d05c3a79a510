"""What is said in the seeded worlds, a file per language, and who their customers are."""

from importlib.resources import files

__all__ = ["read"]


def read(name: str) -> str:
    """Return the text of a file, such as ``en.txt``."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
