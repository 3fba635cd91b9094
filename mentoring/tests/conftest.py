"""What several of the roof's tests look at."""

import pytest


@pytest.fixture(scope="session")
def walk(django_db_setup, django_db_blocker):
    """Every address opened by every seat, once for all tests of a run."""
    from mentoring.tests.walk import everywhere

    with django_db_blocker.unblock():
        return everywhere()
