"""The face of it: form parts that say everything to everybody, pages that stay light, icons that exist."""

import gzip
import re
from datetime import date
from pathlib import Path

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.template import Context, Template
from django.template.loader import get_template
from django.test import override_settings
from django.urls import reverse

from members.fields import NO_ANSWER, ChipsField, Doors, DoorsWith, Reads, WordsField, read_by
from members.models import Association
from programs.models import Program

TEMPLATES = Path(settings.BASE_DIR) / "templates"


class Everything(forms.Form):
    areas = ChipsField(
        label="Areas",
        up_to=2,
        help_text="Up to two.",
        choices=[("Books", [("1", "Buying"), ("2", "Weeding")]), ("People", [("3", "Teens")])],
    )
    worth = forms.CharField(label="Worth it?", help_text="One thing.", widget=forms.Textarea)
    avoid = forms.CharField(label="Somebody to avoid?", required=False)
    going = WordsField(label="We talked often enough.", choices=[("4", "Very much"), ("0", "Not at all")])
    answer = forms.ChoiceField(
        label="Your answer",
        choices=[("yes", "Yes"), ("pause", "Pause me")],
        widget=Doors(notes={"yes": "We introduce you."}),
    )
    until = forms.DateField(label="Until", required=False)
    agree = forms.BooleanField(label="I keep it to myself.")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        read_by(self.fields["worth"], "the committee; later, your mentor.")
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            Reads("the committee."), "areas", "worth", "avoid", "going", DoorsWith("answer", pause=["until"]), "agree"
        )


GIVEN = {"areas": ["1", "3"], "worth": "A calm hour", "going": "4", "answer": "yes", "agree": "on"}


def drawn(form):
    return Template("{% load crispy_forms_tags %}{% crispy form %}").render(Context({"form": form}))


def tag(html, **attributes):
    """The one start tag that has these attributes."""
    wanted = [f'{name}="{value}"' for name, value in attributes.items()]
    found = [start for start in re.findall(r"<\w[^>]*>", html) if all(want in start for want in wanted)]
    assert len(found) == 1, found
    return found[0]


def test_help_readers_and_error_are_tied_to_the_control_in_the_order_of_reading():
    html = drawn(Everything({}))
    worth = tag(html, name="worth", id="id_worth")
    assert 'aria-describedby="id_worth_helptext id_worth_reads id_worth_error"' in worth
    assert 'aria-invalid="true"' in worth
    places = [html.index(f'id="id_worth_{part}"') for part in ("helptext", "reads")]
    assert places == sorted(places)
    assert places[-1] < html.index('name="worth"') < html.index('id="id_worth_error"')


def test_a_group_carries_its_help_and_error_on_the_fieldset():
    assert 'aria-describedby="id_areas_helptext id_areas_error"' in tag(drawn(Everything({})), id="div_id_areas")


def test_every_tied_id_exists_once():
    html = drawn(Everything({}))
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for tied in re.findall(r'(?:aria-describedby|aria-labelledby)="([^"]+)"', html):
        assert set(tied.split()) <= set(ids)
    assert set(re.findall(r'\sfor="([^"]+)"', html)) <= set(ids)


def test_the_summary_names_what_needs_another_look_and_leads_there():
    html = drawn(Everything({**GIVEN, "worth": "", "areas": []}))
    summary = html[html.index('class="missing"') : html.index("</div>", html.index('class="missing"'))]
    assert re.findall(r'href="#([^"]+)"', summary) == ["div_id_areas", "id_worth"]
    assert "2 things need another look" in summary


def test_only_questions_that_may_stay_empty_are_called_optional():
    html = drawn(Everything())
    before = [
        re.search(r'id="div_(\w+)"', html[: m.start()][::1][html[: m.start()].rindex('id="div_') :])[1]
        for m in re.finditer("optional</span>", html)
    ]
    assert before == ["id_avoid", "id_until"]


def test_no_answer_is_offered_never_chosen_beforehand_and_comes_back_empty():
    assert "checked" not in drawn(Everything())
    form = Everything({**GIVEN, "going": NO_ANSWER})
    assert (form.is_valid(), form.cleaned_data["going"]) == (True, "")
    assert Everything(GIVEN).is_valid()


def test_more_chips_than_allowed_are_refused_with_both_numbers():
    form = Everything({**GIVEN, "areas": ["1", "2", "3"]})
    assert form.errors["areas"] == ["Please choose 2 at most; 3 are chosen."]
    assert drawn(form).count(" checked") == 6  # nothing that was chosen is lost


