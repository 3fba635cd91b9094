"""What the committee's frame says about mail."""

from urllib.parse import parse_qsl, urlencode

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from members import scopes
from mentoring import deeds, mail_room, mailings
from programs.models import Program

register = template.Library()


@register.inclusion_tag("admin/mail/_stopped.html", takes_context=True)
def stopped_mail(context):
    """The banner that no page is without while mail is stopped."""
    user, cycle = context["request"].user, context.get("cycle")
    if not user.is_authenticated:
        return {"stops": []}
    return {"stops": mail_room.stopped_for(user, cycle.program if cycle else None)}


@register.simple_tag(takes_context=True)
def may_stop_mail(context):
    """The programs whose mail this person may stop."""
    return mail_room.may_stop(context["request"].user)


@register.simple_tag(takes_context=True)
def may_word_mails(context):
    """The programs whose mails this person may put in their own words."""
    return mail_room.may_word(context["request"].user)


# Parts of a list's own address that choose nobody.
NO_FILTER = {"cycle", "cycle__id__exact", "page", "show"}


@register.inclusion_tag("admin/mail/_write_to.html", takes_context=True)
def write_to(context, cycle, audience, query="", label="", about="", before="", **more):
    """The way from a list to a letter to just these people, with the list's filter; for who may write, else nothing.

    `about` is said to screen readers where several such ways stand on one page; `before` stands in front of it.
    """
    if not cycle or not context["request"].user.has_perm(mailings.MAY_WRITE, cycle):
        return {}
    kept = [(name, value) for name, value in parse_qsl(str(query).lstrip("&?")) if name not in NO_FILTER]
    asked = urlencode([*kept, *((name, value) for name, value in more.items() if value)])
    url = reverse("admin:write_to", args=[cycle.pk, audience])
    return {
        "url": f"{url}?{asked}" if asked else url,
        "label": label or _("Write to these people"),
        "about": about,
        "before": before,
    }


@register.simple_tag(takes_context=True)
def may_write_letters(context):
    """Whether this person writes to lists of people anywhere."""
    return context["request"].user.has_perm(mailings.MAY_WRITE)


@register.filter
def deed(verb):
    """A verb of the history in words."""
    return deeds.words(verb)


@register.simple_tag
def zones_of(lines):
    """The programs in whose zones these lines of the history are told, by scope."""
    slugs = scopes.slugs({entry.scope for entry, _who in lines}, "program")
    return {program.scope: program for program in Program.objects.filter(slug__in=slugs)}


@register.simple_tag
def entry_moment(entry, programs):
    """When it was, in its program's zone."""
    return mail_room.in_zone(entry.at, programs.get(entry.scope))


@register.simple_tag
def why_noted(entry):
    """The short code beside a verb of the history, in words."""
    return deeds.reason(entry.verb, entry.reason)
