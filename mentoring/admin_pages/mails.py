"""The outbox as the committee reads it: which mail, to whom, when, what became of it; the text without its doors.

Here mail is stopped and started again, and what may not have arrived is sent once more or left.
"""

from datetime import UTC, timedelta

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import linebreaksbr
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from mail import addresses, delivery, heartbeat, links, stopping
from mail.models import Message
from members import clock, words
from members.committee import ReadOnlyAdmin
from members.journal import NotAllowed
from mentoring import mail_room, mail_titles, own_affairs
from mentoring.admin_pages import PlainWords
from programs.models import Program


class StopForm(forms.Form):
    """Why all mail is stopped, for the colleagues who find it so."""

    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "c-text"}),
        help_text=gettext_lazy("If you like. Everybody on the committee reads it until mail is started again."),
    )


class Titles(PlainWords):
    words = staticmethod(mail_titles.title)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    change_form_template = "admin/mail/message.html"
    change_list_template = "admin/mail/messages.html"
    list_display = ["subject", "to_whom", "stands", "leaves", "left", "became_in_short"]
    list_filter = ["state", "outcome", ("name", Titles)]
    search_fields = ["subject", "to_email", "to_name", "also_email", "also_name"]
    search_help_text = gettext_lazy("A subject, a name or an address")
    fields = [
        "subject",
        "from_name",
        "reply_to",
        "to_whom",
        "stands",
        "leaves",
        "before",
        "left",
        "became",
        "refusal",
        "attempts",
        "body",
    ]
    readonly_fields = fields
    show_full_result_count = False

    def get_urls(self):
        page = self.admin_site.admin_view
        stop, resolve = require_http_methods(["GET", "HEAD", "POST"])(self.stop), require_POST(self.resolve)
        return [
            path("stop/<slug:program>/", page(stop), name="mail_stop"),
            path("<int:pk>/resolve/", page(resolve), name="mail_resolve"),
            *super().get_urls(),
        ]

    def get_fields(self, request, obj=None):
        """Without the lines that say nothing of this mail."""
        empty = {
            "refusal": not obj.refusal,
            "attempts": obj.attempts < 2,
            "before": not obj.attempts_before,
            "left": obj.state != Message.State.SENT,
            "became": not mail_room.became(obj),
        }
        return [name for name in self.fields if not empty.get(name)]

    def changelist_view(self, request, extra_context=None):
        now = clock.now()
        health = heartbeat.look(now)
        more = {
            "how_it_goes": mail_room.how_it_goes(now, health),
            "is_well": mail_room.is_well(now, health),
            "stops": health.stops,
        }
        return super().changelist_view(request, {**more, **(extra_context or {})})

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        if request.user.has_perm(mail_room.MAY_RESOLVE, obj):
            context |= _afterwards(obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def resolve(self, request, pk):
        """Send once more what may not have arrived, or leave it. What was seen comes with the click: it counts once."""
        message = get_object_or_404(self.get_queryset(request), pk=pk)
        if not request.user.has_perm(mail_room.MAY_RESOLVE, message):
            raise PermissionDenied
        seen = request.POST.get("attempts", "")
        message.attempts = int(seen) if seen.isdecimal() and len(seen) < 6 else -1
        email, told = request.POST.get("email", ""), request.POST.get("words", "")
        verbs = {
            "again": (mail_room.send_again, _("It leaves once more, as the same mail."), {}),
            "leave": (mail_room.leave, _left_as_it_is(message), {}),
            "came_back": (
                mail_room.came_back,
                _("Noted. Nothing more goes to this address but sign-in codes."),
                {"email": email, "words": told},
            ),
            "works_again": (
                mail_room.works_again,
                _works_again(self.get_queryset(request), email),
                {"email": email},
            ),
        }
        if found := verbs.get(request.POST.get("do", "")):
            verb, said, more = found
            _do(request, said, verb, message, **more)
        return redirect("admin:mail_message_change", pk)

    def stop(self, request, program):
        """Stop all mail of a program, with what would wait; start it again, with what leaves first."""
        found = get_object_or_404(Program.objects.of_seat(request.user), slug=program)
        if not request.user.has_perm(mail_room.MAY_STOP, found):
            raise PermissionDenied
        form = StopForm(request.POST or None)
        if request.POST.get("do") == "stop" and form.is_valid():
            reason = form.cleaned_data["reason"]
            _do(request, _("Mail is stopped. Nothing leaves."), mail_room.stop_mail, found, reason=reason)
            return redirect("admin:mail_stop", found.slug)
        if request.POST.get("do") == "start":
            _do(request, _("Mail leaves again."), mail_room.start_mail, found)
            return redirect("admin:mail_message_changelist")
        context = {**self.admin_site.each_context(request), "title": _("Stop all mail"), "form": form}
        return render(request, "admin/mail/stop.html", context | _what_waits(found) | {
            "may_start": request.user.has_perm(mail_room.MAY_START, found),
        })  # fmt: skip

    def get_queryset(self, request):
        scope = Concat(Value("program:"), F("slug"), output_field=CharField())
        of_scope = Program.objects.annotate(scope_name=scope).filter(scope_name=OuterRef("scope"))
        return (
            super()
            .get_queryset(request)
            .filter(own_affairs.readable(request.user))
            .defer("html")
            .annotate(
                stopped=stopping.over_row(),
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

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def stands(self, message):
        if message.state == Message.State.QUEUED and message.stopped and not message.secret:
            return _("waits: mail is stopped")
        state = message.get_state_display()
        return _("%s; looked at and left") % state if message.left_at else state

    @admin.display(description=gettext_lazy("sent before"))
    def before(self, message):
        return mail_room.sent_before(message)

    @admin.display(description=gettext_lazy("planned for"), ordering="leaves_at")
    def leaves(self, message):
        return words.moment(message.leaves_at.astimezone(UTC), message.zone, message.zone_word)

    @admin.display(description=gettext_lazy("left"))
    def left(self, message):
        sent = message.state == Message.State.SENT and message.settled_at
        if not sent:
            return ""
        when, late = words.moment(message.settled_at, message.zone, message.zone_word), message.days_late
        if message.attempts_before or not late:
            return when
        return ngettext("%(when)s, %(days)d day late", "%(when)s, %(days)d days late", late) % {
            "when": when,
            "days": late,
        }

    @admin.display(description=gettext_lazy("what became of it"), empty_value="")
    def became(self, message):
        return mail_room.became(message)

    @admin.display(description=gettext_lazy("what became of it"), ordering="outcome")
    def became_in_short(self, message):
        return Truncator(mail_room.became(message)).chars(60)

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


def _afterwards(message: Message) -> dict:
    """What may be done about a mail by now: where it would go if it were sent again, from whom it may have come back, and
    which of its addresses fail."""
    fails = addresses.failing(message.addresses())
    people = [(message.to_name, message.to_email), (message.also_name, message.also_email)]
    came_back = message.outcome in addresses.FAILED
    unwanted = message.outcome == Message.Outcome.COMPLAINED
    too_late, until = delivery.is_over(message, clock.now()), message.good_until
    undecided = message.state in delivery.UNDECIDED or (message.state == Message.State.SENT and came_back)
    may = message.state in mail_room.MAY_HAVE_COME_BACK and not came_back and not message.secret
    return {
        "may_resolve": undecided and not message.secret,
        "unwanted": unwanted,
        "too_late": too_late,
        "until": words.moment(until.astimezone(UTC), message.zone, message.zone_word) if until else "",
        "again_to": [] if unwanted or too_late else mail_room.again_to(message),
        "fails": [(email, addresses.why(row)) for email, row in fails.items()],
        "may_have_come_back": [
            (name or email, email) for name, email in people if email and email not in fails and may
        ],
    }


def _left_as_it_is(message: Message) -> str:
    """What is said of a mail that is left: that its address is still asked about, where that fails."""
    if addresses.failing(message.addresses()):
        return _("This mail stays as it is. The address is still asked about until it works again.")
    return _("It stays as it is, and nobody is asked about it again.")


def _works_again(mails: QuerySet[Message], email: str) -> str:
    """What is said of an address that works again: with the way to what was kept back for it, if anything was."""
    said, count = _("Mail goes to this address again."), mails.filter(addresses.KEPT_BACK, to_email=email).count()
    if not count:
        return said
    kept = ngettext("%d mail was kept back", "%d mails were kept back", count) % count
    url = f"{reverse('admin:mail_message_changelist')}?{urlencode({'state__exact': 'parked', 'q': email})}"
    return format_html('{} <a href="{}">{}</a>{}', said, url, kept, _("; it leaves when you send it again."))


def _what_waits(program: Program) -> dict:
    """What the page about stopping shows: the stop if there is one, what is ready to leave, what is promised."""
    now = clock.now()
    stop = next((stop for stop in stopping.standing() if stop.scope == program.scope), None)
    backlog = stopping.backlog(program.scope, now)
    promised = Message.objects.filter(scope=program.scope, state__in=[Message.State.QUEUED, Message.State.HELD])
    return {
        "program": program,
        "stop": stop,
        "since": mail_room.in_zone(stop.since, program) if stop else "",
        "backlog": backlog,
        "oldest": mail_room.in_zone(backlog.oldest, program) if backlog.oldest else "",
        "kinds": [(mail_titles.title(name), count) for name, count in backlog.kinds],
        "later": promised.filter(leaves_at__gt=now, leaves_at__lte=now + timedelta(days=7)).count(),
    }


def _do(request, said: str, verb, *args, **kwargs) -> None:
    """Call a verb and say what came of it."""
    try:
        verb(*args, by=request.user, **kwargs)
    except NotAllowed as refused:
        messages.error(request, " ".join(str(reason) for reason in refused.reasons))
    else:
        messages.success(request, said)
