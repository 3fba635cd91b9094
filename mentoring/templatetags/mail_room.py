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


@register.simple_tag(takes_context=True)
def may_stop_mail(context):
    """The programs whose mail this person may stop."""
    return mail_room.may_stop(context["request"].user)


@register.simple_tag(takes_context=True)
def may_word_mails(context):
    """The programs whose mails this person may put in their own words."""
    return mail_room.may_word(context["request"].user)
