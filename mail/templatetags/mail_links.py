"""Links for the templates of mails."""

from django import template

from mail import links

register = template.Library()


@register.simple_tag
def mail_link(purpose, pk, query=""):
    """A personal link, signed when the mail leaves: {% mail_link "check-in" check_in.pk "answer=fine" %}."""
    return links.placeholder(purpose, pk, query)


@register.simple_tag
def site_link(path):
    """A plain link to a page of ours, in full: {% site_link application.get_absolute_url %}."""
    return links.absolute(path)
