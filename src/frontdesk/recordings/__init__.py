"""Recordings of an application's traffic: made safe to share, read, and replayed.

``Recorder`` writes one, ``RecordingTransport`` and ``AsyncRecordingTransport`` feed it from
clients, ``recording_proxy`` from programs of any language; ``read_corpus`` reads one.
"""

from frontdesk.recordings.corpus import (
    Corpus,
    IncompleteRecording,
    RecordingError,
    read_corpus,
)
from frontdesk.recordings.proxy import recording_proxy
from frontdesk.recordings.recorder import Recorder
from frontdesk.recordings.replay_server import ReplayServer
from frontdesk.recordings.transports import AsyncRecordingTransport, RecordingTransport

__all__ = [
    "AsyncRecordingTransport",
    "Corpus",
    "IncompleteRecording",
    "Recorder",
    "RecordingError",
    "RecordingTransport",
    "ReplayServer",
    "read_corpus",
    "recording_proxy",
]
