"""What pages say while no mail reaches anybody."""

from django import template
from django.conf import settings

from mentoring import sender

register = template.Library()


@register.inclusion_tag("admin/mail/_nobody.html", takes_context=True)
def nobody_gets_mail(context):
    """A warning while mail goes to files; calmly in the demo, where it is meant so."""
    user = context["request"].user
    words = sender.nobody_gets_it()
    return {"nobody": words, "demo": settings.DEMO, "may_check": bool(words) and user.has_perm(sender.MAY_CHECK)}


@register.simple_tag(takes_context=True)
def may_check_sender(context):
    return context["request"].user.has_perm(sender.MAY_CHECK)
