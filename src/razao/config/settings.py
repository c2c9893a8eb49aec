"""Django settings; in: environment variables RAZAO_*, out: settings. The only module that reads the environment.

Every variable has a default that works out of the box; docs/settings.md lists them.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlparse

import platformdirs

from razao.config.secrets import secret_keys
from razao.countries.pack import look_also_in

PACKAGE = Path(__file__).resolve().parent.parent


def _version() -> str:
    try:
        return version("razao")
    except PackageNotFoundError:
        return "0+source"  # run from a checkout that is not installed


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, str(int(default))).strip().lower() in {"1", "true", "yes", "on"}


def _default_home() -> Path:
    # As root there is no person whose folder this could be; and the embedded server, which refuses to
    # run as root, must be able to reach it.
    if os.geteuid() == 0:
        return Path("/var/lib/razao")
    return Path(platformdirs.user_data_path("razao"))


RAZAO_VERSION = _version()
#: All state lives here: database, archive, mail that was not sent by SMTP, secret key.
RAZAO_HOME = Path(os.environ.get("RAZAO_HOME") or _default_home()).expanduser().resolve()
RAZAO_DATABASE_URL = os.environ.get("RAZAO_DATABASE_URL", "")
RAZAO_OWNER_DATABASE_URL = os.environ.get("RAZAO_OWNER_DATABASE_URL", "")
RAZAO_DATABASE_NAME = os.environ.get("RAZAO_DATABASE_NAME", "razao")


def _route(variable: str, *default: str) -> Path | str:
    """A folder, or ``s3://bucket/prefix`` as it is written."""
    found = os.environ.get(variable) or "/".join(default)
    return found if found.startswith("s3://") else Path(found).expanduser()


#: Root of the archive, and the route of each of its four folders (G5) where it is to lie elsewhere.
RAZAO_ARCHIVE = str(_route("RAZAO_ARCHIVE", str(RAZAO_HOME), "archive")).rstrip("/")
RAZAO_ARCHIVE_ROUTES = {
    "pc_ocr": _route("RAZAO_ROUTE_PC_OCR", RAZAO_ARCHIVE, "pc_ocr"),
    "pf_borrador": _route("RAZAO_ROUTE_PF_BORRADOR", RAZAO_ARCHIVE, "pf_borrador"),
    "pf_asiento": _route("RAZAO_ROUTE_PF_ASIENTO", RAZAO_ARCHIVE, "pf_asiento"),
    "pf_hco_asiento": _route("RAZAO_ROUTE_PF_HCO_ASIENTO", RAZAO_ARCHIVE, "pf_hco_asiento"),
}
#: The store of routes that are buckets; its keys are found as its library does (AWS_ACCESS_KEY_ID …).
RAZAO_S3_ENDPOINT = os.environ.get("RAZAO_S3_ENDPOINT", "")
RAZAO_S3_REGION = os.environ.get("RAZAO_S3_REGION", "")
#: Bytes of such files that a machine keeps on its own disk.
RAZAO_ARCHIVE_CACHE_BYTES = int(os.environ.get("RAZAO_ARCHIVE_CACHE_BYTES", str(2 * 1024**3)))

#: Source folders of companies lie below this one and nowhere else (S1): a page never names another path.
RAZAO_INTAKE = Path(os.environ.get("RAZAO_INTAKE") or RAZAO_HOME / "intake").expanduser()

#: Hosts of this server's own network that mailboxes may be on; any other must lie outside.
RAZAO_INSIDE_HOSTS = frozenset(filter(None, os.environ.get("RAZAO_INSIDE_HOSTS", "").split(",")))
#: A folder with packs of further countries, or newer ones of those there are (docs/countries.md).
if os.environ.get("RAZAO_PACKS"):
    look_also_in(Path(os.environ["RAZAO_PACKS"]).expanduser())

#: Files that are to go out to clients are put below this one, into the folder of their office (E4).
RAZAO_OUTGOING = Path(os.environ.get("RAZAO_OUTGOING") or RAZAO_HOME / "outgoing").expanduser()

#: Pictures of pages and other things that can be made again.
RAZAO_CACHE = Path(os.environ.get("RAZAO_CACHE") or RAZAO_HOME / "cache").expanduser()
#: Where machines share files made in the background; a folder in the cache where the archive is on disk.
RAZAO_MADE = f"{RAZAO_ARCHIVE}/made" if RAZAO_ARCHIVE.startswith("s3://") else ""

