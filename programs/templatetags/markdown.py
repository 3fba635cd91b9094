"""The committee's texts are Markdown: turned into HTML here, and cleaned, in the one place that does it."""

import re

import nh3
from django import template
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

register = template.Library()

TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "a", "h3", "h4", "h5", "h6", "blockquote", "code", "hr"}
ATTRIBUTES = {"a": {"href", "title"}, "ul": {"class"}}
SCHEMES = {"http", "https", "mailto"}
MARKDOWN = MarkdownIt("commonmark", {"html": False})


@register.filter
def markdown(text: str, list_class: str = "") -> str:
    """A text of the committee as HTML. Headings begin at h3, below the page's own; lists may get a class of ours."""
    tokens = MARKDOWN.parse(text or "")
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
        elif token.type == "bullet_list_open" and list_class:
            token.attrSet("class", list_class)
    html = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    # Safe because nh3 has just taken out everything that is not in the three lists above.
    return SafeString(nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener"))


@register.filter
def markdown_words(text: str) -> str:
    """The same text for a plain mail: as it was typed, without the stars, a link as its words and its address."""
    text = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", r"\1: \2", (text or "").strip())
    return re.sub(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
