"""Giving an evaluation: one page that says who reads it, then one that is kept with the person."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from evaluations import responses
from evaluations.models import Receipt
from mail import links
from mail.views import bad_link
from members.journal import NotAllowed
from programs.questions import AnswersForm

READ = ("GET", "HEAD", "POST")
NEEDED = (
    "user", "term__mentorship__cycle__program__association", "term__mentorship__mentor", "term__mentorship__mentee",
)  # fmt: skip


def _own(request, pk):
    rows = Receipt.objects.visible_to(request.user).filter(user=request.user)
    return get_object_or_404(rows.select_related(*NEEDED), pk=pk)


def _linked(token):
    """The receipt that a signed link was made for, if the mail went to an address of its person."""
    link = links.read(token, "evaluation")
    receipt = Receipt.objects.select_related(*NEEDED).filter(pk=link.pk).first() if link else None
    if receipt is None or link.email not in {receipt.user.email, *receipt.user.own_addresses()}:
        return None
    return receipt


@login_required
@require_http_methods(READ)
def evaluation(request, pk):
    return _first(request, _own(request, pk), reverse("evaluation_afterwards", args=[pk]))


@require_http_methods(READ)
def by_link(request, token):
    receipt = _linked(token)
    if receipt is None:
        return bad_link(request, token, "evaluation")
    return _first(request, receipt, reverse("evaluation_afterwards_by_link", args=[token]))


@login_required
@require_http_methods(READ)
def afterwards(request, pk):
    return _second(request, _own(request, pk), reverse("evaluation", args=[pk]))


@require_http_methods(READ)
def afterwards_by_link(request, token):
    receipt = _linked(token)
    if receipt is None:
        return bad_link(request, token, "evaluation")
    return _second(request, receipt, reverse("evaluation_by_link", args=[token]))


def _first(request, receipt, next_page):
    """The evaluation itself. Sent twice, the first stays."""
    context = _context(receipt) | {"next_page": next_page}
    if receipt.answered:
        return render(request, "evaluations/thanks.html", context | {"before": request.method == "POST"})
    if not responses.is_open(receipt):
        return render(request, "evaluations/closed.html", context)
    data = request.POST if request.method == "POST" else None
    form = _form(responses.asked(receipt), data)
    if data is not None and form.is_valid():
        try:
            responses.answer(receipt, form.answers(), by=receipt.user)
        except responses.Already:
            return render(request, "evaluations/thanks.html", context | {"before": True})
        except NotAllowed as refused:
            form.add_error(None, [str(reason) for reason in refused.reasons])
        else:
            return redirect(next_page if context["pages"] == 2 else request.path)
    return render(request, "evaluations/evaluation.html", context | {"form": form, "page": 1})


def _second(request, receipt, first_page):
    """What carries the person's name."""
    context = _context(receipt)
    if not receipt.answered or context["pages"] == 1:
        return redirect(first_page)
    kept = getattr(receipt, "afterwards", None)
    data = request.POST if request.method == "POST" else None
    form = _form(responses.asked_afterwards(receipt), data, kept.answers if kept else None)
    if data is not None and form.is_valid():
        responses.answer_afterwards(receipt, form.answers(), by=receipt.user)
        return redirect(first_page)
    return render(request, "evaluations/afterwards.html", context | {"form": form, "page": 2, "first_page": first_page})


def _form(questions, data, kept=None):
    """The questions; who reads them is said once, beside the whole form."""
    form = AnswersForm(questions, data, initial=kept)
    for field in form.fields.values():
        field.reads = ""
    return form


def _context(receipt):
    mentorship = receipt.term.mentorship
    partner = mentorship.partner_of(receipt.user).get_short_name()
    return {
        "program": mentorship.program,
        "cycle": mentorship.cycle,
        "receipt": receipt,
        "mentorship": mentorship,
        "partner": partner,
        "pages": 2 if responses.asked_afterwards(receipt) else 1,
        "who": who_reads(mentorship.cycle, partner),
        "has_second": hasattr(receipt, "afterwards"),
        "nav": "my",
    }


def who_reads(cycle, partner):
    """Who reads an evaluation, in words for the person who gives it."""
    words = {"partner": partner, "minimum": cycle.program.report_minimum}
    if cycle.evaluation_mode == cycle.EvaluationMode.CONFIDENTIAL:
        return (
            _(
                "the chair and the deputy. %(partner)s reads none of it. Totals go into the report once %(minimum)s people "
                "of your side have answered."
            )
            % words
        )
    return (
        _(
            "nobody can tell who wrote what. %(partner)s reads none of it. Totals are read after the last day, once "
            "%(minimum)s people of your side have answered."
        )
        % words
    )
