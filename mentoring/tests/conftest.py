"""What several of the roof's tests look at."""

import pytest
from django.core.cache import cache

from mail.tests.house import build, server, sink
from mentoring import presets, rehearsal

__all__ = ["build", "server", "sink"]


@pytest.fixture
def sites_own_address(live_server, settings):
    """Mailed links lead to this server, and nobody has used up their sign-in codes in another test."""
    settings.SITE_URL = live_server.url
    cache.clear()


@pytest.fixture(scope="module")
def browser(django_db_setup):
    """One Chromium for a file. Its driver keeps a loop running, which the ORM would take amiss."""
    from mentoring.tests.browser import chromium

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with chromium() as browser:
            yield browser


@pytest.fixture(scope="session")
def walk(django_db_setup, django_db_blocker):
    """Every address opened by every seat, once for all tests of a run."""
    from mentoring.tests.walk import everywhere

    with django_db_blocker.unblock():
        return everywhere()


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Where the databases of the four played years stay."""
    return tmp_path_factory.mktemp("four")


@pytest.fixture(scope="session")
def told(folder):
    """All starting points played for as long as anything happens in them, once for all tests."""
    return rehearsal.play(rehearsal.Order(presets.names(), {}), keep=folder)