#: Counts of running web processes; emptied when a site starts.
RAZAO_METRICS_FOLDER = RAZAO_HOME / "run" / "metrics"
# The library reads this once, when it is imported.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(RAZAO_METRICS_FOLDER)
#: Who asks for figures shows it; without one they are for this machine alone.
RAZAO_METRICS_TOKEN = os.environ.get("RAZAO_METRICS_TOKEN", "")

DEBUG = _flag("RAZAO_DEBUG", False)
#: Whether the environment gives the key; else it is a file of the home.
RAZAO_KEY_GIVEN = bool(os.environ.get("RAZAO_SECRET_KEY"))
SECRET_KEY, *SECRET_KEY_FALLBACKS = secret_keys(
    RAZAO_HOME,
    os.environ.get("RAZAO_SECRET_KEY", ""),
    os.environ.get("RAZAO_FORMER_SECRET_KEYS", ""),
)
ALLOWED_HOSTS = os.environ.get("RAZAO_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
RAZAO_PORT = int(os.environ.get("RAZAO_PORT", "8000"))
#: Address that `razao up` listens on; 0.0.0.0 belongs inside a container or behind a firewall only.
RAZAO_BIND = os.environ.get("RAZAO_BIND", "127.0.0.1")
#: Behind TLS (the default outside localhost) cookies are marked secure and HSTS is sent.
RAZAO_TLS = _flag("RAZAO_TLS", False)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    "razao.kernel",
    "razao.companies",
    "razao.archive",
    "razao.ledger",
    "razao.booking",
    "razao.reports",
    "razao.capture",
    "razao.billing",
    "razao.delivery",
    "razao.web",
]

MIDDLEWARE = [
    "razao.config.monitoring.RequestLine",
    "razao.config.monitoring.Watched",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "razao.web.security.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "razao.web.sessions.Person",
    "django.contrib.messages.middleware.MessageMiddleware",
    "razao.web.language.PersonsLanguage",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "razao.web.security.SessionActivity",
    "razao.web.security.Tenancy",
]

ROOT_URLCONF = "razao.config.urls"
WSGI_APPLICATION = "razao.config.wsgi.application"
AUTH_USER_MODEL = "companies.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "razao.web.shell.shell",
            ],
        },
    }
]


#: Over a network either side sees within half a minute that the other is gone: what a machine that was cut off had begun
#: is taken back then, and its locks with it. The address may say otherwise (``?keepalives_idle=60``).
#: A process that stands still with a transaction open (a paused machine, SIGSTOP) loses it, and its locks, after an hour.
_STANDING_STILL = "-c idle_in_transaction_session_timeout=1h"
_OVER_NETWORK = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
    "options": "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
    f" -c tcp_user_timeout=25000 -c client_connection_check_interval=10000 {_STANDING_STILL}",
}


def _server(url: str) -> dict[str, object]:
    parts = urlparse(url)
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or parts.hostname or ""
    near = not host or host.startswith("/")
    options = {**({"options": _STANDING_STILL} if near else _OVER_NETWORK), **options}
    return {
        "HOST": host,
        "PORT": str(parts.port or ""),
        "NAME": parts.path.lstrip("/") or RAZAO_DATABASE_NAME,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "OPTIONS": options,
    }


def _databases() -> dict[str, dict[str, object]]:
    """Two doors to one database: ``default`` as the application's role, ``owner`` for migrations only."""
    if RAZAO_DATABASE_URL:
        app = _server(RAZAO_DATABASE_URL)
        owner = _server(RAZAO_OWNER_DATABASE_URL or RAZAO_DATABASE_URL)
    else:
        embedded = {
            "HOST": str(socket_folder(RAZAO_HOME)),
            "PORT": "5432",
            "NAME": RAZAO_DATABASE_NAME,
            "OPTIONS": {"options": _STANDING_STILL},
        }
        app = {**embedded, "USER": "razao_app", "PASSWORD": ""}
        owner = {**embedded, "USER": "razao_owner", "PASSWORD": ""}
    common = {"ENGINE": "razao.config.engine", "CONN_HEALTH_CHECKS": True}
    # ``aside`` is a second connection of the application: progress of a long transaction is seen while it runs.
    return {
        "default": {**common, **app, "CONN_MAX_AGE": 600},
        "aside": {**common, **app, "CONN_MAX_AGE": 600, "TEST": {"MIRROR": "default"}},
        "owner": {**common, **owner, "CONN_MAX_AGE": 0, "TEST": {"MIRROR": "default"}},
    }


