"""What all sections are made of."""

from __future__ import annotations

from collections.abc import Iterable

from sweep.results.report.html import Html, Part, element


def section(name: str, title: str, *parts: Part | Iterable[Part], command: str = "", lead: str = "") -> Html:
    """Return a section of the page.

    Args:
        name: its anchor.
        command: what makes it again; '' shows none.
        lead: a sentence below the title.
    """
    head = element("h2", title, id=f"{name}-title")
    said = element("p", lead, class_="lead") if lead else None
    foot = again(command) if command else None
    return element("section", head, said, *parts, foot, id=name, aria_labelledby=f"{name}-title")


def again(command: str, what: str = "Make this again") -> Html:
    """Return a command with a button that copies it."""
    button = element("button", "copy", type="button", class_="copy", hidden=True, aria_label=f"Copy: {command}")
    return element("div", element("span", what, class_="what"), element("code", command), button, class_="again")


def plot(name: str, told: str, title: str = "", height: int = 0) -> Html:
    """Return the place of a figure.

    Args:
        name: of the figure among the data of the page.
        told: what it shows, for those who do not see it.
        height: in pixels, so that nothing moves when it is drawn.
    """
    caption = element("figcaption", title) if title else None
    place = element("div", class_="plot", data_figure=name, role="img", aria_label=told, style=f"min-height:{height}px")
    return element("figure", caption, place)


def notes(texts: Iterable[str]) -> Html | None:
    """Return small print; None if there is none."""
    kept = [text for text in texts if text]
    return element("p", " · ".join(kept), class_="note") if kept else None


def facts(pairs: Iterable[tuple[str, Part | Iterable[Part]]]) -> Html:
    """Return names and what they stand for."""
    return element("dl", (element("div", element("dt", name), element("dd", value)) for name, value in pairs))
