"""One settings file, read from the environment; `.env` beside manage.py is read too. docs/operations.md lists every name.

MODE is `development` (the default: no setting needed), `demo` or `production`. Production refuses to start when a
setting it cannot do without is missing, and names it.
"""

import sys
from pathlib import Path

import environ
from bootstrap_wrapper import get_bootstrap_css_dir
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from mail.providers import PROVIDERS

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

MODE = env("MODE", default="development")
if MODE not in ("development", "demo", "production"):
    raise ImproperlyConfigured(f"MODE is {MODE!r}; it must be development, demo or production.")
PRODUCTION = MODE == "production"
DEMO = MODE == "demo"


def needed(name: str, otherwise: str) -> str:
    """A setting that production must be given; elsewhere `otherwise` serves."""
    if PRODUCTION and not env(name, default=""):
        raise ImproperlyConfigured(
            f"The setting {name} is missing. Set it in the environment or in .env and start again."
        )
    return env(name, default=otherwise)


def always_needed(name: str) -> str:
    """A setting without which another one is of no use, wherever the site runs."""
    if value := env(name, default=""):
        return value
    raise ImproperlyConfigured(f"The setting {name} is missing. Set it in the environment or in .env and start again.")


SECRET_KEY = needed("SECRET_KEY", "only-for-development-and-the-demo-never-on-a-public-host")
SITE_URL = needed("SITE_URL", f"http://localhost:{env('PORT', default='8000')}").rstrip("/")
DEBUG = env.bool("DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG is on in production. Take DEBUG away and start again.")
ALLOWED_HOSTS = needed("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
if PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured(
        "SECRET_KEY is too short: take at least 50 random characters (docs/operations.md makes one)."
    )
if PRODUCTION and not SITE_URL.startswith("https://"):
    raise ImproperlyConfigured(f"SITE_URL must begin with https:// in production; it is {SITE_URL!r}.")
if PRODUCTION and any(host.strip() in ("*", "") for host in ALLOWED_HOSTS):
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the site's hosts, separated by commas, in production.")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL.startswith("https://") else []

INSTALLED_APPS = [
    "mentoring.apps.MentoringConfig",
    "evaluations",
    "matching",
    "mentorships",
    "programs",
    "members",
    "mail",
    "mentoring.apps.MentoringAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "django.forms",
    "anymail",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "mentoring.middleware.NothingPrivateIsKept",
]

ROOT_URLCONF = "mentoring.demo.urls" if DEMO else "mentoring.urls"
WSGI_APPLICATION = "mentoring.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mentoring.context.site",
            ],
        },
    }
]

# Where this site keeps what it writes itself: the default database, beat's clock, the files of the transport without Redis.
VAR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))
BROKER_DIR = Path(env("BROKER_DIR", default=str(VAR / "broker")))


def understood(name: str, read, value: str) -> dict:
    """The parts of an address; its value is never shown, it may hold a password."""
    try:
        return read(value)
    except (ValueError, KeyError, ImproperlyConfigured):
        raise ImproperlyConfigured(
            f"The setting {name} cannot be understood. docs/operations.md shows how it is written."
        ) from None


