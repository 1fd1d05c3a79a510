"""Files: upload."""

from typing import NamedTuple

from frontdesk.actions import UploadFile
from frontdesk.models import UploadedFile
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import files
from frontdesk.sandbox.world.world import World

__all__ = ["Upload", "upload_file"]


class Upload(NamedTuple):
    """A file of a form; ``content_type`` is empty when the form names none that is valid."""

    name: str
    content_type: str
    content: bytes


@handles(
    UploadFile,
    fidelity="assumed",
    note="Assumed: 10 MB are 10 * 2**20 bytes; executables are recognised by their name and first "
    "bytes and refused with `validation`, as are empty files. Files are served at an address of "
    "the sandbox; thumbnails are the image itself.",
)
def upload_file(world: World, requester: Requester, action: UploadFile | Upload) -> UploadedFile:
    """Keep a file; over HTTP it comes in a form, with a name."""
    upload = Upload("", "", action.file) if isinstance(action, UploadFile) else action
    file = files.upload(
        world,
        name=upload.name,
        content=upload.content,
        content_type=upload.content_type,
        uploaded_by=requester.id,
    )
    return UploadedFile(url=file.url)
