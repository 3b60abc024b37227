"""How the web page looks: the theme of Gradio's own parts, and where style and script are."""

from __future__ import annotations

from pathlib import Path

from gradio.themes import Base, Color

WEB = Path(__file__).parent
STYLES = [WEB / "pincite.css", *sorted(p for p in WEB.glob("*.css") if p.stem != "pincite")]
"""The common style first, then each tab's own."""
SCRIPT = WEB / "pincite.js"
LIVE = WEB / "live.js"
FAVICON = WEB / "favicon.svg"

# Plain names only: a gradio Font object could make the page ask a font server.
SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, monospace"

INK = Color(
    name="ink",
    c50="#f4f7f7",
    c100="#e3eceb",
    c200="#c5d8d8",
    c300="#97bcbd",
    c400="#5c9799",
    c500="#2f7678",
    c600="#14606a",
    c700="#0e5059",
    c800="#0d4149",
    c900="#0c363d",
    c950="#06222a",
)
PAPER = Color(
    name="paper",
    c50="#fbfaf7",
    c100="#f4f2ec",
    c200="#e6e2d8",
    c300="#d2ccbe",
    c400="#a39d90",
    c500="#767168",
    c600="#58544d",
    c700="#3c4247",
    c800="#262d32",
    c900="#1a2025",
    c950="#12171b",
)


def theme() -> Base:
    """Make the theme: paper and ink, one accent, light and dark as the system is set."""
    look = Base(primary_hue=INK, secondary_hue=INK, neutral_hue=PAPER, text_size="md")
    look.name = "pincite"
    look.font, look.font_mono = SANS, MONO
    look.set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        body_text_color="#1d2a31",
        body_text_color_dark="#e3e7e8",
        body_text_color_subdued="#5d676d",
        body_text_color_subdued_dark="#9aa5ab",
        background_fill_primary="white",
        background_fill_primary_dark="*neutral_900",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        block_border_width="1px",
        block_border_color="*neutral_200",
        block_border_color_dark="*neutral_800",
        block_shadow="none",
        border_color_primary="*neutral_200",
        border_color_primary_dark="#2e373d",
        input_background_fill="white",
        input_background_fill_dark="*neutral_900",
        input_border_color="*neutral_300",
        input_border_color_dark="#3a444b",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="#9aa5ab",
        input_border_color_focus="*primary_500",
        input_border_color_focus_dark="*primary_400",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_500",
        button_primary_background_fill_hover_dark="*primary_400",
        button_primary_text_color="white",
        button_secondary_background_fill="white",
        button_secondary_background_fill_dark="*neutral_900",
        button_secondary_border_color="*neutral_300",
        button_secondary_border_color_dark="#3a444b",
    )
    return look
