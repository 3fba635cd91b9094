"""Four programs lived through, and every evening somebody's scanner opens the new mails before their readers do."""

from collections import Counter

import pytest
from django.core.cache import cache

from mail.models import Message
from mail.tests import scanner
from mail.tests.scale import scale
from members import clock
from mentoring.demo import world
from mentoring.tests.test_mailed_links import path_in, personal

pytestmark = [pytest.mark.kill, pytest.mark.django_db, pytest.mark.promise("G18")]
MOST, OF_A_KIND, LOOKS = scale(ci=4, full=24), scale(ci=20, full=10**6), 2


class Scanner:
    """Opens the personal links of mails that are new since it last came: of each kind so many, or all of them."""

    def __init__(self):
        self.last, self.kinds, self.looks, self.traces = 0, Counter(), 0, []

    def come(self):
        paths = []
        for message in Message.objects.filter(pk__gt=self.last, also_email="").order_by("pk"):
            self.last = message.pk
            for purpose, pk, query in personal(message):
                self.kinds[message.name, purpose] += 1
                if self.kinds[message.name, purpose] <= OF_A_KIND:
                    paths.append(path_in(message, purpose, pk, query))
        self.looks += len(paths) * LOOKS
        self.traces += scanner.traces_of_looking(paths, LOOKS) if paths else []


def test_a_scanner_in_every_mailbox_of_four_years_changes_nothing(settings, monkeypatch, figures):
    settings.DEMO = True
    cache.clear()
    seen, evening = Scanner(), world._evening

    def then_comes_the_scanner(day, years):
        evening(day, years)
        with clock.at(clock.end_of(day, world.EASTERN)):
            seen.come()

    monkeypatch.setattr(world, "MOST", MOST)
    monkeypatch.setattr(world, "_evening", then_comes_the_scanner)
    world.load()
    assert seen.traces == []
    purposes = {purpose for _mail, purpose in seen.kinds}
    assert purposes >= {"check-in", "evaluation", "leave-mail", "workshops"}
    figures.say(
        "G18",
        "mails of four programs, opened in the evening they came",
        links=sum(seen.kinds.values()),
        looks=seen.looks,
        changed=0,
    )
