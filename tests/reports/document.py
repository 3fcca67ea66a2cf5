"""A page as a reader's program finds it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

from dagster_project.reports import swedish


class Document(HTMLParser):
    """Tables as lists of rows of cell texts by caption, every tag with its attributes, and the text of the whole."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: list[tuple[str, list[list[str]]]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)
        if tag == "table":
            self.tables.append(("", []))
        elif tag == "tr":
            self.tables[-1][1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][1][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        data = data.replace(swedish.SPACE, " ").replace(swedish.SOFT_HYPHEN, "")
        self.text += data
        if "caption" in self.open:
            caption, rows = self.tables[-1]
            self.tables[-1] = (caption + data, rows)
        elif "td" in self.open or "th" in self.open:
            self.tables[-1][1][-1][-1] += f"|{data.strip()}" if data.strip() else ""


def assert_readable_aloud(page: Document) -> None:
    """A screen reader finds the language, every table's caption and headings, and what each drawing shows."""
    assert ("html", {"lang": "sv"}) in page.tags
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in page.tags if tag == "th")
    captions = [caption for caption, _ in page.tables]
    assert all(captions)
    assert len(set(captions)) == len(captions)
    headings = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(headings))
    identities = [str(attrs["id"]) for _, attrs in page.tags if "id" in attrs]
    assert len(set(identities)) == len(identities)
    for tag, attrs in page.tags:
        if tag == "svg" and attrs.get("aria-hidden") != "true":
            assert attrs["role"] == "img"
        for identity in str(attrs.get("aria-labelledby") or "").split():
            assert identity in identities
