"""HTML: saved web pages and articles.

The source is cut into tags and text with exact places (``html_tokens``), built into a tree as a
browser would (``html_tree``), rid of menus and banners (``html_furniture``) and read block by block
(``html_blocks``, ``html_tables``).
"""

from __future__ import annotations

from corpus.document import BlockKind
from corpus.readers.base import RawDocument, Unreadable
from corpus.readers.html_blocks import mark_front, page_blocks
from corpus.readers.html_furniture import main_part, strip_page
from corpus.readers.html_meta import agrees, find_title, read_metadata
from corpus.readers.html_tree import parse
from corpus.readers.superscript import raise_powers


def read(text: str) -> RawDocument:
    """Read a web page.

    Args:
        text: the decoded source; ``RawDocument.raw`` is exactly this text.

    Returns:
        The page's text as blocks, without its furniture, and what its ``meta`` elements state.

    Raises:
        Unreadable: the page holds no text of its own.
    """
    page = parse(text)
    metadata = read_metadata(page, text)
    strip_page(page, text)
    raise_powers(page, text)
    part = main_part(page)
    title = find_title(page, part, metadata.title, text)
    blocks = page_blocks(part, title, text)
    if metadata.doi or metadata.pmid or metadata.journal:
        blocks = mark_front(blocks, text, metadata)
    if not any(block.kind is not BlockKind.TITLE for block in blocks):
        raise Unreadable(
            "is a web page without text of its own",
            "Open it in a browser, wait until the article shows, and save the complete page.",
        )
    if title is not None:
        heading = title.text(text)
        if metadata.title is None or agrees(heading, metadata.title):
            metadata.title = heading
    return RawDocument(raw=text, blocks=blocks, metadata=metadata, format="html")
