"""Archived chats as tables: read them, export them, load them elsewhere, report on them."""

from frontdesk.extras import importing_extra

with importing_extra("archives", "frontdesk.archives"):
    import pyarrow as pa

from frontdesk.archives.downloads import Downloads, files_folder
from frontdesk.archives.erasure import Erasure, erase_customer
from frontdesk.archives.frames import to_arrow, to_pandas, to_polars
from frontdesk.archives.pages import ArchivePage, Job, Position, State
from frontdesk.archives.plan import Plan, PlannedWindow, make_job, plan, plan_async
from frontdesk.archives.pseudonyms import Pseudonyms
from frontdesk.archives.query import connect
from frontdesk.archives.reader import read_archives, read_archives_async
from frontdesk.archives.run import Progress, Summary, export, export_async
from frontdesk.archives.tables import SCHEMA_VERSION, TABLES, Column, Table
from frontdesk.archives.targets.base import Target
from frontdesk.archives.targets.open import open_target

_ = pa  # every module of the package needs it; here the error says how to get it

__all__ = [
    "SCHEMA_VERSION",
    "TABLES",
    "ArchivePage",
    "Column",
    "Downloads",
    "Erasure",
    "Job",
    "Plan",
    "PlannedWindow",
    "Position",
    "Progress",
    "Pseudonyms",
    "State",
    "Summary",
    "Table",
    "Target",
    "connect",
    "erase_customer",
    "export",
    "export_async",
    "files_folder",
    "make_job",
    "open_target",
    "plan",
    "plan_async",
    "read_archives",
    "read_archives_async",
    "to_arrow",
    "to_pandas",
    "to_polars",
]
