"""Which parts of a web page are its text, and which are furniture: menus, banners, buttons.

Elements go for what they are (``nav``, ``role="search"``, hidden ones), for what they are called
(class and id names that publishers, PubMed, PMC and MediaWiki use), or because they hold links and
little else. Names can mislead, so a named part that holds most of the page's prose stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from corpus.readers.base import Piece
from corpus.readers.html_tree import HEADINGS, VOID, Node

_INVISIBLE = frozenset(
    "script style noscript template svg object embed applet iframe noembed noframes canvas audio "
    "video map datalist xmp annotation annotation-xml title meta link".split()
)
_CONTROLS = frozenset(
    "nav footer aside button select textarea input label dialog menu option".split()
)
_ROLES = frozenset(
    "navigation banner contentinfo search complementary menu menubar toolbar dialog alertdialog "
    "button tablist note tooltip".split()
)
_MENU_NAME = re.compile(
    r"(?:(?:site|page|global|main|top|bottom|left|right|side|sub|sec|local|usa|ncbi|pmc|mega|mobile|"
    r"primary|secondary|vector|mw)?[-_]?(?:nav|navbar|navigation|menu|side-?bar|toolbar|masthead|"
    r"topbar|footer|breadcrumbs?)(?:[-_]?(?:wrapper|container|inner|list|block|panel|links?|items?))?"
    r"|(?:share|social)[-_](?:links?|buttons?|bar|icons?|media|list|tools?|menu|block)"
    r"|(?:login|log-in|sign-?in|signup|register|account)(?:[-_](?:form|box|link|panel|menu|bar))?"
    r"|search(?:[-_]?(?:form|box|bar|field|container|wrapper))?"
    r"|comments?(?:[-_](?:area|list|form|section))?|(?:site|global|ncbi|usa)[-_]header"
    r"|dropdown-(?:block|container|menu)|screen-?reader(?:-only|-text)?)",
    re.IGNORECASE,
)
_NAMES = frozenset(
    "skip share sharing social pagination pager paging page-numbers ad ads advertisement respond "
    "access-keys accesskeys noprint no-print sr-only visually-hidden visuallyhidden usa-sr-only "
    "mw-jump-link mw-indicators catlinks printfooter hatnote toc mw-toc ambox mw-cite-backlink "
    "sitesub contentsub contentsub2 sistersitebox side-box metadata authority-control z3988 "
    "figure-viewer-link article-actions actions actions-buttons table-of-contents modal popup "
    "tooltip overlay permissions cookie cookies consent promo related similar subscribe".split()
)
_NAME_BEGINNINGS = (
    *(
        "usa-banner",
        "usa-skip",
        "skip-nav",
        "skipnav",
        "skip-link",
        "skiplink",
        "skip-to",
        "advert",
    ),
    *("cookie-", "gdpr", "consent-", "onetrust", "ad-", "sponsored", "promo-", "newsletter"),
    *(
        "subscribe-",
        "subscription",
        "disqus",
        "related-",
        "similar-articles",
        "citedby",
        "cited-by",
    ),
    *(
        "recommended",
        "most-read",
        "most-viewed",
        "most-cited",
        "linkout",
        "mw-editsection",
        "navbox",
    ),
    *("mw-authority-control", "short-view", "full-text-links", "figpopup", "disclaimer-banner"),
)
_MARKER_HREF = re.compile(
    r"#(?:.*[-_:])?(?:ref|cite|cit|bib|bibr|b|r|cr|fn|en|note)[-_.]?[a-z]?\d", re.IGNORECASE
)
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HELD = HEADINGS | {"table"}
_LISTS = frozenset({"ul", "ol", "dl", "dir"})
REFERENCE_NAMES = re.compile(
    r"(?:^|\s)(?:references?|reference-?list|references-list|refs-list|ref-list\S*|reflist\S*|bibliography|"
    r"citation-list|biblist|ltx_bibliography|c-article-references\S*|doc-bibliography|doc-endnotes)(?=\s|$)",
    re.IGNORECASE,
)
"""Class, id and role names of reference lists."""

_ENOUGH = 500  # characters of text that make a marked main part the page's text


def names(node: Node) -> str:
    """The element's class names and id, a space apart."""
    return f"{node.attributes.get('class', '')} {node.attributes.get('id', '')}"


def strip_page(page: Node, source: str) -> None:
    """Take everything out of the tree that is not the page's text."""
    _prune(page, _is_invisible)
    measure(page, source)
    _prune(page, _is_control)
    measure(page, source)
    whole = page.size - page.links

    def named_furniture(node: Node) -> bool:
        if node.tag in ("body", "html", "main", "article", "head", "table", "td", "tr", "tbody"):
            return node.tag == "table" and _is_named(node)
        if not (node.tag == "form" or _is_named(node)) or _is_reference_list(node):
            return False
        return node.size - node.links <= whole / 2 and not _holds(node, {"main", "article"})

    _prune(page, named_furniture)
    measure(page, source)
    _prune(page, _is_link_list)
    measure(page, source)


