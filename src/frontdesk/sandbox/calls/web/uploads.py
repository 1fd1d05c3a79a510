"""The body of ``upload_file``: a form with one file in it."""

import logging
import re
from typing import Final

from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, parse_options_header

from frontdesk.actions.agent.events import MAX_FILE_BYTES
from frontdesk.errors import EntityTooLarge, ValidationError
from frontdesk.sandbox.apis.agent.files import Upload

__all__ = ["MAX_BODY", "read_upload", "too_large"]

# What is wrong with a form is in the response: it is no news for the terminal.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())
_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
MAX_PARTS: Final = 100
"""Parts of a form; nobody needs more than one."""
_NAMED: Final = 5
_SHOWN: Final = 60
"""Parts that are named when the file is missing, and how much of a name."""
MAX_BODY: Final = MAX_FILE_BYTES + 64 * 1024
"""The longest body that is read at all: the largest file and room for the form around it."""


def read_upload(content_type: str, body: bytes) -> Upload:
    """Read the part named ``file``.

    Args:
        content_type: the request's, with the boundary.
        body: the whole request body.

    Raises ``ValidationError`` and ``EntityTooLarge``.
    """
    boundary = _boundary(content_type)
    if len(body) > MAX_BODY:
        raise too_large()
    files: list[Upload] = []
    other_parts: list[str] = []

    def on_file(file: File) -> None:
        file.file_object.seek(0)
        _keep(file.field_name, file.file_name, file.content_type, file.file_object.read())

    def on_field(field: Field) -> None:
        _keep(field.field_name, None, field.content_type, field.value or b"")

    def _keep(part: bytes | None, name: bytes | None, kind: str | None, content: bytes) -> None:
        if len(files) + len(other_parts) >= MAX_PARTS:
            raise ValidationError(f"the form must not have more than {MAX_PARTS} parts")
        if part == b"file":
            media_type = (kind or "").partition(";")[0].strip()
            files.append(
                Upload(
                    (name or b"file").decode("utf-8", "replace"),
                    media_type if _TYPE.fullmatch(media_type) else "",
                    content,
                )
            )
        else:
            other_parts.append((part or b"")[:_SHOWN].decode("utf-8", "replace"))

    parser: FormParser | None = None
    try:
        parser = FormParser(
            "multipart/form-data",
            on_field,
            on_file,
            boundary=boundary,
            config={"MAX_MEMORY_FILE_SIZE": MAX_BODY, "MAX_BODY_SIZE": MAX_BODY},
        )
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise ValidationError(f"the request is not a valid form: {error}") from None
    finally:
        if parser is not None:
            parser.close()
    if not files:
        raise _missing(other_parts)
    return files[0]


def _boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    boundary: bytes | None = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise ValidationError(
            "`Content-Type` must be multipart/form-data with a boundary for `upload_file`"
        )
    return boundary


def _missing(other_parts: list[str]) -> ValidationError:
    names = f", not {', '.join(map(repr, other_parts[:_NAMED]))}" if other_parts else ""
    return ValidationError(f"`file` is required: a part of the form with this name{names}")


def too_large(limit: int | None = None) -> EntityTooLarge:
    """The documented error of a file that is too large, or of another body with its limit."""
    if limit is None:
        return EntityTooLarge("Upload limit exceeded (10MB).")
    return EntityTooLarge(f"the body must not have more than {limit:,} bytes")
