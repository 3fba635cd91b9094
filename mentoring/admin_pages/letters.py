"""Write to these people: who they are, the words, a preview as one of them reads it, sending; then what became of it, and Stop."""

import hashlib
from datetime import timedelta

from csp.decorators import csp_replace
from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from mail import links, mailings, texts
from mail.mailings import Letter
from mail.models import Mailing, Message
from members import clock
from members.journal import NotAllowed
from mentoring import letter_book
from mentoring import mailings as verbs
from programs.models import Cycle

PER_PAGE = 25
SHOWN = 50  # names before the rest is folded away
READS = ["GET", "HEAD", "POST"]


class LetterForm(forms.Form):
    """Subject and text of a letter; a placeholder that there is not is named."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=mailings.LONGEST_SUBJECT)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=gettext_lazy(
            "Write {name} where the first name shall stand. An empty line begins a new paragraph, **two stars** make "
            "words bold."
        ),
    )
    essential = forms.BooleanField(
        label=gettext_lazy("Their place depends on this"),
        required=False,
        help_text=gettext_lazy(
            "A workshop that moves, a date by which something is needed. It then reaches those, too, who want no "
            "announcements. For everything else leave it empty."
        ),
    )

    def __init__(self, participants, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not participants:
            del self.fields["essential"]

    def clean(self):
        given = super().clean()
        if {"subject", "text"} <= given.keys():
            for field, reasons in mailings.wrong(self.letter()).items():
                for reason in reasons:
                    self.add_error(field, reason)
        return given

    def letter(self) -> Letter:
        given = self.cleaned_data
        return Letter.of(given["subject"], given["text"], bool(given.get("essential")))


# ------------------------------------------------------------------------------------------------------------- writing


@require_http_methods(READS)
def write_to(request, cycle, audience, site):
    """One list of people: looked at, written to, previewed, sent. Only sending writes anything."""
    cycles = Cycle.objects.of_seat(request.user, "mentoring.view_today").select_related("program__association")
    found = get_object_or_404(cycles, pk=cycle)
    return Desk(request, found, audience, site).answer()


class Desk:
    """One letter in the making, all of it in the form: nothing is kept before it is sent."""

    def __init__(self, request, cycle, name, site):
        self.request, self.cycle, self.name, self.site = request, cycle, name, site
        self.do, _colon, number = request.POST.get("do", "").partition(":")
        self.number = int(number) if number.isdecimal() and len(number) < 7 else 1
        self.looked = self._look(None)
        self.form = LetterForm(self.looked.audience.participants, request.POST or None)
        self.alerts: list[str] = []

    def _look(self, letter):
        try:
            return verbs.look(self.name, self.cycle, self.request.GET, letter, by=self.request.user)
        except LookupError:
            raise Http404
        except NotAllowed:
            raise PermissionDenied

    def answer(self):
        if not self.do or not self.form.is_valid():
            return self.page(None)
        letter = self.form.letter()
        self.looked = self._look(letter)
        if self.do == "html" and self.looked.gets:
            return as_it_looks(self.request, self._as_read(letter)[2])
        if self.do == "send" and (mailing := self._send(letter)):
            return redirect("admin:letter", mailing.pk)
        return self.page(letter)

    def _send(self, letter):
        """Send it, if it is what was seen; else None, and the page says what is different now."""
        seen = self._seen()
        if seen is None:
            self.alerts.append(_("Please look at it once more as its readers get it. Nothing was sent yet."))
            return None
        if seen["letter"] != _fingerprint(letter):
            self.alerts.append(
                _("You have changed the words since the preview. Here is how they read now; nothing was sent.")
            )
            return None
        try:
            given = {"by": self.request.user, "seen": seen["who"]}
            return verbs.write(self.name, self.cycle, self.request.GET, letter, **given)
        except verbs.Changed as changed:
            self.looked = self._look(letter)
            self.alerts += changed.reasons
            for words, who in ((_("Now on it: %s"), changed.come), (_("No longer on it: %s"), changed.gone)):
                if who:
                    self.alerts.append(words % ", ".join(verbs.names(who)))
        except NotAllowed as refused:
            self.alerts += [str(reason) for reason in refused.reasons]
        return None

    @property
    def _salt(self) -> str:
        """What was shown is good for this writer and this list alone."""
        return f"letter:{self.request.user.pk}:{self.cycle.pk}:{self.name}:{self.looked.audience.query}"

    def _seen(self):
        try:
            return signing.loads(self.request.POST.get("seen", ""), salt=self._salt)
        except signing.BadSignature:
            return None

    def _as_read(self, letter):
        reader = self.looked.gets[min(max(self.number, 1), len(self.looked.gets)) - 1]
        made = verbs.as_read(letter, reader, self.looked.audience, self.cycle.program)
        return [links.mask(part, _("(personal link)")) for part in made]

    def page(self, letter):
        audience, gets = self.looked.audience, self.looked.gets
        context = {
            **self.site.each_context(self.request),
            "title": _("Write to these people"),
            "cycle": self.cycle,
            "program": self.cycle.program,
            "looked": self.looked,
            "audience": audience,
            "shown": gets[:SHOWN],
            "folded": gets[SHOWN:],
            "form": self.form,
            "values": texts.COMMON,
            "alerts": self.alerts,
            "action": f"{self.request.path}?{audience.query}" if audience.query else self.request.path,
            "preview": self._preview(letter) if letter and gets else None,
        }
        return render(self.request, "admin/mail/write.html", context)

    def _preview(self, letter):
        """The letter as one of its readers gets it, and what this page has shown, signed for the click that sends."""
        gets, audience = self.looked.gets, self.looked.audience
        number = min(max(self.number, 1), len(gets))
        reader, sender = gets[number - 1], self.cycle.program.sender()
        subject, text, _html = self._as_read(letter)
        who = {"who": sorted(self.looked.who), "letter": _fingerprint(letter)}
        return {
            "number": number,
            "of": len(gets),
            "before": number - 1 if number > 1 else None,
            "next": number + 1 if number < len(gets) else None,
            "to": reader,
            "reply_to": sender.reply_to,
            "subject": subject,
            "words": mailings.context(letter, reader.get_short_name(), sender, audience.why)["marked_words"],
            "text": text,
            "may_be_left": not letter.essential,
            "why": audience.why,
            "seen": signing.dumps(who, salt=self._salt, compress=True),
        }


def _fingerprint(letter: Letter) -> str:
    return hashlib.sha256(repr((letter.subject, letter.text, letter.essential)).encode()).hexdigest()


@csp_replace({"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "img-src": ["data:"]})
def as_it_looks(request, html):
    """The HTML of a mail, alone on its page: mail needs its colours inline, the site itself never does."""
    return HttpResponse(html)


# ------------------------------------------------------------------------------------------------------- what was written


@require_safe
def letters(request, site):
    """The letters of the programs in whose name this person writes, the newest first."""
    if not request.user.has_perm(verbs.MAY_WRITE):
        raise PermissionDenied
    page = Paginator(Mailing.objects.visible_to(request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **site.each_context(request),
        "title": _("Letters to lists"),
        "page": page,
        "rows": letter_book.rows(page, request.user, clock.now()),
        "several": len(request.user.scopes(verbs.MAY_WRITE)) > 1,
    }
    return render(request, "admin/mail/letters.html", context)


@require_http_methods(READS)
def letter(request, pk, site):
    """One letter: when it leaves, with its Stop; later who got it and who did not."""
    mailing = get_object_or_404(Mailing.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        if request.POST.get("do") == "stop":
            _stop(request, mailing)
        return redirect("admin:letter", pk)
    now = clock.now()
    [row] = letter_book.rows([mailing], request.user, now)
    page = Paginator(letter_book.mails(mailing, request.user), SHOWN).get_page(request.GET.get("page"))
    context = {
        **site.each_context(request),
        "title": mailing.subject,
        "mailing": mailing,
        "row": row,
        "program": row.program,
        "page": page,
        "own": letter_book.has_partners(request.user),
        "write_again": _of_list(mailing) if mailing.stopped_at else "",
        "essential": any(mail.kind == Message.Kind.ESSENTIAL for mail in page),
        "minutes_left": max(0, -((now - mailing.leaves_at) // timedelta(minutes=1))),
        "minutes_gone": max(0, (now - mailing.at) // timedelta(minutes=1)),
        "held": verbs.HELD_FOR // timedelta(minutes=1),
    }
    return render(request, "admin/mail/letter.html", context)


def _of_list(mailing) -> str:
    """Where one writes to the same list; "" for a letter that does not say where its list stands."""
    where, _mark, query = mailing.of_list.partition("?")
    cycle, _slash, name = where.partition("/")
    if not name:
        return ""
    return reverse("admin:write_to", args=[cycle, name]) + (f"?{query}" if query else "")


def _stop(request, mailing) -> None:
    try:
        count = verbs.stop(mailing, by=request.user)
    except NotAllowed as refused:
        messages.error(request, " ".join(str(reason) for reason in refused.reasons))
    else:
        messages.success(
            request, _("Stopped. What had not left is taken back.") if count else _("It was stopped already.")
        )
