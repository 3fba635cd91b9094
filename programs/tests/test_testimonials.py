"""What people say stands on the program's page with their yes alone, without a name unless they wish for one."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from members import clock
from programs import models
from programs.tests.committee import form_of, listed, make_kla, make_nela, one, page, seated
from programs.tests.make import SEPTEMBER, assert_writes_nothing, make_cycle

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_september():
    with clock.at(SEPTEMBER):
        yield


@pytest.fixture
def kla():
    return make_kla()


def make_voice(program, text, **fields):
    made = {"role": "mentee", "agreed": True, "published": True, **fields}
    return models.Testimonial.objects.create(program=program, text=text, **made)


@pytest.mark.requirement("R-NELA-02", "R-NELA-08")
def test_the_programs_page_shows_those_that_were_agreed_to_and_published(client, kla):
    kla.mentee_word = "learner"
    kla.save()
    make_voice(kla, "I ask better questions now.", order=2)
    make_voice(kla, "It gave me heart.", role="mentor", name="Ann Whitcomb", order=1)
    make_voice(kla, "Not shown yet.", published=False)
    make_voice(kla, "Nobody asked me.", agreed=False, published=False)
    html = assert_writes_nothing(client, kla.get_absolute_url()).content.decode()
    assert html.index("“It gave me heart.”") < html.index("“I ask better questions now.”")
    assert "<figcaption>Ann Whitcomb, mentor</figcaption>" in html
    assert "<figcaption>learner</figcaption>" in html
    assert "Not shown yet" not in html
    assert "Nobody asked me" not in html


def test_a_program_without_voices_has_no_empty_block(client, kla):
    assert "What people say" not in page(client, kla.get_absolute_url())


@pytest.mark.requirement("R-NELA-02")
def test_nobody_is_quoted_unasked_whoever_tries(kla):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_voice(kla, "Unasked.", agreed=False)
    with pytest.raises(ValidationError, match="once the person has agreed"):
        models.Testimonial(program=kla, text="Unasked.", role="mentee", published=True).full_clean()


def test_the_committee_edits_its_own_and_reads_in_words_why_a_voice_cannot_be_shown(client, kla):
    seated(client, kla)
    make_cycle(kla)
    theirs, others = make_voice(kla, "Ours.", agreed=False, published=False), make_voice(make_nela(), "Canary voice.")
    assert "Canary voice" not in page(client, listed("testimonial"))
    assert client.get(one(others)).status_code == 404
    data = form_of(client, one(theirs))
    html = client.post(one(theirs), data | {"published": "on"}).content.decode()
    assert "It can only stand on the page once the person has agreed." in html
    assert client.post(one(theirs), data | {"agreed": "on", "published": "on"}).status_code == 302
    assert list(models.Testimonial.objects.shown().filter(program=kla)) == [theirs]
    added = client.post(
        reverse("admin:programs_testimonial_add"), {"program": kla.pk, "text": "New.", "role": "mentor", "order": 3}
    )
    assert added.status_code == 302
    assert models.Testimonial.objects.get(text="New.").agreed is False
