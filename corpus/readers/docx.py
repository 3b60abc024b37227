"""Word files (.docx, .docm and their templates).

The archive's parts are parsed safely (``docx_package``), styles tell headings from text
(``docx_styles``), paragraphs are read as they are shown (``docx_runs``), put in reading order with
text boxes and notes (``docx_story``) and made blocks (``docx_blocks``, ``docx_tables``).
"""

from __future__ import annotations

from corpus.document import BlockKind
from corpus.readers.base import Metadata, RawDocument, Unreadable
from corpus.readers.docx_blocks import document_blocks, running_parts
from corpus.readers.docx_layer import Layer
from corpus.readers.docx_meta import find_title, read_metadata
from corpus.readers.docx_package import Package, child
from corpus.readers.docx_story import Story
from corpus.readers.docx_styles import Styles


def read(data: bytes) -> RawDocument:
    """Read a Word file.

    Args:
        data: the bytes of the file.

    Returns:
        ``raw`` holds the text that is shown, a paragraph a line; running heads, feet and comments
        are left out.

    Raises:
        Unreadable: the file is broken, unpacks to too much, or holds no text.
    """
    package = Package(data)
    body = child(package.document(), "w:body")
    if body is None:
        raise Unreadable("is a Word file without its text", "Open it in Word, and save it again.")
    styles = Styles(package.related("styles"))
    parts = running_parts(Story(package, styles).parts(body), styles)
    core = package.core_properties()
    title = find_title(parts, styles, core)
    layer, metadata = Layer(), Metadata()
    blocks = document_blocks(parts, styles, layer, title, metadata)
    read_metadata(metadata, parts, styles, title, core)
    if not any(block.kind is not BlockKind.TITLE for block in blocks):
        raise Unreadable("is a Word file without text")
    return RawDocument(raw=layer.text, blocks=blocks, metadata=metadata, format="docx")