def main_part(page: Node) -> Node:
    """The element to read: the marked main part where it holds enough text, else the body."""
    body = next((n for n in page.elements() if n.tag == "body"), page)
    part = body
    for tests in (_is_main, _is_article):
        found = [n for n in part.elements() if tests(n)]
        best = max(found, key=lambda n: n.size, default=None)
        # Inside a marked main part an article must hold nearly all: it may be one of many.
        share = 0.5 if part is body else 0.7
        if best is not None and (
            best.size > share * part.size or (part is body and best.size > _ENOUGH)
        ):
            part = best
    return part


def measure(page: Node, source: str) -> None:
    """Note for every element how many visible characters it holds, and how many inside links."""
    for node in reversed(list(page.elements())):
        if node.own < 0:
            runs = (
                c.text or source[c.start : c.end] for c in node.children if isinstance(c, Piece)
            )
            node.own = sum(len("".join(run.split())) for run in runs)
        inner = [child for child in node.children if isinstance(child, Node)]
        node.size = node.own + sum(child.size for child in inner)
        linked = node.tag == "a" and "href" in node.attributes
        node.links = node.size if linked else sum(child.links for child in inner)


def _prune(page: Node, unwanted: Callable[[Node], bool]) -> None:
    stack = [page]
    while stack:
        node = stack.pop()
        kept: list[Node | Piece] = []
        for child in node.children:
            if isinstance(child, Node):
                if unwanted(child):
                    continue
                stack.append(child)
            kept.append(child)
        node.children = kept


def _is_invisible(node: Node) -> bool:
    attributes = node.attributes
    if node.tag in ("body", "html"):
        return False
    if node.tag in _INVISIBLE or _is_reference_marker(node):
        return True
    if "mwe-math-mathml" in attributes.get("class", ""):
        return False  # hidden in favour of a picture, but the only text of a formula
    if attributes.get("aria-hidden", "").lower() == "true":
        return True
    if "hidden" in attributes and attributes["hidden"].lower() != "until-found":
        return True
    return bool(_NOT_SHOWN.search(attributes.get("style", "")))


def _is_reference_marker(node: Node) -> bool:
    """A raised link to the reference list, "[12]": no word of the sentence that carries it."""
    if node.tag != "sup":
        return False
    if re.search(r"(?:^|\s)(?:reference|noprint|Inline-Template|xref|ref)(?:\s|$)", names(node)):
        return True
    links = [n for n in node.elements() if n.tag == "a"]
    return bool(links) and all(_MARKER_HREF.search(n.attributes.get("href", "")) for n in links)


def _is_control(node: Node) -> bool:
    if node.tag in ("body", "html", "main", "article"):
        return False
    if node.tag == "header":
        return not _holds(node, {"h1"})
    roles = set(node.attributes.get("role", "").lower().split())
    if node.tag in _CONTROLS:
        return not (node.tag == "label" and node.size > 200)
    if "banner" in roles and _holds(node, {"h1"}):
        return False
    return bool(roles & _ROLES)


def _is_named(node: Node) -> bool:
    if node.tag in HEADINGS | VOID:
        return False
    return any(
        name in _NAMES or name.startswith(_NAME_BEGINNINGS) or _MENU_NAME.fullmatch(name)
        for name in names(node).lower().split()
    )


def _is_reference_list(node: Node) -> bool:
    return bool(REFERENCE_NAMES.search(names(node)))


def _is_link_list(node: Node) -> bool:
    """A list or box of links and little else; reference lists are full of links and stay."""
    if node.tag not in _LISTS | {"div", "section", "p", "center"} or not node.size:
        return False
    if node.links < 0.8 * node.size or (node.tag not in _LISTS and node.links < 0.9 * node.size):
        return False
    inner = list(node.elements())
    lists = node.tag != "p"  # a paragraph of links under an entry is none
    if any((lists and _is_reference_list(n)) or n.tag in _HELD for n in inner):
        return False
    count = sum(n.tag == "a" for n in inner)
    # One long linked sentence is text that happens to be a link; short ones are labels.
    return node.size < 60 * count


def _is_main(node: Node) -> bool:
    return node.tag == "main" or node.attributes.get("role", "").lower() == "main"


def _is_article(node: Node) -> bool:
    return (
        node.tag == "article"
        or node.attributes.get("role", "").lower() == "article"
        or (node.attributes.get("itemprop", "").lower() == "articlebody")
    )


def _holds(node: Node, tags: set[str]) -> bool:
    return any(n.tag in tags for n in node.elements())
