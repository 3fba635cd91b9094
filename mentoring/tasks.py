"""The roof's task: the planner, called by beat."""

from celery import shared_task

from mail import heartbeat
from members import clock
from mentoring import planner


@shared_task(name="mentoring.run_due")
def run_due():
    """What beat calls: everything that is due now."""
    heartbeat.note(heartbeat.WORKER, clock.now())
    for _ in planner.due(clock.now()):
        pass
