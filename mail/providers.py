"""Mail providers that are spoken to over the web (django-anymail), and what each needs. Nothing is imported here but Python.

The settings read `PROVIDERS`; without one of them mail leaves over plain SMTP, and nothing is heard of it afterwards.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Provider:
    """One provider: its name at anymail, the settings there for our key and secret, and headers that it wants to see.

    `signs` says that it signs what it tells us with the secret; the others send the secret along as "user:password".
    """

    name: str
    key: str
    secret: str
    signs: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def backend(self) -> str:
        """What Django sends with."""
        return f"anymail.backends.{self.name.lower()}.EmailBackend"

    @property
    def view(self) -> str:
        """What reads and checks what this provider tells us."""
        return f"anymail.webhooks.{self.name.lower()}.{self.name}TrackingWebhookView"

    def settings(self, key: str, secret: str, api: str = "") -> dict[str, Any]:
        """The settings of django-anymail."""
        given = {self.key: key, self.secret: secret, "REQUESTS_TIMEOUT": 30}
        return given | ({f"{self.name.upper()}_API_URL": api} if api else {})


# Those that pass every header and several answer addresses on, and name the one recipient that an event is about.
PROVIDERS = {
    "mailgun": Provider("Mailgun", "MAILGUN_API_KEY", "MAILGUN_WEBHOOK_SIGNING_KEY", signs=True),
    # Without this header Postmark would put a Message-ID of its own in the place of ours.
    "postmark": Provider("Postmark", "POSTMARK_SERVER_TOKEN", "WEBHOOK_SECRET", headers={"X-PM-KeepID": "true"}),
    "sparkpost": Provider("SparkPost", "SPARKPOST_API_KEY", "WEBHOOK_SECRET"),
}
