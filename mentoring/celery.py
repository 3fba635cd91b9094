"""The worker's and beat's application. Beat knows one thing: every few minutes, do what is due."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")

app = Celery("mentoring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "do what is due": {"task": "mentoring.run_due", "schedule": 600.0},
    "sweep the outbox": {"task": "mail.sweep", "schedule": 60.0},
}
