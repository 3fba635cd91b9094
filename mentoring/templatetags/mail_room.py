"""What the committee's frame says about mail."""

from django import template

from mentoring import mail_room

register = template.Library()


@register.inclusion_tag("admin/mail/_stopped.html", takes_context=True)
def stopped_mail(context):
    """The banner that no page is without while mail is stopped."""
    user, cycle = context["request"].user, context.get("cycle")
    if not user.is_authenticated:
        return {"stops": []}
    return {"stops": mail_room.stopped_for(user, cycle.program if cycle else None)}


@register.inclusion_tag("admin/mail/_stop_links.html", takes_context=True)
def stop_links(context):
    """The ways to the page that stops mail, one for each program where this person may."""
    return {"programs": mail_room.may_stop(context["request"].user)}
