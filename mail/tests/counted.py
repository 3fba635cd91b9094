"""A test's worker counts what it has done, one byte a task in a file named after the task."""

from pathlib import Path

from celery.signals import task_postrun
from django.conf import settings


@task_postrun.connect
def count(task, **kwargs):
    with (Path(settings.VAR) / f"{task.name}.count").open("ab") as file:
        file.write(b".")
