"""The collections of an index in Milvus, and asking them: nothing of documents is known here.

A row says from which revision on it counts (``since``) and from which on no more (``until``), and
is never changed but for its end. What a revision holds is told by these two numbers alone.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import numpy as np

from index.base import Closing, IndexProblem
from index.milvus_schema import FIELDS, PASSAGES, TABLES, TEXTS
from index.milvus_turn import CALL_SECONDS, Turn, sentence

if TYPE_CHECKING:
    from pymilvus import MilvusClient

    from index.location import Address

LIVE = 1 << 62
"""The end of a row that has none."""

LONGEST = 65_000
"""Bytes of a text in one row; Milvus takes 65,535."""

MOST = 16_384
"""Rows that Milvus gives at once, and candidates of one search."""

CONNECT_SECONDS = 10.0
LOAD_SECONDS = 1800.0
"""How long a server is waited for: to be met, to have an index ready."""

_ARROW = b"ARROW1"

_AT_ONCE = 500
# Its client asks every ten seconds whether the server is there; servers cut off who asks so often.
_CHANNEL = {"grpc.keepalive_time_ms": 600_000, "grpc.keepalive_permit_without_calls": False}

Row = dict[str, Any]
Item = TypeVar("Item")

_users: Counter[str] = Counter()
_users_lock = threading.Lock()


class Tables(Closing):
    """A connection to the collections of one index. Usable from any thread.

    Args:
        address: where they lie.

    Raises:
        IndexProblem: nobody answers there, or Milvus's client is not installed.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self._open = True
        if address.file is not None:
            _make_folder(address)
        with _users_lock:
            self._client = _connected(address)
            _users[address.uri] += 1
        self._turn = Turn(self._client, self.name("writer"), address.shown)

    def close(self) -> None:
        """End the connection; the last one gives a file of Milvus Lite back."""
        with _users_lock:
            if not self._open:
                return
            self._open = False
            _users[self.address.uri] -= 1
            if self.address.file is None or _users[self.address.uri]:
                return
            self._client.close()
            from milvus_lite.server_manager import server_manager_instance

            server_manager_instance.release_server(self.address.uri)

    def there(self) -> bool:
        """Whether the collections have been made, all of them."""
        with self._asking():
            return all(
                self._client.has_collection(self.name(table), timeout=CALL_SECONDS)
                for table in TABLES
            )

    def load(self) -> None:
        """Have the collections ready to be asked, which takes their server a while."""
        for table in TABLES:
            with self._asking():
                self._client.load_collection(self.name(table), timeout=LOAD_SECONDS)

    def make(self, dimensions: int) -> None:
        """Make the collections that are missing.

        Args:
            dimensions: length of a vector.
        """
        from pymilvus import DataType, MilvusClient

        for table in TABLES:
            with self._asking():
                if self._client.has_collection(self.name(table), timeout=CALL_SECONDS):
                    continue
                schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
                schema.add_field("row", DataType.INT64, is_primary=True)
                for field in ("since", "until", "owner"):
                    schema.add_field(field, DataType.INT64)
                schema.add_field("data", DataType.VARCHAR, max_length=65_535)
                params = MilvusClient.prepare_index_params()
                for index in FIELDS[table](schema, dimensions):
                    params.add_index(**index)
                self._client.create_collection(
                    self.name(table), schema=schema, consistency_level="Strong"
                )
                # Waiting for each index costs half a second; loading waits for all.
                self._client.create_index(self.name(table), params, sync=False)
        self.load()

    def name(self, table: str) -> str:
        """The name of a collection."""
        return f"{self.address.name}_{table}"

    def rows(self, table: str, condition: str, fields: Sequence[str]) -> list[Row]:
        """All rows for which a condition holds, by their number.

        Args:
            table: which collection.
            condition: in Milvus's language.
            fields: what to give of each, beside its number.
        """
        wanted = list({"row": None, **dict.fromkeys(fields)})
        with self._asking():
            found = self._client.query(
                self.name(table),
                filter=condition,
                output_fields=wanted,
                limit=MOST,
                timeout=CALL_SECONDS,
            )
            if len(found) >= MOST:
                pages = self._client.query_iterator(
                    self.name(table),
                    filter=condition,
                    output_fields=wanted,
                    batch_size=1000,
                    timeout=CALL_SECONDS,
                )
                found = [row for page in iter(pages.next, []) for row in page]
                pages.close()
        return sorted(({key: row[key] for key in wanted} for row in found), key=_number)

    def rows_of(
        self,
        table: str,
        field: str,
        values: Collection[int] | Collection[str],
        rest: str,
        fields: Sequence[str],
    ) -> list[Row]:
        """All rows of which a field is among ``values`` and a condition holds."""
        found: list[Row] = []
        every: list[int | str] = [*values]
        for some in parts(every, _AT_ONCE):
            found += self.rows(table, f"{field} in {listed(some)} and {rest}", fields)
        return found

    def count(self, table: str, condition: str) -> int:
        """For how many rows a condition holds."""
        with self._asking():
            found = self._client.query(
                self.name(table), filter=condition, output_fields=["count(*)"], timeout=CALL_SECONDS
            )
        return int(found[0]["count(*)"])

    def put(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows."""
        for some in parts(rows, _AT_ONCE if table != TEXTS else 50):
            with self._asking():
                self._client.insert(self.name(table), list(some), timeout=CALL_SECONDS)

    def end(self, table: str, rows: Collection[int], until: int) -> None:
        """Let rows count until a revision and no longer."""
        for some in parts(sorted(rows), _AT_ONCE):
            changes = [{"row": row, "until": until} for row in some]
            with self._asking():
                self._client.upsert(
                    self.name(table), changes, timeout=CALL_SECONDS, partial_update=True
                )

    def delete(self, table: str, condition: str) -> None:
        """Delete rows for good."""
        with self._asking():
            self._client.delete(self.name(table), filter=condition, timeout=CALL_SECONDS)

    def nearest(
        self, field: str, vector: list[float] | dict[int, float], condition: str, count: int
    ) -> list[tuple[int, float]]:
        """Numbers and inner products of the passages nearest to a vector, the nearest first."""
        with self._asking():
            (found,) = self._client.search(
                self.name(PASSAGES),
                data=[vector],
                anns_field=field,
                filter=condition,
                limit=min(count, MOST),
                search_params={"metric_type": "IP"},
                timeout=CALL_SECONDS,
            )
        return [(int(hit["row"]), float(hit["distance"])) for hit in found]

    def flush(self) -> None:
        """Have Milvus Lite put what is in memory into its indexes; a server knows when."""
        if self.address.file is not None:
            for table in TABLES:
                with self._asking():
                    self._client.flush(self.name(table))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only writer for a block. A file of Milvus Lite belongs to one process anyway."""
        if self.address.file is not None:
            yield
            return
        with self._asking(), self._turn.taken():
            yield

    def may_write(self) -> bool:
        """Whether this still is the only writer: it may have been taken for dead."""
        if self.address.file is not None:
            return True
        with self._asking():
            return self._turn.mine()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        from grpc import RpcError
        from pymilvus import MilvusException

        try:
            yield
        except (MilvusException, RpcError) as error:
            raise IndexProblem(
                f"The index {self.address.shown} does not answer: {sentence(error)}"
            ) from error


def text(value: str) -> str:
    """A text as it is stored and asked for: ASCII without quotes, equal for equal texts only."""
    return quote(value, safe="/ ")


def parts(values: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """A sequence in parts of at most ``size``."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def listed(values: Sequence[int | str]) -> str:
    """Numbers, or texts that :func:`text` gave, as a list in Milvus's language."""
    return f"[{', '.join(str(v) if isinstance(v, int) else _quoted(v) for v in values)}]"


def is_text(field: str, value: str) -> str:
    """The condition that a field is this text."""
    return f"{field} == {_quoted(text(value))}"


def at(revision: int) -> str:
    """The condition that a row counts in a revision."""
    return f"since <= {revision} and until > {revision}"


def _quoted(value: str) -> str:
    return f'"{value}"'


def _number(row: Mapping[str, Any]) -> int:
    return int(row["row"])


def _connected(address: Address) -> MilvusClient:
    # What gRPC has to say of a connection is said by the error that it leads to.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        from pymilvus import MilvusClient, MilvusException

        if address.file is not None:
            import milvus_lite  # noqa: F401
    except ImportError:
        raise IndexProblem(
            f"The index {address.shown} needs Milvus's client: pip install 'pincite[milvus]'."
        ) from None
    # It writes each error down with its traceback, and then raises it.
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
    logging.getLogger("milvus_lite").setLevel(logging.CRITICAL)
    try:
        if address.file is not None:
            # What may not be read or deleted here, Milvus Lite will say itself.
            with suppress(OSError):
                mend(address.file)
        return MilvusClient(
            address.uri, timeout=CONNECT_SECONDS, dedicated=True, grpc_options=_CHANNEL
        )
    except MilvusException as error:
        if address.file is not None:
            raise IndexProblem(
                f"The index {address.shown} cannot be opened: another process uses it, or it is "
                "not a file of this Milvus Lite."
            ) from error
        raise IndexProblem(
            f"The index {address.shown} cannot be reached: no Milvus server answers at "
            f"{address.uri.removeprefix('http://')}."
        ) from error


def mend(folder: Path) -> None:
    """Delete what a kill left half written of the indexes over fields in a file of Milvus Lite.

    Milvus Lite writes them in place and refuses the whole collection where one is cut off; where
    one is missing, it makes it anew from the rows.
    """
    for ending, whole in ((".sidx", _whole_words), (".idx", _whole_vectors)):
        for file in folder.glob(f"collections/*/partitions/*/indexes/*{ending}"):
            if not whole(file):
                file.unlink()


def _whole_words(file: Path) -> bool:
    """Whether an index over words, one of Arrow's files, is there to its end, which it marks."""
    with file.open("rb") as bytes_of:
        bytes_of.seek(max(0, file.stat().st_size - len(_ARROW)))
        return bytes_of.read() == _ARROW


def _whole_vectors(file: Path) -> bool:
    """Whether an index over vectors, an array as numpy stores it, is there to its end."""
    try:
        np.load(file, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError):  # EOFError where it is empty
        return False
    return True


def _make_folder(address: Address) -> None:
    if address.file is not None:
        try:
            address.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IndexProblem(
                f"The index {address.shown} cannot be made: {error.strerror}."
            ) from error
