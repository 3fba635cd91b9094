"""The mails in the program's own words: which there are, one to edit with its placeholders and previews, back to the original."""

from dataclasses import asdict
from itertools import groupby

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from mail import texts
from mail.models import Text
from members.journal import NotAllowed
from mentoring import made_up, mail_words, samples
from programs.models import Program

MAY_EDIT = samples.MAY_WORD
SEND = "send:"
SEASONS = {
    1: gettext_lazy("Applying, workshops, waiting"),
    2: gettext_lazy("Matching and introductions"),
    3: gettext_lazy("The time together"),
    4: gettext_lazy("Evaluations and letters of thanks"),
}


class TextForm(forms.Form):
    """Subject, heading and text of one mail; refused with the placeholder named that there is not."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=150)
    heading = forms.CharField(label=gettext_lazy("Heading"), max_length=200)
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=gettext_lazy("An empty line begins a new paragraph. **Two stars** make words bold."),
    )

    def __init__(self, mail, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.mail = mail

    def clean_body(self):
        """With line ends as they are kept, whatever a browser sends."""
        return "\n".join(self.cleaned_data["body"].splitlines())

    def clean(self):
        given = super().clean()
        if len(given) == len(self.fields):
            for name, reasons in texts.wrong(self.mail, **given).items():
                for reason in reasons:
                    self.add_error(name, reason)
        return given

    def wording(self):
        """The words as they were typed; None where something is wrong with them."""
        return texts.Wording(**self.cleaned_data) if self.is_valid() else None


@require_safe
def own_texts(request, program, site):
    """Every mail that the program may word itself, and how it stands; those that nobody words, and why."""
    found = program_of(request, program)
    own = {text.name: text for text in Text.objects.filter(scope=found.scope)}
    mails = [(mail, own.get(mail.name)) for mail in texts.mails()]
    fixed = dict.fromkeys(str(reason) for reason in texts.fixed().values())
    context = {"title": _("Mails in your own words"), "program": found, "seasons": _by_season(mails), "fixed": fixed}
    return render(request, "admin/mail/own_texts.html", {**site.each_context(request), **context})


def _by_season(mails) -> list[tuple[str, list]]:
    """The mails under the time of the year at which they leave."""
    return [(title, list(found)) for title, found in groupby(mails, key=lambda one: SEASONS[texts.season(one[0])])]


@require_http_methods(["GET", "HEAD", "POST"])
def own_text(request, program, name, site):
    """One mail: its words, its placeholders, how it reads to each side; saved, tried, sent to oneself, put back.

    How it reads is played, which takes the database in hand: so that is done when a button asks for it.
    """
    found, mail = program_of(request, program), texts.mail(name)
    if mail is None:
        raise Http404
    own, do = texts.own(found.scope, name), request.POST.get("do", "")
    if do == "original":
        mail_words.back_to_original(found, mail, by=request.user)
        messages.success(request, _("The mail goes out in the words it comes with again."))
        return redirect("admin:own_text", found.slug, name)
    form = TextForm(mail, request.POST) if request.method == "POST" and do != "look" else None
    tried = form.wording() if form else None
    if tried and do == "save":
        mail_words.keep(found, mail, tried, by=request.user)
        messages.success(
            request, _("Kept. From now on this mail goes out in your words; what was promised before stays.")
        )
        return redirect("admin:own_text", found.slug, name)
    if tried and do.startswith(SEND):
        _send(request, found, mail, do.removeprefix(SEND), tried)
    looked = mail_words.look(found, mail, tried) if request.method == "POST" else None
    context = {
        "title": mail.title,
        "program": found,
        "mail": mail,
        "own": own,
        "form": form or _form(mail, own, looked),
        "values": mail.all_values(),
        "looked": looked is not None,
        "samples": [_shown(found, one) for one in looked.samples] if looked else [],
        "tried": tried is not None,
    }
    return render(request, "admin/mail/own_text.html", {**site.each_context(request), **context})


def _send(request, program, mail, side, tried) -> None:
    """The mail as it is worded in the form, kept or not, to the person who looks at it."""
    try:
        message = samples.send_one(program, mail, side, tried, by=request.user)
    except NotAllowed as refused:
        say = messages.info if isinstance(refused, samples.TooSoon) else messages.error
        say(request, " ".join(str(reason) for reason in refused.reasons))
    else:
        said = _("It is leaving to %s, in the words below. Nothing is kept and nobody else gets it.")
        messages.success(request, said % message.to_email)


def _shown(program, sample) -> dict:
    """One side's mail for the page: to whom, who reads an answer, subject and text without its links."""
    people = ", ".join(filter(None, [sample.to_name, sample.also_name]))
    text = samples.dead_text(sample.text, program)
    side = {"side": made_up.side(sample), "word": samples.side_word(program, sample)}
    return {"to": people, "reply_to": sample.reply_to, "subject": sample.subject, "text": text, **side}


def _form(mail, own, looked) -> TextForm | None:
    """The program's own words, else the product's where a year was played; None where neither is there."""
    if own:
        return TextForm(mail, initial={"subject": own.subject, "heading": own.heading, "body": own.body})
    if looked and looked.original:
        return TextForm(mail, initial=asdict(looked.original))
    return None


def program_of(request, slug: str) -> Program:
    """The program of this address, for somebody who words its mails today."""
    found = get_object_or_404(Program.objects.of_seat(request.user), slug=slug)
    if not request.user.has_perm(MAY_EDIT, found):
        raise PermissionDenied
    return found
