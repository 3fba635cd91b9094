"""The site's settings for processes that a test starts: tables without migrations, keys of their own in Redis, a quick beat."""

import os

from mentoring.settings import *  # noqa: F403
from mentoring.settings import CELERY_BROKER_TRANSPORT_OPTIONS, REDIS_URL


class NoMigrations:
    """Every app's tables are made from its models."""

    def __contains__(self, app):
        return True

    def __getitem__(self, app):
        return None


MIGRATION_MODULES = NoMigrations()
CELERY_TASK_DEFAULT_QUEUE = os.environ["TEST_QUEUE"]
if REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS = CELERY_BROKER_TRANSPORT_OPTIONS | {
        "global_keyprefix": f"{os.environ['TEST_QUEUE']}:"
    }
SECONDS = float(os.environ.get("TEST_BEAT", "1"))
CELERY_BEAT_SCHEDULE = {"sweep the outbox": {"task": "mail.sweep", "schedule": SECONDS, "options": {"expires": 5}}}
if os.environ.get("TEST_CALENDAR"):  # as often as on a real site, beside the sweep
    CELERY_BEAT_SCHEDULE["do what is due"] = {"task": "mentoring.run_due", "schedule": 10 * SECONDS}
CELERY_IMPORTS = ("mail.tests.spoiled", "mail.tests.counted")
EMAIL_TIMEOUT = 10
