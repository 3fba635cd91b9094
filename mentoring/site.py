"""The committee's side: Django's admin, entered by a seat of today, its first page the cycle in hand."""

from collections.abc import Iterable

from django.contrib import admin
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from members import clock

# How the set-up page is ordered: what a year is made of, then people, then what has happened.
SET_UP = [
    (
        _("The program"),
        ["Program", "Cycle", "Page", "Question", "Gate", "Criterion", "CheckInPlan", "Topic", "CycleTopic", "Training"],
    ),
    (_("People"), ["Seat", "Association", "Membership", "User"]),
    (_("What has happened"), []),
]


OURS = {"mail", "members", "programs", "mentorships", "matching", "evaluations"}
# Django's own page for a password (the account page has it), and its door to any row by number (nothing needs it).
ELSEWHERE = {"password_change", "password_change_done", "view_on_site"}


# The pages that one reaches from the mail list, beside those of the mail room's own tables.
ABOUT_MAIL = {"sender", "own_texts", "own_text", "year_mails", "write_to", "letters", "letter"}


def _is_about_mail(page: str) -> bool:
    return page in ABOUT_MAIL or page.startswith("mail_")


class MentoringAdminSite(admin.AdminSite):
    site_title = _("Mentoring")
    site_header = _("Mentoring")
    index_title = _("Set up")
    enable_nav_sidebar = False

    def has_permission(self, request):
        """A seat of today, or the site's administration."""
        return request.user.is_active and request.user.has_perm("mentoring.enter_admin")

    def login(self, request, extra_context=None):
        """One sign-in for everybody: the site's own."""
        if request.user.is_authenticated:
            return redirect("my")
        return redirect(
            f"{reverse('account_login')}?{urlencode({'next': request.GET.get('next', reverse('admin:index'))})}"
        )

    def register(self, model_or_iterable, admin_class=None, **options):
        """Our own tables only: those of the packages under us have pages of their own, or none that anybody may open."""
        models = model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        ours = [model for model in models if model._meta.app_label in OURS]
        super().register(ours, admin_class, **options)

    def get_urls(self):
        return [
            path("set-up/", self.admin_view(self.set_up), name="set_up"),
            path("seen/", self.admin_view(self.put_away), name="put_away"),
            path("sender/", self.admin_view(self.sender), name="sender"),
            path("year-ahead/<int:cycle>/", self.admin_view(self.year_ahead), name="year_ahead"),
            path("mails/<slug:program>/", self.admin_view(self.own_texts), name="own_texts"),
            path("mails/<slug:program>/year/", self.admin_view(self.year_mails), name="year_mails"),
            path("mails/<slug:program>/<slug:name>/", self.admin_view(self.own_text), name="own_text"),
            path("write/<int:cycle>/<slug:audience>/", self.admin_view(self.write_to), name="write_to"),
            path("letters/", self.admin_view(self.letters), name="letters"),
            path("letters/<int:pk>/", self.admin_view(self.letter), name="letter"),
            *(address for address in super().get_urls() if getattr(address, "name", "") not in ELSEWHERE),
        ]

    def each_context(self, request):
        from mentoring import first_page

        cycle, others = (None, [])
        if request.user.is_authenticated:
            cycle, others = first_page.in_hand(request.user, self._cycle_of(request))
        context = super().each_context(request)
        if cycle:
            context |= {
                "site_header": cycle.program.name,
                "site_title": cycle.program.name,
                "cycle": cycle,
                "other_cycles": others,
            }
        return context | {"committee_nav": self._nav(request, cycle)}

    @staticmethod
    def _cycle_of(request):
        """The cycle that an address names, by its own part or by its question."""
        kwargs = request.resolver_match.kwargs if request.resolver_match else {}
        return str(kwargs.get("cycle") or request.GET.get("cycle") or request.GET.get("cycle__id__exact") or "")

    @staticmethod
    def _nav(request, cycle):
        """The sections that this person may open; what `aria-current` says of the one that is open now, else ""."""
        items = [(_("Today"), reverse("admin:index"), "mentoring.enter_admin")]
        if cycle:
            ask = urlencode({"cycle": cycle.pk})
            applications = (
                f"{reverse('admin:programs_application_changelist')}?{urlencode({'cycle__id__exact': cycle.pk})}"
            )
            items = [
                (_("Today"), f"{reverse('admin:index')}?{ask}", "mentoring.enter_admin"),
                (_("Applications"), applications, "programs.view_application"),
                (_("Matching"), reverse("admin:matching_desk", args=[cycle.pk]), "matching.view_match"),
                (_("Announce"), reverse("admin:matching_announce", args=[cycle.pk]), "matching.announce"),
                (_("Pairs"), f"{reverse('admin:mentorships_pairs')}?{ask}", "mentorships.view_mentorship"),
                (_("Mail"), reverse("admin:mail_message_changelist"), "mail.view_message"),
                (_("Report"), f"{reverse('admin:evaluations_report')}?{ask}", "evaluations.view_figures"),
            ]
        items.append((_("Set up"), reverse("admin:set_up"), "mentoring.enter_admin"))
        open_now = {request.path: "page"}
        if request.resolver_match and _is_about_mail(request.resolver_match.url_name or ""):
            open_now = {reverse("admin:mail_message_changelist"): "true"} | open_now
        return [
            (label, url, open_now.get(url.split("?")[0], ""))
            for label, url, perm in items
            if request.user.has_perm(perm)
        ]

    def index(self, request, extra_context=None):
        """The cycle today; who looks after no cycle starts at the set-up."""
        from mentoring import first_page

        cycle, others = first_page.in_hand(request.user, request.GET.get("cycle"))
        if cycle is None:
            return redirect("admin:set_up")
        context = {**self.each_context(request), "title": _("Today"), **first_page.build(request.user, cycle, others)}
        return render(request, "admin/today.html", context | (extra_context or {}))

    def set_up(self, request):
        """Everything that the committee may set up, by its plain name."""
        return super().index(request)

    def get_app_list(self, request, app_label=None):
        """What may be set up, by what it is for and not by the app that holds it."""
        apps = super().get_app_list(request, app_label)
        if app_label or not apps:
            return apps
        models = {model["object_name"]: model for app in apps for model in app["models"]}
        groups = []
        for title, names in SET_UP:
            found = [models.pop(name) for name in names if name in models] if names else list(models.values())
            groups.append({"name": title, "app_label": "", "app_url": "", "has_module_perms": True, "models": found})
        return [group for group in groups if group["models"]]

    def year_ahead(self, request, cycle):
        """What leaves by itself on which day, of one cycle."""
        from mentoring.admin_pages.year_ahead import year_ahead

        return year_ahead(request, cycle, self)

    def own_texts(self, request, program):
        """The mails that a program may word itself."""
        from mentoring.admin_pages.own_texts import own_texts

        return own_texts(request, program, self)

    def own_text(self, request, program, name):
        """One of them, with its placeholders and previews."""
        from mentoring.admin_pages.own_texts import own_text

        return own_text(request, program, name, self)

    def year_mails(self, request, program):
        """All mails of a made-up year to oneself."""
        from mentoring.admin_pages.year_mails import year_mails

        return year_mails(request, program, self)

    def write_to(self, request, cycle, audience):
        """Write to a list of people."""
        from mentoring.admin_pages.letters import write_to

        return write_to(request, cycle, audience, self)

    def letters(self, request):
        """The letters that were written to lists."""
        from mentoring.admin_pages.letters import letters

        return letters(request, self)

    def letter(self, request, pk):
        """One of them, with its Stop and what became of it."""
        from mentoring.admin_pages.letters import letter

        return letter(request, pk, self)

    def sender(self, request):
        """From which address mail leaves and whether others believe it."""
        from mentoring.admin_pages.sender import sender_page

        return sender_page(request, self)

    def put_away(self, request):
        """ "Seen, leave it": this task is not shown to this person again."""
        from members.models import Dismissal

        return require_POST(self._put_away)(request, Dismissal)

    @staticmethod
    def _put_away(request, dismissals):
        task = request.POST.get("task", "")[:120]
        if task and "\x00" not in task:
            dismissals.objects.get_or_create(user=request.user, task=task, defaults={"at": clock.now()})
        return redirect(f"{reverse('admin:index')}?{urlencode({'cycle': request.POST.get('cycle', '')})}")
