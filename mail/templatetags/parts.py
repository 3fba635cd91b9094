"""The parts of a mail's HTML, rows of mail/base.html: every colour inline, so that a mail holds without style sheets."""

import re

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe

register = template.Library()
OPENING = re.compile(r"<(p|ul|ol|li|a)(?=[ >])([^>]*>)")

SERIF = "'Iowan Old Style','Palatino Linotype',Palatino,P052,Georgia,serif"
SANS = "-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif"
INK, MUTED, ACCENT, LINE, EDGE, PAPER = "#1d2429", "#56616a", "#0b5c6b", "#e3dfd6", "#8b8f8f", "#fbfaf7"


@register.simple_block_tag
def p(content):
    """A paragraph: {% p %}…{% endp %}."""
    return format_html(
        '<tr><td class="m-ink" style="padding:14px 0 0;font:400 17px/1.6 {};color:{};">{}</td></tr>', SANS, INK, content
    )


@register.simple_block_tag
def h2(content):
    """A heading inside a mail."""
    return format_html(
        '<tr><td style="padding:30px 0 0;"><h2 class="m-ink" style="margin:0;font:400 20px/1.3 {};color:{};">{}</h2></td></tr>',
        SERIF,
        INK,
        content,
    )


@register.simple_block_tag
def link(content, href):
    """A link inside a paragraph: {% link url %}words{% endlink %}."""
    return format_html(
        '<a class="m-link" href="{}" style="color:{};text-decoration:underline;">{}</a>', href, ACCENT, content
    )


@register.simple_block_tag
def prose(content):
    """A longer text that is HTML already, with paragraphs, lists and links: {% prose %}{{ text|markdown }}{% endprose %}."""
    text = f"font:400 17px/1.6 {SANS};color:{INK};"
    looks = {
        "p": f'class="m-ink" style="margin:14px 0 0;{text}"',
        "ul": 'style="margin:8px 0 0;padding:0 0 0 22px;"',
        "ol": 'style="margin:8px 0 0;padding:0 0 0 22px;"',
        "li": f'class="m-ink" style="margin:8px 0 0;{text}"',
        "a": f'class="m-link" style="color:{ACCENT};text-decoration:underline;"',
    }
    # Only our own attributes are put in; what stands in `content` was escaped or cleaned before it came here.
    styled = OPENING.sub(lambda tag: f"<{tag[1]} {looks[tag[1]]}{tag[2]}", str(content))
    return format_html('<tr><td style="padding:0;">{}</td></tr>', mark_safe(styled))


@register.simple_block_tag
def button(content, href):
    """The one thing that this mail asks for."""
    return format_html(
        '<tr><td style="padding:24px 0 8px;"><table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr>'
        '<td class="m-btn" style="background-color:{0};border:1px solid {0};border-radius:8px;">'
        '<a class="m-btn" href="{1}" style="display:block;padding:13px 22px;font:600 17px/1.3 {2};color:#ffffff;'
        'text-decoration:none;border-radius:8px;">{3}</a></td></tr></table></td></tr>',
        ACCENT,
        href,
        SANS,
        content,
    )


@register.simple_block_tag
def answer(content, href):
    """One of several answers, all of equal weight: none is filled."""
    return format_html(
        '<tr><td style="padding:12px 0 0;"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>'
        '<td class="m-btn2" style="background-color:{0};border:1px solid {1};border-radius:8px;">'
        '<a class="m-btn2" href="{2}" style="display:block;padding:13px 20px;font:600 17px/1.3 {3};color:{4};'
        'text-decoration:none;border-radius:8px;">{5}</a></td></tr></table></td></tr>',
        PAPER,
        EDGE,
        href,
        SANS,
        INK,
        content,
    )


@register.simple_block_tag
def item(content, sign):
    """One line of a list, with a number or a dash: {% item 1 %}…{% enditem %}."""
    return format_html(
        '<tr><td class="m-line" style="padding:14px 0;border-bottom:1px solid {0};">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>'
        '<td width="34" valign="top" class="m-link" style="font:400 22px/1.2 {1};color:{2};">{3}</td>'
        '<td class="m-ink" style="font:400 18px/1.5 {1};color:{4};">{5}</td></tr></table></td></tr>',
        LINE,
        SERIF,
        ACCENT,
        sign,
        INK,
        content,
    )


@register.simple_block_tag
def fact(content, term):
    """A term and what is true of it: {% fact "Next" %}by Thursday …{% endfact %}."""
    return format_html(
        '<tr><td class="m-line" style="padding:12px 0;border-bottom:1px solid {};">'
        '<span class="m-muted" style="display:block;font:400 15px/1.5 {};color:{};">{}</span>'
        '<span class="m-ink" style="display:block;font:400 17px/1.5 {};color:{};">{}</span></td></tr>',
        LINE,
        SANS,
        MUTED,
        term,
        SANS,
        INK,
        content,
    )


@register.simple_block_tag
def quoted(content):
    """Somebody's own words."""
    return format_html(
        '<tr><td class="m-ink m-line" style="padding:16px 0 0 16px;border-left:2px solid {};font:italic 400 18px/1.5 {};color:{};">'
        "{}</td></tr>",
        LINE,
        SERIF,
        INK,
        content,
    )


@register.simple_block_tag
def big(content):
    """A code to type: large, with room between its characters."""
    return format_html(
        '<tr><td class="m-ink" style="padding:20px 0 4px;font:400 34px/1.2 {};letter-spacing:4px;color:{};">{}</td></tr>',
        SERIF,
        INK,
        content,
    )


@register.simple_block_tag
def halves(content):
    """Two people side by side: {% halves %}{% half "Bea Lindqvist" %}…{% endhalf %}{% half … %}…{% endhalf %}{% endhalves %}."""
    return format_html(
        '<tr><td style="padding:10px 0 0;"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">'
        "<tr>{}</tr></table></td></tr>",
        content,
    )


@register.simple_block_tag
def half(content, name):
    """One of the two."""
    return format_html(
        '<td class="m-half" width="50%" valign="top" style="padding:16px 12px 0 0;">'
        '<h2 class="m-ink" style="margin:0 0 4px;font:400 20px/1.3 {0};color:{1};">{2}</h2>'
        '<p class="m-ink" style="margin:0;font:400 16px/1.6 {3};color:{1};">{4}</p></td>',
        SERIF,
        INK,
        name,
        SANS,
        content,
    )
