"""The collections of an index in Milvus: their fields, and by what they are found.

Every row has a number, a life (``since``, ``until``), the document that owns it, and data.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pymilvus import CollectionSchema

RECORDS, TEXTS, PASSAGES = "records", "texts", "passages"
TABLES = (RECORDS, TEXTS, PASSAGES)
"""What is known of documents and files; whole documents and their vectors; what is searched."""


def _records(schema: CollectionSchema, dimensions: int) -> Iterator[dict[str, Any]]:
    """The fields of the records: texts and numbers to find them by."""
    from pymilvus import DataType

    for field in ("kind", "a", "b", "c"):
        schema.add_field(field, DataType.VARCHAR, max_length=65_535)
        yield {"field_name": field, "index_type": "INVERTED"}
    schema.add_field("number", DataType.INT64)
    schema.add_field("keys", DataType.ARRAY, element_type=DataType.INT64, max_capacity=64)
    yield from _found_by_owner(schema, dimensions)


def _found_by_owner(schema: CollectionSchema, dimensions: int) -> Iterator[dict[str, Any]]:
    """The fields of whole documents. Milvus wants a vector in every collection."""
    from pymilvus import DataType

    yield {"field_name": "owner", "index_type": "INVERTED"}
    schema.add_field("part", DataType.INT64)
    schema.add_field("none", DataType.FLOAT_VECTOR, dim=2)
    yield {"field_name": "none", "index_type": "FLAT", "metric_type": "IP"}


def _searched(schema: CollectionSchema, dimensions: int) -> Iterator[dict[str, Any]]:
    """The fields of passages."""
    from pymilvus import DataType

    yield {"field_name": "owner", "index_type": "INVERTED"}
    for field in ("start", "end"):
        schema.add_field(field, DataType.INT64)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimensions)
    schema.add_field("terms", DataType.SPARSE_FLOAT_VECTOR)
    yield {"field_name": "vector", "index_type": "FLAT", "metric_type": "IP"}
    yield {"field_name": "terms", "index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP"}


FIELDS = {RECORDS: _records, TEXTS: _found_by_owner, PASSAGES: _searched}
"""Adds the fields of a collection to its schema, and gives its indexes."""
