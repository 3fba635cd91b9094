"""Workers killed by signal 9 just after a mail provider has taken a mail: its event says what became of it."""

import json
from collections import Counter

import pytest

from mail.tests.door import Door
from mail.tests.house import go
from mail.tests.scale import scale

pytestmark = [pytest.mark.kill, pytest.mark.django_db]
MAILS, KILLS = scale(ci=4, full=40), scale(ci=2, full=20)
MINUTES = "11"  # when every lease is over


def killed_after_it_was_taken(house, door):
    """One deliverer after the other, each killed when the door has one more mail and has not said so yet; then the rest."""
    house.stage("queue", str(MAILS))
    for number, worker in enumerate(house.crew(KILLS)):
        door.slowness = 5.0
        go([worker])
        house.wait_until(lambda taken=number + 1: len(door.mails) == taken)
        worker.kill()
        worker.wait()
    door.slowness = 0.0
    house.stage("deliver", MINUTES)


@pytest.mark.promise("G5")
def test_what_a_killed_worker_left_uncertain_is_settled_by_the_providers_events(build, tmp_path, figures):
    with Door() as door:
        house = build("")
        house.environment |= door.settings()
        killed_after_it_was_taken(house, door)
        assert Counter(house.readers().values()) == {"uncertain": KILLS, "sent": MAILS - KILLS}
        told = tmp_path / "told.json"
        told.write_text(json.dumps(door.events()))
        process = house.start("mail.tests.door", str(told))
        assert process.communicate(timeout=60)[0].split() == [b"200"] * MAILS
        assert Counter(house.readers().values()) == {"sent": MAILS}
        assert Counter(mail["Metadata"]["mail"] for mail in door.mails).most_common(1)[0][1] == 1
    figures.say("G5", "with a provider's events", mails=MAILS, kills=KILLS, uncertain=0, lost=0, twice=0)


@pytest.mark.promise("G5")
def test_the_control_without_events_leaves_them_uncertain(build, figures):
    with Door() as door:
        house = build("")
        house.environment |= door.settings()
        killed_after_it_was_taken(house, door)
        assert Counter(house.readers().values())["uncertain"] == KILLS
    figures.say("G5", "control, without events", kills=KILLS, uncertain=KILLS)
