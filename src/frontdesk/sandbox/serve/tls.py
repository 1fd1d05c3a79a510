"""A certificate for the sandbox, for clients that speak TLS only."""

from pathlib import Path
from typing import NamedTuple

import trustme

__all__ = ["Certificate", "make_certificate"]

NAMES = ("localhost", "127.0.0.1", "::1")


class Certificate(NamedTuple):
    """Files in PEM: the authority for clients to trust, the server's chain and its key."""

    authority: Path
    chain: Path
    key: Path


def make_certificate(folder: Path, *hosts: str) -> Certificate:
    """Write a new authority and a certificate of it.

    Args:
        folder: where to write; only the sandbox should be able to read it.
        hosts: names and addresses to be valid for, besides localhost and the loopback addresses.
    """
    authority = trustme.CA(organization_name="frontdesk sandbox")
    issued = authority.issue_cert(*dict.fromkeys((*hosts, *NAMES)))
    files = Certificate(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    authority.cert_pem.write_to_path(files.authority)
    files.chain.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(files.key)
    files.key.chmod(0o600)
    return files
