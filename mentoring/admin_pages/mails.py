"""The outbox as the committee reads it: which mail, to whom, when, what became of it; the text without its doors."""

from datetime import UTC

from django.contrib import admin
from django.db.models import CharField, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.template.defaultfilters import linebreaksbr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mail import links
from mail.models import Message
from members import words
from members.committee import ReadOnlyAdmin
from mentoring import own_affairs
from mentoring.admin_pages import PlainWords
from programs.models import Program


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["subject", "to_whom", "state", "leaves"]
    list_filter = ["state", ("name", PlainWords)]
    search_fields = ["subject", "to_email", "to_name", "also_email", "also_name"]
    search_help_text = gettext_lazy("A subject, a name or an address")
    fields = ["subject", "from_name", "reply_to", "to_whom", "state", "leaves", "left", "refusal", "attempts", "body"]
    readonly_fields = fields
    show_full_result_count = False

    def get_queryset(self, request):
        scope = Concat(Value("program:"), F("slug"), output_field=CharField())
        of_scope = Program.objects.annotate(scope_name=scope).filter(scope_name=OuterRef("scope"))
        mine = Q(to_email__in=request.user.own_addresses()) | Q(also_email__in=request.user.own_addresses())
        return (
            super()
            .get_queryset(request)
            .filter(mine | ~Q(about__in=own_affairs.of(request.user)))
            .defer("html")
            .annotate(
                zone=Coalesce(Subquery(of_scope.values("time_zone")[:1]), Value("UTC")),
                zone_word=Coalesce(Subquery(of_scope.values("zone_word")[:1]), Value("UTC")),
            )
        )

    def get_object(self, request, object_id, from_field=None):
        message = super().get_object(request, object_id, from_field)
        message.shown_body = body_for(request.user, message)
        return message

    @admin.display(description=gettext_lazy("to"), ordering="to_name")
    def to_whom(self, message):
        people = [(message.to_name, message.to_email), (message.also_name, message.also_email)]
        return ", ".join(f"{name} ({email})" if name else email for name, email in people if email)

    @admin.display(description=gettext_lazy("leaves"), ordering="leaves_at")
    def leaves(self, message):
        return words.moment(message.leaves_at.astimezone(UTC), message.zone, message.zone_word)

    @admin.display(description=gettext_lazy("left"))
    def left(self, message):
        return words.moment(message.settled_at, message.zone, message.zone_word) if message.settled_at else ""

    @admin.display(description=gettext_lazy("text"))
    def body(self, message):
        return linebreaksbr(message.shown_body)


def body_for(user, message: Message) -> str:
    """The text as this person may read it: their own; a program's team all but codes and what concerns themselves.

    A personal link is no link here, whoever reads it.
    """
    own = {message.to_email, message.also_email} & set(user.own_addresses())
    if message.secret:
        return _("(This mail holds a code: nobody but its reader sees it.)")
    if not own and not user.has_perm("mail.read_body", message):
        return _("(Only the program's own committee reads the text.)")
    if not own and own_affairs.concerns(user, message):
        return _("(This is about a pair or an application of your own: your colleagues read it.)")
    return links.mask(message.text, _("(personal link)"))
