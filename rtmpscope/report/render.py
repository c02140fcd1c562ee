"""Documents → HTML and Markdown, through templates that escape by default."""

from __future__ import annotations

import html

from rtmpscope.report.document import Document

_MARKDOWN_SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]()#+!|~$-"} | {"\n": " ", "\r": " "})


def render_html(document: Document) -> str:
    """The report as one HTML file that needs no network."""
    return _render("report.html.j2", document, autoescape=True)


def render_markdown(document: Document) -> str:
    """The report as one Markdown file, charts embedded."""
    return _render("report.md.j2", document, autoescape=False)


def _render(name: str, document: Document, *, autoescape: bool) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("rtmpscope.report"),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = markdown_text
    environment.filters["code"] = markdown_code
    text: str = environment.get_template(name).render(doc=document)
    return text


def markdown_text(text: str) -> str:
    """A text that Markdown and the HTML in it show as it is."""
    return html.escape(text.translate(_MARKDOWN_SPECIAL), quote=False)


def markdown_code(text: str) -> str:
    """A text for a code span: no backtick ends it early."""
    return text.replace("`", "'").replace("\n", " ")
