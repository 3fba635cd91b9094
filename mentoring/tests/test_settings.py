"""The site refuses to start half-configured, and says in one line what is missing."""

import os
import runpy
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    "MODE": "production",
    "SECRET_KEY": "a-key-of-fifty-and-more-characters-that-nobody-guesses-0123456789",
    "SITE_URL": "https://mentoring.example.org",
    "ALLOWED_HOSTS": "mentoring.example.org",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "EMAIL_URL": "smtp://127.0.0.1:2525",
    "DEFAULT_FROM_EMAIL": "mentoring@example.org",
}
KEPT = ("PATH", "HOME", "LANG")


@pytest.fixture
def read(monkeypatch, tmp_path):
    """The settings as they are under this environment and no other."""

    def read(**environment):
        for name in set(os.environ) - set(KEPT):
            monkeypatch.delenv(name)
        for name, value in {"VAR_DIR": str(tmp_path), **environment}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "mentoring" / "settings.py"))

    return read


def manage(*arguments, folder, **environment):
    """manage.py in a process of its own, with this environment and no other."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env={**kept, "VAR_DIR": str(folder), **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("name", sorted(set(PRODUCTION) - {"MODE"}))
@pytest.mark.parametrize("blank", [True, False])
def test_production_without_a_setting_is_refused_and_names_it(read, name, blank):
    environment = {**PRODUCTION, name: ""}
    if not blank:
        del environment[name]
    with pytest.raises(ImproperlyConfigured, match=f"^The setting {name} is missing"):
        read(**environment)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"DEBUG": "yes"}, "DEBUG is on in production"),
        ({"MODE": "live"}, "MODE is 'live'"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"SITE_URL": "http://mentoring.example.org"}, "SITE_URL must begin with https://"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name the site's hosts"),
        ({"EMAIL_URL": "mail.example.org"}, "The setting EMAIL_URL cannot be understood."),
        ({"EMAIL_URL": "smtp://me:secret@mail.example.org:port"}, "The setting EMAIL_URL cannot be understood."),
        ({"DATABASE_URL": "mongo://db/mentoring"}, "DATABASE_URL must begin with postgres:// or sqlite:///."),
        ({"DATABASE_URL": "postgres://me:secret@db:port/mentoring"}, "The setting DATABASE_URL cannot be understood."),
        ({"VAR_DIR": "/proc/nowhere"}, "The folder /proc/nowhere cannot be made"),
    ],
)
def test_a_dangerous_or_mangled_setting_is_refused_and_named_and_its_password_is_not_shown(read, change, words):
    with pytest.raises(ImproperlyConfigured) as refused:
        read(**{**PRODUCTION, **change})
    assert words in str(refused.value)
    assert "secret@" not in "".join(traceback.format_exception(refused.value))


PROVIDER = {"MAIL_PROVIDER": "postmark", "MAIL_PROVIDER_KEY": "the-key", "MAIL_PROVIDER_SECRET": "events:secret"}


@pytest.mark.parametrize("name", ["MAIL_PROVIDER_KEY", "MAIL_PROVIDER_SECRET"])
@pytest.mark.parametrize("mode", ["production", "development"])
def test_a_mail_provider_without_what_it_needs_is_refused_and_names_it(read, mode, name):
    with pytest.raises(ImproperlyConfigured, match=f"^The setting {name} is missing"):
        read(**{**PRODUCTION, **PROVIDER, "MODE": mode, name: ""})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"MAIL_PROVIDER": "pigeon"}, "MAIL_PROVIDER is 'pigeon'; it must be one of mailgun, postmark, sparkpost."),
        ({"MAIL_PROVIDER_SECRET": "a-secret-alone"}, "MAIL_PROVIDER_SECRET must be written user:password for postmark"),
    ],
)
def test_a_mangled_mail_provider_is_refused_and_its_secret_is_not_shown(read, change, words):
    with pytest.raises(ImproperlyConfigured) as refused:
        read(**{**PRODUCTION, **PROVIDER, **change})
    assert words in str(refused.value)
    assert "a-secret-alone" not in str(refused.value)


def test_with_a_mail_provider_no_mail_server_is_needed_and_mail_leaves_through_its_door(read):
    given = {name: value for name, value in {**PRODUCTION, **PROVIDER}.items() if name != "EMAIL_URL"}
    settings = read(**given, MAIL_PROVIDER_API="https://api.example.org/")
    assert settings["EMAIL_BACKEND"] == "anymail.backends.postmark.EmailBackend"
    assert settings["ANYMAIL"] == {
        "POSTMARK_SERVER_TOKEN": "the-key",
        "WEBHOOK_SECRET": "events:secret",
        "REQUESTS_TIMEOUT": 30,
        "POSTMARK_API_URL": "https://api.example.org/",
    }
    mailgun = read(**{**given, "MAIL_PROVIDER": "mailgun", "MAIL_PROVIDER_SECRET": "a-signing-key"})
    assert mailgun["ANYMAIL"]["MAILGUN_WEBHOOK_SIGNING_KEY"] == "a-signing-key"


def test_production_with_a_mail_provider_passes_djangos_own_checks(tmp_path):
    given = {name: value for name, value in {**PRODUCTION, **PROVIDER}.items() if name != "EMAIL_URL"}
    checked = manage("check", "--deploy", "--fail-level", "WARNING", folder=tmp_path, **given)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_refusal_at_the_command_line_is_one_line(tmp_path):
    environment = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}
    refused = manage("check", folder=tmp_path, **environment)
    assert refused.returncode == 1
    [line] = refused.stderr.splitlines()
    assert line.startswith("The setting SECRET_KEY is missing.")


def test_production_settings_pass_djangos_own_checks_for_it(tmp_path):
    checked = manage("check", "--deploy", "--fail-level", "WARNING", folder=tmp_path, **PRODUCTION)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_nothing_is_needed_to_begin_and_the_folders_are_made(read, tmp_path):
    folder = tmp_path / "deep" / "var"
    settings = read(VAR_DIR=str(folder))
    assert settings["DATABASES"]["default"]["NAME"] == f"{folder}/mentoring.sqlite3"
    assert settings["CELERY_BROKER_URL"] == "filesystem://"
    assert (folder / "broker" / "control").is_dir()


def test_with_redis_the_broker_and_the_cache_are_redis(read):
    settings = read(REDIS_URL="redis://127.0.0.1:6379/3")
    assert settings["CELERY_BROKER_URL"] == settings["CACHES"]["default"]["LOCATION"] == "redis://127.0.0.1:6379/3"


def test_cookies_transport_and_headers_of_production_are_closed(read):
    settings = read(**PRODUCTION)
    assert all(
        settings[name]
        for name in ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS")
    )
    policy = settings["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert (policy["default-src"], policy["img-src"]) == (["'self'"], ["'self'", "data:"])
    assert "unsafe" not in str(policy)
