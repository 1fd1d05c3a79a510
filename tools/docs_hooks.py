"""What the documentation's build adds: the descriptions of the APIs, rendered as it runs."""

from typing import Any

from mkdocs.structure.files import File, Files

from frontdesk.sandbox.describe.asyncapi import asyncapi_text
from frontdesk.sandbox.describe.openapi import openapi_text


def on_files(files: Files, config: Any) -> Files:
    """Add the OpenAPI and AsyncAPI documents beside the reference."""
    files.append(File.generated(config, "reference/openapi.json", content=openapi_text()))
    files.append(File.generated(config, "reference/asyncapi.json", content=asyncapi_text()))
    return files