from razao.config.postgres import socket_folder  # noqa: E402  (needs nothing of Django)

DATABASES = _databases()
DATABASE_ROUTERS: list[str] = []
#: Attempts to sign in and uses of invitations are counted for all processes and machines together.
CACHES = {"default": {"BACKEND": "razao.web.shared_cache.SharedCache"}}

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Nobody is kept from signing in by an address not confirmed: the one they were invited by is theirs. Another one takes its
# place once a link sent to it was followed, and the old one is told.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_CHANGE_EMAIL = True
# Who was invited has just chosen a password: they are in (a second factor is asked for where there is one).
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Nobody signs up: an address without an account gets no letter that offers it.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_ADAPTER = "razao.web.accounts.InvitedOnly"
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "10/m/ip,5/5m/key"}
#: Requests of one person to the portal, of one address to invitations' links, and an office's letters to one address.
RAZAO_PORTAL_RATE_LIMITS = {"page": "600/m/user", "invitation": "30/m/ip", "letter": "5/h/key"}
# Who changes address or factors gives the password first; that holds for a quarter of an hour.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("RAZAO_TRUSTED_PROXIES", "0"))
# An address that waits to be proven must not keep the second step out.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Razão"
# Passkeys ask for TLS; on this machine's own address a browser accepts them without.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not RAZAO_TLS
USERSESSIONS_TRACK_ACTIVITY = True

SESSION_ENGINE = "razao.web.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = RAZAO_TLS
CSRF_COOKIE_SECURE = RAZAO_TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = False
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("RAZAO_ORIGINS", "").split(",") if o]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if RAZAO_TLS else 0
SECURE_SSL_REDIRECT = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if RAZAO_TLS else None
X_FRAME_OPTIONS = "DENY"

#: Limits of one request. Files stream to disk above 2.5 MB; a single file may have 50 MB.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DATA_UPLOAD_MAX_NUMBER_FILES = 500
RAZAO_FILE_MAX_BYTES = int(os.environ.get("RAZAO_FILE_MAX_BYTES", str(50 * 1024 * 1024)))

#: Address of this site as clients reach it; links in e-mails begin with it.
RAZAO_URL = os.environ.get("RAZAO_URL", f"http://localhost:{RAZAO_PORT}").rstrip("/")
#: clamd's socket (a path, or host:port); files that are sent are scanned when it is set.
RAZAO_CLAMD = os.environ.get("RAZAO_CLAMD", "")

LANGUAGE_CODE = "pt"
LANGUAGES = [
    ("pt", "Português"),
    ("pt-br", "Português (Brasil)"),
    ("es", "Español"),
    ("en", "English"),
]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("RAZAO_TIME_ZONE", "Europe/Lisbon")
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["razao.config.formats"]

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Served from the package itself: nothing to collect, nothing to go stale.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
WHITENOISE_AUTOREFRESH = DEBUG

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ.get("RAZAO_SMTP_HOST")
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = str(RAZAO_HOME / "mail")
EMAIL_HOST = os.environ.get("RAZAO_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("RAZAO_SMTP_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("RAZAO_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("RAZAO_SMTP_PASSWORD", "")
EMAIL_USE_TLS = _flag("RAZAO_SMTP_TLS", True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("RAZAO_MAIL_FROM", "razao@localhost")

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "flow"
PROCRASTINATE_IMPORT_PATHS = [
    "razao.kernel.jobs",
    "razao.billing.comparing",
    "razao.billing.onboarding.taking",
    "razao.delivery.year_export",
    "razao.delivery.outgoing",
]

SILENCED_SYSTEM_CHECKS: list[str] = []
TEST_RUNNER = "django.test.runner.DiscoverRunner"

_LOG_LEVEL = os.environ.get("RAZAO_LOG_LEVEL", "WARNING")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "razao.config.log_lines.JsonLines"},
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "stream": sys.stderr,
            "formatter": "line" if os.environ.get("RAZAO_LOG_FORMAT") == "line" else "json",
        }
    },
    # A line for each request and job is for processes that serve; `wsgi` and `razao worker` ask for them.
    "loggers": {"razao.requests": {"level": _LOG_LEVEL}, "razao.jobs": {"level": _LOG_LEVEL}},
    "root": {"handlers": ["stderr"], "level": _LOG_LEVEL},
}
