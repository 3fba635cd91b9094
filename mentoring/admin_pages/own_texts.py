"""The mails in the program's own words: which there are, one to edit with its placeholders and previews, back to the original."""

from dataclasses import asdict

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
from mentoring import mail_words
from programs.models import Program

MAY_EDIT = "programs.change_program"


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

    def clean(self):
        given = super().clean()
        if len(given) == len(self.fields):
            for name, reasons in texts.wrong(self.mail, **given).items():
                for reason in reasons:
                    self.add_error(name, reason)
        return given


@require_safe
def own_texts(request, program, site):
    """Every mail that the program may word itself, and how it stands."""
    found = _program(request, program)
    own = {text.name: text for text in Text.objects.filter(scope=found.scope)}
    mails = [(mail, own.get(mail.name)) for mail in texts.mails()]
    context = {"title": _("Mails in your own words"), "program": found, "mails": mails}
    return render(request, "admin/mail/own_texts.html", {**site.each_context(request), **context})


@require_http_methods(["GET", "HEAD", "POST"])
def own_text(request, program, name, site):
    """One mail: its words, its placeholders, how it reads to each side; saved, tried or put back to the original."""
    found, mail = _program(request, program), texts.mail(name)
    if mail is None:
        raise Http404
    own = texts.own(found.scope, name)
    do = request.POST.get("do")
    if do == "original":
        mail_words.back_to_original(found, mail, by=request.user)
        messages.success(request, _("The mail goes out in the product’s own words again."))
        return redirect("admin:own_text", found.slug, name)
    form = TextForm(mail, request.POST) if request.method == "POST" else None
    if form and form.is_valid() and do == "save":
        mail_words.keep(found, mail, texts.Wording(**form.cleaned_data), by=request.user)
        messages.success(
            request, _("Kept. From now on this mail goes out in your words; what was promised before stays.")
        )
        return redirect("admin:own_text", found.slug, name)
    wording = texts.Wording(**form.cleaned_data) if form and form.is_valid() else None
    looked = mail_words.look(found, mail, wording, _("(personal link)"))
    initial = texts.Wording(own.subject, own.heading, own.body) if own else looked.original
    context = {
        "title": mail.title,
        "program": found,
        "mail": mail,
        "own": own,
        "form": form or TextForm(mail, initial=asdict(initial) if initial else None),
        "values": mail.all_values(),
        "samples": looked.samples,
        "original": looked.original,
        "tried": wording is not None,
    }
    return render(request, "admin/mail/own_text.html", {**site.each_context(request), **context})


def _program(request, slug: str) -> Program:
    found = get_object_or_404(Program.objects.of_seat(request.user), slug=slug)
    if not request.user.has_perm(MAY_EDIT, found):
        raise PermissionDenied
    return found
