"""Who may what: one table, read by the authentication backend, the pages and the tests.

A right is a word like "programs.decide_application". A seat of today in a program gives its rights there; a seat in an
association's office gives them for the association and its programs. Rights are the union of a person's seats, less
what is their own affair (`NOT_ONES_OWN`): nobody handles an application, match, pair or evaluation of their own.
"""

from django.contrib.auth.backends import BaseBackend

from members import clock
from programs.models import Program, Seat

LIAISON, COMMITTEE, CHAIR, DEPUTY, MEMBERSHIP_OFFICE, OFFICE = (
    str(role)
    for role in (
        Seat.Role.LIAISON,
        Seat.Role.COMMITTEE,
        Seat.Role.CHAIR,
        Seat.Role.DEPUTY,
        Seat.Role.MEMBERSHIP_OFFICE,
        Seat.Role.OFFICE,
    )
)
SITE_ADMIN = "site_admin"

LEAD = {CHAIR, DEPUTY}
TEAM = {COMMITTEE} | LEAD
ALL_OF_PROGRAM = {LIAISON} | TEAM
EVERY_SEAT = ALL_OF_PROGRAM | {MEMBERSHIP_OFFICE, OFFICE}

POLICY: dict[str, set[str]] = {
    "mentoring.enter_admin": EVERY_SEAT | {SITE_ADMIN},
    "mentoring.view_today": ALL_OF_PROGRAM,
    # set-up
    "programs.view_program": EVERY_SEAT | {SITE_ADMIN},
    "programs.change_program": TEAM,
    "programs.add_program": {SITE_ADMIN},
    "programs.view_seat": EVERY_SEAT | {SITE_ADMIN},
    "programs.add_seat": LEAD | {OFFICE, SITE_ADMIN},
    "programs.change_seat": LEAD | {OFFICE, SITE_ADMIN},
    "members.view_association": EVERY_SEAT | {SITE_ADMIN},
    "members.change_association": {OFFICE, SITE_ADMIN},
    "members.add_association": {SITE_ADMIN},
    "members.view_user": {SITE_ADMIN},
    # applications
    "programs.view_application": TEAM,
    "programs.decide_application": TEAM,
    "programs.apply_on_behalf": TEAM,
    "programs.waive_experience": TEAM,
    "programs.waive_training": LEAD,
    "programs.waive_membership": LEAD | {MEMBERSHIP_OFFICE},
    "programs.mark_attendance": TEAM,
    # matching
    "matching.view_match": TEAM,
    "matching.edit_match": TEAM,
    "matching.announce": LEAD,
    "matching.undo_introduction": LEAD,
    "matching.note_answer": TEAM,
    "matching.answer_question": TEAM,
    # pairs
    "mentorships.view_all": TEAM,
    "mentorships.view_assigned": {LIAISON},
    "mentorships.view_request": TEAM,
    "mentorships.note_answer": ALL_OF_PROGRAM,
    "mentorships.change_course": LEAD,
    "mentorships.assign_contact": TEAM,
    "mentorships.view_extension": TEAM,
    "mentorships.view_nextstep": TEAM,
    # evaluations
    "evaluations.view_receipt": TEAM,
    "evaluations.view_response": LEAD,
    "evaluations.sign_letter": LEAD,
    "evaluations.view_figures": ALL_OF_PROGRAM | {OFFICE, SITE_ADMIN},
    # mail
    "mail.view_message": TEAM | {SITE_ADMIN},
    "mail.read_body": TEAM,
    "mail.stop": LEAD | {OFFICE, SITE_ADMIN},
    "mail.start": LEAD,
    "mail.resolve": LEAD,
    "mail.write": TEAM,
    "mail.check_sender": LEAD | {OFFICE, SITE_ADMIN},
    # member list and history
    "members.view_membership": TEAM | {MEMBERSHIP_OFFICE, OFFICE},
    "members.import_members": LEAD | {MEMBERSHIP_OFFICE, SITE_ADMIN},
    "members.confirm_membership": LEAD | {MEMBERSHIP_OFFICE},
    "members.view_entry": TEAM | {OFFICE, SITE_ADMIN},
}
# Tables that the committee sets up: the same rights for each.
for _table in (
    "programs.page",
    "programs.cycle",
    "programs.question",
    "programs.gate",
    "programs.training",
    "matching.criterion",
    "mentorships.checkinplan",
    "mentorships.topic",
    "mentorships.cycletopic",
    "programs.testimonial",
):
    _app, _model = _table.split(".")
    POLICY[f"{_app}.view_{_model}"] = ALL_OF_PROGRAM
    for _act in ("add", "change", "delete"):
        POLICY[f"{_app}.{_act}_{_model}"] = TEAM
