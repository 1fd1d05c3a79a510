"""Files: upload."""

from typing import NamedTuple

from frontdesk.actions import UploadFile
from frontdesk.models import UploadedFile
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import assumed, documented
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import uploaded_files
from frontdesk.sandbox.world.world import World

__all__ = ["Upload", "upload_file"]


class Upload(NamedTuple):
    """A file of a form; ``content_type`` is empty when the form names none that is valid."""

    name: str
    content_type: str
    content: bytes


@handles(
    UploadFile,
    rules=(
        documented(
            "10 MB at most (`entity_too_large`), no executables; the URL expires after 24"
            " hours unless an event uses it."
        ),
        assumed(
            "10 MB are 10 * 2**20 bytes; executables are known by name and first bytes; "
            "`validation` is the error for them and for empty files."
        ),
        assumed("Files are at an address of the sandbox; thumbnails are the image itself."),
    ),
)
def upload_file(world: World, requester: Requester, action: UploadFile | Upload) -> UploadedFile:
    """Keep a file; over HTTP it comes in a form, with a name."""
    upload = Upload("", "", action.file) if isinstance(action, UploadFile) else action
    file = uploaded_files.upload(
        world,
        name=upload.name,
        content=upload.content,
        content_type=upload.content_type,
        uploaded_by=requester.id,
    )
    return UploadedFile(url=file.url)
