"""The membership office's "no": a claim that nothing was found for."""

from django.db import transaction
from django.utils.translation import gettext as _

from members import journal
from members.journal import NotAllowed
from members.models import User
from programs.decisions import read_again
from programs.models import Application


def not_found(application: Application, *, by: User) -> Application:
    """Nobody was found under what the applicant gave; the question is off the office's list until they give something else.

    The application stays kept: a member list, or another address, may still let it in before its last day.
    """
    if not by.has_perm("members.confirm_membership", application):
        raise NotAllowed(_("The membership office answers this."))
    with transaction.atomic():
        read_again(application)
        if application.state != Application.State.HELD:
            raise NotAllowed(_("Nothing is open about this membership."))
        application.claimed_email = application.claimed_number = ""
        application.claim_vouched = False
        application.save(update_fields=["claimed_email", "claimed_number", "claim_vouched"])
        journal.record(application, "membership not found", by=by)
    return application
