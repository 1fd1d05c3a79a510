"""Texts without what no person sees in them, for language models."""

import re
from typing import Final

__all__ = ["clean_text", "single_line"]

INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Control characters, halves of characters, and the invisible letters of Unicode's tags, in which
instructions to models are hidden: a model reads them, and no person does."""


def clean_text(text: str) -> str:
    """Return a text without the characters that no person sees; line breaks are one character."""
    return INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def single_line(text: str) -> str:
    """Return a text in one line, without the characters that no person sees."""
    return " ".join(clean_text(text).split())
