"""The cast of the matching tests."""

import pytest

from matching.tests.make import make_committee, make_cycle, make_mentee, make_mentor, matching_evening


@pytest.fixture
def cycle(db):
    """KLA's cycle on its matching evening."""
    with matching_evening():
        yield make_cycle()


@pytest.fixture
def committee(cycle):
    return make_committee(cycle.program)


@pytest.fixture
def chi(committee):
    return committee["chi"]


@pytest.fixture
def ann(cycle):
    """A mentor at a university library who likes to help with building a skill."""
    return make_mentor(cycle, "Ann", library_type="university", goals=["build-a-skill"])


@pytest.fixture
def mo(cycle):
    """A mentor at a school library who likes to help with publishing."""
    return make_mentor(cycle, "Mo", library_type="school", goals=["publish-or-present"])


@pytest.fixture
def bea(cycle):
    """A mentee who fits Ann."""
    return make_mentee(cycle, "Bea", library_type="university", goals=["build-a-skill"])


@pytest.fixture
def cal(cycle):
    """A mentee who fits Mo."""
    return make_mentee(cycle, "Cal", library_type="school", goals=["publish-or-present"])
