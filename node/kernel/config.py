# SPDX-License-Identifier: AGPL-3.0-or-later
"""The node's settings: a TOML file, overridden by `ALUMNODE_*` environment variables, read once at start.

`ALUMNODE_NAME` sets `name`; a setting in a table takes two underscores: `ALUMNODE_FEDERATION__ALLOW_HTTP=true`. Relative
paths are taken from the folder of the file. Every fault is a `ConfigError` whose text is one sentence that names the
setting. Secrets are never shown: their `repr` is masked.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final, get_args, get_origin, get_type_hints

from activitypub.errors import Malformed
from activitypub.origin import origin

DEFAULT_FILE: Final = Path("alumnode.toml")
_PREFIX: Final = "ALUMNODE_"
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
_MAIL_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
# Read by the test suite and by the command line itself, so they are no settings of the node.
_NOT_SETTINGS: Final = frozenset({"CONFIG", "CRASH_AT"})


class ConfigError(Exception):
    """A setting is missing or wrong; the text is one sentence for the person who runs the node."""


class Secret(str):
    """A setting that must not be printed."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Masked, so that a log line or a traceback that holds it tells nothing."""
        return "'********'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Federation:
    """How the node meets other servers. The first three are for tests and the demo, never for a public domain."""

    allow_private_addresses: bool = False
    allow_http: bool = False
    ca_file: Path | None = None
    require_signed_reads: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds that an association may want to change."""

    max_upload: int = 16 * 1024 * 1024
    timeline_length: int = 800


_NO_SECRET: Final = Secret("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The server that takes the node's letters. Without a `host` none are sent. `sender` stands behind From."""

    host: str = ""
    port: int = 587
    security: str = "starttls"
    username: str = ""
    password: Secret = _NO_SECRET
    sender: str = ""
    ca_file: Path | None = None

    @property
    def is_on(self) -> bool:
        """Whether letters are sent."""
        return bool(self.host)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrations:
    """Who may sign up without an invitation: nobody (`closed`), whoever the staff approves, or everybody (`open`).

    Whoever comes says when they were born if there is a `minimum_age`; else that they are of age.

    `missing_classmates`: members read the names of those of their class who are in the roster and not here, and may
    invite them.

    `class_vouches` members of their class, or `school_vouches` of any, let a newcomer in. An address of one of the
    `school_mail_domains` speaks for them when the roster is asked.
    """

    mode: str = "closed"
    minimum_age: int = 0
    class_vouches: int = 2
    school_vouches: int = 3
    school_mail_domains: tuple[str, ...] = ()
    missing_classmates: bool = True

    @property
    def are_open(self) -> bool:
        """Whether anybody may ask."""
        return self.mode != "closed"

    @property
    def need_approval(self) -> bool:
        """Whether the staff has to say yes."""
        return self.mode == "approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Previews:
    """Whether the node reads the pages that posts link to, to show their titles and pictures."""

    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. `domain` is what stands in handles, `web_domain` where the node is reached (usually the same)."""

    domain: str
    name: str
    secret_key: Secret
    web_domain: str = ""
    description: str = ""
    school: str = ""
    contact_email: str = ""
    locale: str = "en"
    timezone: str = "UTC"
    accent: str = "#1f6f54"
    database_url: str = "sqlite:///data/alumnode.db"
    data_dir: Path = Path("data")
    bind: str = "127.0.0.1"
    port: int = 8080
    testing: bool = False
    two_admins: bool = True
    log_level: str = "info"
    log_format: str = "text"
    sqlite_synchronous: str = "NORMAL"
    trusted_proxies: tuple[str, ...] = ("127.0.0.1/32", "::1/128")
    federation: Federation = field(default_factory=Federation)
    limits: Limits = field(default_factory=Limits)
    mail: Mail = field(default_factory=Mail)
    registrations: Registrations = field(default_factory=Registrations)
    previews: Previews = field(default_factory=Previews)

    @property
    def mail_sender(self) -> str:
        """The address that letters come from."""
        return self.mail.sender or f"noreply@{self.domain.partition(':')[0]}"

    @property
    def base_url(self) -> str:
        """Scheme and authority of every URL that the node gives out, without a slash at the end."""
        return f"{'http' if self.federation.allow_http else 'https'}://{self.web_domain}"

    @property
    def authorities(self) -> frozenset[str]:
        """The Host values under which a request is for this node."""
        return frozenset({self.web_domain, self.domain})

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """From whom `X-Forwarded-For` is believed."""
        return tuple(ip_network(proxy) for proxy in self.trusted_proxies)

    @property
    def is_public(self) -> bool:
        """Whether the domain could be reached from outside: not a loopback name."""
        host = self.web_domain.partition(":")[0]
        return not (host == "localhost" or host.endswith((".localhost", ".test")) or host.startswith("127."))


def load(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings from `path` (default: `alumnode.toml` here, if it exists) and the environment.

    Raises ConfigError.
    """
    environ = os.environ if environ is None else environ
    file = path or DEFAULT_FILE
    raw: dict[str, Any] = {}
    if path is not None or file.exists():
        try:
            raw = tomllib.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ConfigError(f"The configuration file {file} does not exist; `alumnode init` makes one.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"The configuration file {file} cannot be read: {error}.") from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"The configuration file {file} is not valid TOML: {error}.") from None
    _overlay(raw, environ)
    return _validated(_build(Settings, raw, ""), file.resolve().parent)


def _overlay(raw: dict[str, Any], environ: Mapping[str, str]) -> None:
    """Put what the environment says over what the file says. Unknown names are left to `_build` to refuse."""
    for key, value in environ.items():
        name = key.removeprefix(_PREFIX)
        if name == key or name in _NOT_SETTINGS or name.startswith("TEST_"):
            continue
        *tables, last = name.lower().split("__")
        target = raw
        for table in tables:
            target = target.setdefault(table, {})
            if not isinstance(target, dict):
                raise ConfigError(f"{key} does not name a setting.")
        target[last] = value


def _build(cls: type[Any], raw: Mapping[str, Any], where: str) -> Any:
    """An instance of a settings class from plain values; unknown and missing names are refused."""
    hints = get_type_hints(cls)
    known = {item.name: item for item in fields(cls)}
    for name in raw:
        if name not in known:
            raise ConfigError(f"There is no setting named {where}{name}.")
    values: dict[str, Any] = {}
    for name, item in known.items():
        if name in raw:
            values[name] = _value(hints[name], raw[name], f"{where}{name}")
        elif item.default is MISSING and item.default_factory is MISSING:
            raise ConfigError(f"The setting {where}{name} is missing.")
    return cls(**values)


def _value(kind: Any, value: Any, name: str) -> Any:
    """`value` as `kind`; text is accepted for every kind, since the environment knows nothing else."""
    if is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(value, dict):
            raise ConfigError(f"The setting {name} must be a table.")
        return _build(kind, value, f"{name}.")
    if get_origin(kind) is tuple:
        items = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise ConfigError(f"The setting {name} must be a list of texts.")
        return tuple(items)
    if type(None) in get_args(kind):
        return _value(get_args(kind)[0], value, name) if value != "" else None
    if kind is bool:
        truth = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in truth:
            return truth[value.lower()]
        raise ConfigError(f"The setting {name} must be true or false.")
    if kind is int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return int(value)
        raise ConfigError(f"The setting {name} must be a whole number.")
    if not isinstance(value, str):
        raise ConfigError(f"The setting {name} must be a text.")
    return kind(value)


def _validated(settings: Settings, folder: Path) -> Settings:
    """Check what single values cannot show, fill in what follows from others, and make paths absolute."""
    from dataclasses import replace
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    web_domain = settings.web_domain or settings.domain
    allow_http = settings.federation.allow_http
    scheme = "http" if allow_http else "https"
    for name, value in (("domain", settings.domain), ("web_domain", web_domain)):
        try:
            origin(f"{scheme}://{value}/", allow_http=allow_http)
        except Malformed:
            raise ConfigError(f"The setting {name} is not a host name: {value!r}.") from None
        if "/" in value:
            raise ConfigError(f"The setting {name} must be a host name without a path.")
    if len(settings.secret_key) < 32:
        raise ConfigError("The setting secret_key must have at least 32 characters; `alumnode init` makes a good one.")
    if not settings.name.strip():
        raise ConfigError("The setting name must not be empty.")
    if not 0 < settings.port < 65536:
        raise ConfigError("The setting port must be between 1 and 65535.")
    if settings.locale not in ("en", "fr"):
        raise ConfigError("The setting locale must be en or fr.")
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(f"The setting timezone is not a known time zone: {settings.timezone!r}.") from None
    if settings.log_level not in ("debug", "info", "warning", "error"):
        raise ConfigError("The setting log_level must be debug, info, warning or error.")
    if settings.log_format not in ("text", "json"):
        raise ConfigError("The setting log_format must be text or json.")
    if settings.sqlite_synchronous not in ("NORMAL", "FULL"):
        raise ConfigError("The setting sqlite_synchronous must be NORMAL or FULL.")
    if settings.mail.security not in ("starttls", "tls", "none"):
        raise ConfigError("The setting mail.security must be starttls, tls or none.")
    if not 0 < settings.mail.port < 65536:
        raise ConfigError("The setting mail.port must be between 1 and 65535.")
    if settings.mail.sender and not _ADDRESS.fullmatch(settings.mail.sender):
        raise ConfigError("The setting mail.sender must be an e-mail address alone, such as noreply@example.org.")
    if settings.registrations.mode not in ("closed", "approval", "open"):
        raise ConfigError("The setting registrations.mode must be closed, approval or open.")
    if settings.registrations.are_open and not (settings.mail.is_on or settings.testing):
        raise ConfigError("The setting registrations.mode needs mail.host: newcomers prove their address by mail.")
    if not 1 <= settings.registrations.class_vouches <= 5:
        raise ConfigError("The setting registrations.class_vouches must be between 1 and 5.")
    if not settings.registrations.class_vouches <= settings.registrations.school_vouches <= 10:
        raise ConfigError("The setting registrations.school_vouches must be at least class_vouches, and at most 10.")
    if settings.registrations.minimum_age and not 13 <= settings.registrations.minimum_age <= 99:
        raise ConfigError("The setting registrations.minimum_age must be 0 or between 13 and 99.")
    for domain in settings.registrations.school_mail_domains:
        if not _MAIL_DOMAIN.fullmatch(domain):
            raise ConfigError(
                f"The setting registrations.school_mail_domains must name domains such as school.example: {domain!r}."
            )
    try:
        _ = settings.proxies
    except ValueError:
        raise ConfigError("The setting trusted_proxies must list addresses or networks.") from None
    settings = replace(
        settings,
        web_domain=web_domain,
        data_dir=folder / settings.data_dir,
        database_url=_absolute_database(settings.database_url, folder),
        mail=replace(settings.mail, ca_file=folder / settings.mail.ca_file if settings.mail.ca_file else None),
        federation=replace(
            settings.federation, ca_file=folder / settings.federation.ca_file if settings.federation.ca_file else None
        ),
    )
    if settings.is_public:
        for name, on in (
            ("testing", settings.testing),
            ("federation.allow_http", settings.federation.allow_http),
        ):
            if on:
                raise ConfigError(f"The setting {name} is for tests only and cannot be on for {web_domain}.")
    return settings


def _absolute_database(url: str, folder: Path) -> str:
    """An SQLite address with its file made absolute: `sqlite:///name` is relative to the configuration file."""
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/"):
        return f"{prefix}{folder / url.removeprefix(prefix)}"
    return url