def test_a_door_holds_the_field_that_its_answer_needs():
    html = drawn(Everything())
    inside = html[html.index('class="door-inside"') :]
    assert html.index('value="pause"') < html.index('name="until"')
    assert inside.index('name="until"') < inside.index("</li>")
    assert html.count('name="until"') == 1


def test_what_people_write_is_shown_as_they_wrote_it():
    html = drawn(Everything({"worth": "<script>alert(1)</script> O'Hara & {{ x }}"}))
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_an_unknown_icon_is_an_error_not_a_gap():
    with pytest.raises(KeyError):
        Template('{% load look %}{% icon "unicorn" %}').render(Context())
    sprite = get_template("admin/_sprite.html").render()
    from members.templatetags.look import SPRITE

    assert set(re.findall(r'id="i-(\w+)"', sprite)) == SPRITE


def test_the_year_strip_fills_the_months_behind_us():
    html = Template("{% load look %}{% year_strip 9 2 %}").render(Context())
    assert (html.count("<rect"), html.count("stop done")) == (9, 2)


def test_dates_in_templates():
    program = Program(time_zone="America/New_York", zone_word="Eastern")
    template = Template("{% load look %}{{ day|until:program }}|{{ nothing|when }}|{{ nothing|until:program }}")
    text = template.render(Context({"day": date(2031, 9, 30), "nothing": None, "program": program}))
    assert text == "Tuesday, 30\u00a0September 2031, 23:59\u00a0Eastern||"


@pytest.mark.parametrize("path", sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.*")))
def test_every_template_reads_and_keeps_to_the_rules(path):
    get_template(path)
    source = (TEMPLATES / path).read_text()
    assert "|safe" not in source
    assert not re.search(r"\{#[^}]*\n", source), "a comment over several lines would be printed"
    if not path.startswith("mail/"):
        assert not re.search(r"<[^>]+\sstyle=|<style|\son\w+=\"", source)
        assert not re.search(r"<script(?![^>]*(src=|application/json))", source)


@pytest.fixture
def kla(db):
    cache.clear()
    association = Association.objects.create(
        slug="kla", name="Kentucky Library Association", short_name="KLA", accent="#ffff00"
    )
    return Program.objects.create(
        association=association, slug="kla", name="KLA Mentoring", published=True, reply_to="mentoring@kla.example.org"
    )


def test_an_accent_is_served_readable_and_may_be_kept(client, kla):
    answer = client.get(reverse("accent", args=["kla"]))
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "max-age=3600" in answer.headers["Cache-Control"]
    assert answer.content.decode().count("--accent-soft:") == 3
    assert "#ffff00" not in answer.content.decode()  # yellow letters on white: darkened until they can be read
    assert client.get(reverse("accent", args=["nobody"])).status_code == 404


def weight(client, url):
    """What a first visit costs: the page and everything it asks for, as sent (gzipped), in bytes."""
    page = client.get(url).content
    total = len(gzip.compress(page, 9))
    for asset in set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js|svg)|/accent/[^"]+)"', page.decode())):
        if asset.startswith("/static/"):
            total += len(gzip.compress(Path(finders.find(asset.removeprefix("/static/"))).read_bytes(), 9))
        else:
            total += len(gzip.compress(client.get(asset).content, 9))
    return total


@pytest.mark.parametrize("name", ["account_login", "who_reads_what"])
def test_public_pages_stay_under_fifty_kilobytes(client, kla, name):
    assert weight(client, reverse(name)) <= 50_000


def test_pages_ask_nothing_of_other_hosts(client, kla):
    page = client.get(reverse("account_login")).content.decode()
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    policy = client.get(reverse("account_login")).headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy.split("; ")
    assert "unsafe" not in policy


def test_a_program_that_stands_alone_gives_the_site_its_name(client, kla):
    assert "KLA Mentoring</b>" in client.get(reverse("account_login")).content.decode()
    Program.objects.create(
        association=kla.association, slug="other", name="Other", published=True, reply_to="o@kla.example.org"
    )
    assert "Library mentoring</b>" in client.get(reverse("account_login")).content.decode()


@override_settings(DEBUG=False)
def test_what_is_not_there_says_so_kindly(client, kla):
    answer = client.get("/no/such/page/")
    assert (answer.status_code, "This page is not on the shelf." in answer.content.decode()) == (404, True)


def test_the_broken_page_needs_neither_context_nor_database():
    assert "Something broke on our side." in get_template("500.html").render()