def make_folder(folder: Path) -> None:
    """Have a folder there before anybody writes into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The folder {folder} cannot be made ({error.strerror}). Set VAR_DIR to one that can."
        )


make_folder(VAR)

# SQLite: without IMMEDIATE, concurrent submissions die with "database is locked"; WAL lets readers go on meanwhile.
DATABASE_URL = env("DATABASE_URL", default="") or f"sqlite:///{VAR / 'mentoring.sqlite3'}"
if not DATABASE_URL.startswith(("sqlite:", "postgres:", "postgresql:")):
    raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite:///.")
DATABASES = {"default": understood("DATABASE_URL", env.db_url_config, DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = needed("REDIS_URL", "")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# Who may what is answered by one policy table (programs/seats.py); allauth's backend only signs people in.
AUTH_USER_MODEL = "members.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # unique whatever the case, by a constraint that this check does not know
AUTHENTICATION_BACKENDS = ["members.backends.SignInBackend", "programs.seats.SeatBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "my"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "members.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 20 * 60
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = True
# A code has six figures and five tries: these limits keep a guesser busy for years.
ACCOUNT_RATE_LIMITS = {"request_login_code": "30/m/ip,3/m/key,12/h/key,40/d/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["mentoring.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # stored in UTC; people read their program's zone

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"  # filled by collectstatic
make_folder(STATIC_ROOT)
STATICFILES_DIRS = [BASE_DIR / "static", ("bootstrap", get_bootstrap_css_dir())]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
FORM_RENDERER = "mentoring.forms.Renderer"

# Mail: through a provider's own door (MAIL_PROVIDER), which tells afterwards what became of it; else over plain SMTP:
# EMAIL_URL is smtp://user:password@host:port, smtp+tls://… or, outside production, a folder of files.
MAIL_FILES = VAR / "mail"
MAIL_PROVIDER = env("MAIL_PROVIDER", default="")
EMAIL_URL = env("EMAIL_URL", default="") if MAIL_PROVIDER else needed("EMAIL_URL", "")
if MAIL_PROVIDER:
    if MAIL_PROVIDER not in PROVIDERS:
        raise ImproperlyConfigured(f"MAIL_PROVIDER is {MAIL_PROVIDER!r}; it must be one of {', '.join(PROVIDERS)}.")
    provider = PROVIDERS[MAIL_PROVIDER]
    MAIL_PROVIDER_SECRET = always_needed("MAIL_PROVIDER_SECRET")
    if not provider.signs and ":" not in MAIL_PROVIDER_SECRET:
        raise ImproperlyConfigured(
            f"MAIL_PROVIDER_SECRET must be written user:password for {MAIL_PROVIDER}; it stands in the address that you give there."
        )
    EMAIL_BACKEND = provider.backend
    ANYMAIL = provider.settings(
        always_needed("MAIL_PROVIDER_KEY"), MAIL_PROVIDER_SECRET, env("MAIL_PROVIDER_API", default="")
    )
elif EMAIL_URL:
    vars().update(understood("EMAIL_URL", env.email_url_config, EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = MAIL_FILES
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = needed("DEFAULT_FROM_EMAIL", "mentoring@localhost")

# Names under which a DKIM key may stand, for the page about the sender; empty: the common ones (mail/sender_check.py).
MAIL_DKIM_SELECTORS = [name.strip() for name in env.list("MAIL_DKIM_SELECTORS", default=[]) if name.strip()]

# Celery: Redis, else the filesystem transport. The truth is in the database; a message only carries an id (docs/mail.md).
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    # A page must not wait for a broker that is away: one try, a second at most.
    {"visibility_timeout": 3600, "max_retries": 1, "interval_start": 0, "socket_connect_timeout": 1}
    if REDIS_URL
    else {
        "data_folder_in": str(BROKER_DIR),
        "data_folder_out": str(BROKER_DIR),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.1,
    }
)
if not REDIS_URL:
    make_folder(BROKER_DIR / "control")
# A tick that nobody took before the next one is dropped: a worker that was away finds no pile.
CELERY_BEAT_SCHEDULE = {
    "do what is due": {"task": "mentoring.run_due", "schedule": 600.0, "options": {"expires": 590}},
    "sweep the outbox": {"task": "mail.sweep", "schedule": 60.0, "options": {"expires": 55}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat")
# A request tells the worker of new mail; tests and the rehearsal deliver by themselves and want no broker.
MAIL_WAKE = env.bool("MAIL_WAKE", default="pytest" not in sys.modules)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "fontTools": {"level": "WARNING"},  # a letter's font is nothing to tell about, glyph by glyph
        "kombu.connection": {"level": "ERROR"},  # files as a broker have no host, and that is meant so
    },
}

TESTING = "pytest" in sys.modules
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
