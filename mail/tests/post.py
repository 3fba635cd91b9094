"""What mail providers post to us, as they write it, signed the way each signs."""

import base64
import hashlib
import hmac
import json

from django.urls import reverse

from mail import events
from mail.providers import PROVIDERS

SECRET = "events:a-long-password"
BEA = "bea@larkin.example.net"
THEIRS = "883953f4-6105-42a2-a16a-77a8eac79483"  # Postmark's own number of a mail


def use(settings, name, secret=SECRET):
    """Have this site send through a provider."""
    settings.MAIL_PROVIDER = name
    settings.SITE_URL = "https://mentoring.example.org"
    settings.EMAIL_BACKEND = PROVIDERS[name].backend
    settings.ANYMAIL = PROVIDERS[name].settings("the-key", secret)


def url(provider):
    return reverse("mail_events", args=[provider])


def basic(secret=SECRET):
    return {"authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}


def postmark(client, event, secret=SECRET):
    """One event of Postmark; its secret comes along as user and password."""
    return client.post(url("postmark"), json.dumps(event), "application/json", headers=basic(secret))


def postmark_event(message=None, kind="Delivery", email=BEA, **more):
    return {
        "RecordType": kind,
        "MessageStream": "outbound",
        "ServerID": 23,
        "MessageID": THEIRS,
        "Recipient" if kind == "Delivery" else "Email": email,
        "DeliveredAt" if kind == "Delivery" else "BouncedAt": "2025-10-15T12:03:54.9070259Z",
        "Tag": "",
        "Metadata": events.metadata(message) if message else {},
        "Details": "smtp;250 2.0.0 OK" if kind == "Delivery" else "smtp;550 5.1.1 no such person",
        **more,
    }


def postmark_bounce(message=None, **more):
    about = {"ID": 4323372036854775807, "Type": "HardBounce", "TypeCode": 1, "Name": "Hard bounce", "Inactive": True}
    about |= {"Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found)."}
    about |= {"From": "mail@mentoring.example.org", "Subject": "A word", "DumpAvailable": True, "CanActivate": True}
    return postmark_event(message, "Bounce", **{**about, **more})


def postmark_complaint(message=None, **more):
    about = {"ID": 42, "Type": "SpamComplaint", "TypeCode": 100001, "Name": "Spam complaint", "Inactive": True}
    about |= {"Description": "The subscriber explicitly marked this message as spam.", "Details": ""}
    return postmark_event(message, "SpamComplaint", **{**about, **more})


def mailgun(client, event, key=SECRET):
    """One event of Mailgun, signed with the key for its events."""
    stamp, token = "1760529834", "0123456789abcdef0123456789abcdef0123456789abcdef01"
    signed = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    body = {"signature": {"timestamp": stamp, "token": token, "signature": signed}, "event-data": event}
    return client.post(url("mailgun"), json.dumps(body), "application/json")


def mailgun_event(message=None, event="delivered", email=BEA, message_id="", **more):
    return {
        "id": "G9Bn5sl1TC6nu79C8C0bwg",
        "event": event,
        "timestamp": 1760529834.9,
        "recipient": email,
        "recipient-domain": email.split("@")[1],
        "message": {"headers": {"message-id": message_id or "none@example.org", "to": email}, "size": 1111},
        "user-variables": events.metadata(message) if message else {},
        "flags": {"is-routed": False, "is-authenticated": True, "is-system-test": False, "is-test-mode": False},
        "delivery-status": {"code": 250, "message": "OK", "description": "", "attempt-no": 1, "session-seconds": 0.4},
        **more,
    }


def mailgun_bounce(message=None, severity="permanent", reason="bounce", **more):
    status = {"code": 550, "message": "5.1.1 no such person", "description": "", "attempt-no": 1}
    about = {"severity": severity, "reason": reason, "delivery-status": status, "log-level": "error"}
    return mailgun_event(message, "failed", **{**about, **more})