# Workflow tables: read in the admin, changed by verbs alone.
for _table, _who in {
    "programs.acceptance": TEAM,
    "programs.waiver": TEAM,
    "programs.attendance": TEAM,
    "programs.listing": TEAM,
    "programs.place": TEAM,
    "matching.run": TEAM,
    "mentorships.mentorship": ALL_OF_PROGRAM,
    "mentorships.checkin": ALL_OF_PROGRAM,
    "evaluations.serviceletter": LEAD,
}.items():
    _app, _model = _table.split(".")
    POLICY[f"{_app}.view_{_model}"] = _who

# Rights of a program's seat that reach its association's own rows.
REACHES_ASSOCIATION = {
    "members.view_membership",
    "members.import_members",
    "members.confirm_membership",
    "members.view_association",
}

# Nobody does these to what is their own.
NOT_ONES_OWN = {
    "programs.decide_application",
    "programs.waive_experience",
    "programs.waive_training",
    "programs.waive_membership",
    "programs.mark_attendance",
    "matching.edit_match",
    "matching.note_answer",
    "matching.answer_question",
    "matching.undo_introduction",
    "mentorships.note_answer",
    "mentorships.change_course",
    "mentorships.assign_contact",
    "evaluations.view_response",
    "evaluations.sign_letter",
    "members.confirm_membership",
}

# From which seat somebody acts, when they hold several.
RANK = [CHAIR, DEPUTY, COMMITTEE, LIAISON, OFFICE, MEMBERSHIP_OFFICE]


def of(user) -> list[Seat]:
    """This person's seats of today, asked once for each person object and day."""
    day = clock.today("UTC")
    kept = getattr(user, "_seats", None)
    if kept is None or kept[0] != day:
        held = Seat.objects.filter(user=user).select_related("program__association", "association")
        user._seats = kept = (day, list(held))
    return [seat for seat in kept[1] if seat.is_of(clock.today(seat.zone))]


class SeatBackend(BaseBackend):
    """Answers has_perm from the table above; it signs nobody in."""

    def authenticate(self, request, **credentials):
        return None

    def scopes(self, user, perm: str) -> set[str]:
        """Where this person may do `perm` today."""
        roles = POLICY.get(perm, set())
        if user.is_anonymous or not user.is_active or not roles:
            return set()
        if user.is_superuser and SITE_ADMIN in roles:
            return _everywhere()
        found = set()
        for seat in of(user):
            if seat.role not in roles:
                continue
            found.add(seat.scope)
            if seat.program_id and perm in REACHES_ASSOCIATION:
                found.add(seat.home.scope)
            if seat.association_id:
                slugs = Program.objects.filter(association_id=seat.association_id).values_list("slug", flat=True)
                found |= {f"program:{slug}" for slug in slugs}
        return found

    def has_perm(self, user, perm, obj=None):
        if obj is None:
            return bool(self.scopes(user, perm))
        if perm in NOT_ONES_OWN and hasattr(obj, "people") and user.pk in obj.people():
            return False
        return obj.scope in self.scopes(user, perm)

    def has_module_perms(self, user, app_label):
        return any(perm.startswith(f"{app_label}.") and self.scopes(user, perm) for perm in POLICY)

    def role_in(self, user, scope: str) -> str:
        """The seat that this person acts from in a scope; "site_admin" for the site's administrator, "" for nobody."""
        held = {seat.role for seat in of(user) if seat.scope == scope or seat.home.scope == scope}
        held |= {seat.role for seat in of(user) if seat.association_id and _is_of(seat.association, scope)}
        for role in RANK:
            if role in held:
                return str(role)
        return SITE_ADMIN if user.is_superuser else ""


def _is_of(association, scope: str) -> bool:
    kind, slug = scope.split(":", 1)
    return kind == "program" and Program.objects.filter(slug=slug, association=association).exists()


def _everywhere() -> set[str]:
    programs = Program.objects.select_related("association")
    return {program.scope for program in programs} | {program.association.scope for program in programs}


# Which seats somebody may give from theirs. Nobody gives one to themselves.
GIVES = {
    CHAIR: {LIAISON, COMMITTEE, DEPUTY, CHAIR},
    DEPUTY: {LIAISON, COMMITTEE, DEPUTY, CHAIR},
    OFFICE: {CHAIR, DEPUTY},
    SITE_ADMIN: EVERY_SEAT,
}


def may_give(user, where) -> set[str]:
    """The seats that this person may give in a program or an association (`where`) today."""
    roles = {seat.role for seat in of(user) if seat.scope == where.scope}
    if hasattr(where, "association"):
        roles |= {seat.role for seat in of(user) if seat.association_id == where.association_id}
    roles |= {SITE_ADMIN} if user.is_superuser else set()
    found = set().union(*(GIVES.get(role, set()) for role in roles))
    of_association = {MEMBERSHIP_OFFICE, OFFICE}
    return found - of_association if hasattr(where, "association") else found & of_association
