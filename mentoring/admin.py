"""The committee's pages of the two ground floors: mail, people, associations, memberships, the history."""

from mentoring.admin_pages import history, mails, members

__all__ = ["history", "mails", "members"]
