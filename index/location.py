"""Where an index lies: a folder, a Milvus server, or a file of Milvus Lite.

- ``.pincite``: a folder;
- ``milvus://HOST:PORT/NAME``: the index NAME on a server;
- ``milvus:FILE.db``: a file of Milvus Lite, which one process at a time may use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from index.base import IndexProblem
from index.schema import STORE_NAME

# pathlib makes one slash of two, and a command line gives paths.
_MILVUS = re.compile(r"milvus:(.*)", re.DOTALL)
_SERVER = re.compile(r"/{1,2}([^/:@\s]+|\[[0-9a-fA-F:]+\]):(\d{1,5})/([A-Za-z_][A-Za-z0-9_]{0,63})")
_FILE_NAME = "pincite"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an index lies in Milvus.

    Attributes:
        uri: what Milvus's client connects to.
        name: what the index's collections are named by.
        shown: as the person writes it.
        file: the file, of Milvus Lite.
    """

    uri: str
    name: str
    shown: str
    file: Path | None = None


def milvus_address(location: str | Path) -> Address | None:
    """The address in Milvus that a location names; None where it is a folder.

    Raises:
        IndexProblem: it begins like one and is none.
    """
    named = _MILVUS.fullmatch(str(location))
    if named is None:
        return None
    rest = named[1]
    if server := _SERVER.fullmatch(rest):
        host, port, name = server.groups()
        if 0 < int(port) < 65536:
            return Address(f"http://{host}:{port}", name, f"milvus://{host}:{port}/{name}")
    elif Path(rest).suffix == ".db":
        file = Path(re.sub("^/+", "/", rest)).absolute()
        return Address(str(file), _FILE_NAME, f"milvus:{file}", file)
    raise IndexProblem(
        f"{location} is no address of an index: write milvus://HOST:PORT/NAME for a Milvus server "
        "(NAME of letters, digits and _), or milvus:FILE.db for a file of Milvus Lite."
    )


def shown(location: str | Path) -> str:
    """A location as a person writes it."""
    address = milvus_address(location)
    return str(location) if address is None else address.shown


def beside(location: str | Path) -> Path:
    """The folder on this machine for what is kept beside an index: its calibration, uploads.

    Raises:
        IndexProblem: the location begins like an address in Milvus and is none.
    """
    address = milvus_address(location)
    if address is None:
        return Path(location)
    if address.file is not None:
        return address.file.with_name(f".{address.file.name}.pincite")
    host_and_port = re.sub(r"[^A-Za-z0-9.-]", "-", address.uri.removeprefix("http://"))
    return Path(".pincite") / "milvus" / f"{host_and_port}-{address.name}"


def missing(location: str | Path) -> bool:
    """Whether there surely is no index: opening it would make an empty one.

    Raises:
        IndexProblem: a server that cannot be reached, or no address.
    """
    address = milvus_address(location)
    if address is None:
        return not (Path(location) / STORE_NAME).is_file()
    if address.file is not None and not address.file.exists():
        return True
    from index.milvus_tables import Tables

    with Tables(address) as tables:
        return not tables.there()
