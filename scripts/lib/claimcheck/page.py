# SPDX-License-Identifier: MIT
"""HTML pages: elements that escape what they hold, put into templates/.

One file a page: it can be mailed and filed, and needs no script.
"""

from __future__ import annotations

import pathlib
import string
import xml.etree.ElementTree as xml

TEMPLATES = pathlib.Path(__file__).parent / "templates"

Content = str | xml.Element


def node(tag: str, *content: Content, **attributes: str) -> xml.Element:
    """An element. An attribute that is a word of Python takes a trailing
    underscore: class_="missing"."""
    made = xml.Element(tag, {name.rstrip("_"): value
                             for name, value in attributes.items()})
    for part in content:
        if isinstance(part, str):
            add_text(made, part)
        else:
            made.append(part)
    return made


def add_text(parent: xml.Element, text: str) -> None:
    """Text after what the element holds so far."""
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def table(head: list[Content], rows: list[xml.Element],
          **attributes: str) -> xml.Element:
    """A table; a head that is a string is a cell of its own."""
    cells = [node("th", cell) if isinstance(cell, str) else cell
             for cell in head]
    return node("table", node("thead", node("tr", *cells)),
                node("tbody", *rows), **attributes)


def page(title: str, *content: Content) -> str:
    """The whole file."""
    template = string.Template((TEMPLATES / "page.html").read_text("utf-8"))
    return template.substitute(
        title=xml.tostring(node("t", title), "unicode", "html")[3:-4],
        style=(TEMPLATES / "page.css").read_text("utf-8").strip(),
        body=xml.tostring(node("body", *content), "unicode", "html"))
