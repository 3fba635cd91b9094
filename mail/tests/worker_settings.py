"""The site's settings for processes that a test starts: tables without migrations, a queue of their own, a quick beat."""

import os

from mentoring.settings import *  # noqa: F403


class NoMigrations:
    """Every app's tables are made from its models."""

    def __contains__(self, app):
        return True

    def __getitem__(self, app):
        return None


MIGRATION_MODULES = NoMigrations()
CELERY_TASK_DEFAULT_QUEUE = os.environ["TEST_QUEUE"]
CELERY_BEAT_SCHEDULE = {"sweep the outbox": {"task": "mail.sweep", "schedule": 1.0, "options": {"expires": 5}}}
EMAIL_TIMEOUT = 10
