"""The frame around every page: in: the request, out: what the rail and the top bar show. Asked for only what is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from razao.companies.models import Company, Role, User
from razao.companies.rights import Access, OfficeAccess, memberships_of
from razao.delivery.recipients import readers_for
from razao.kernel.models import JobRun
from razao.ledger.models import Period
from razao.web.desk import last_companies
from razao.web.portal_desk import heading


class Stop(NamedTuple):
    """A stop of the line of work: the address names that may hold it, best first."""

    label: Any
    icon: str
    names: tuple[str, ...]
    area: str
    key: str
    place: str


DESK, PORTAL = "razao/desk.html", "portal/own.html"
LINE = (
    Stop(_("Home"), "home", ("home",), "", "g h", "off-line"),
    Stop(_("Digitised documents"), "scan", ("capture:list",), "capture", "g d", "on-line first"),
    Stop(_("Billing"), "billing", ("billing:index",), "billing", "g f", "on-line"),
    Stop(_("Entries"), "ledger", ("ledger:entries",), "ledger", "g l", "on-line"),
    Stop(_("Reports"), "report", ("reports:index",), "reports", "g m", "on-line"),
    Stop(_("Deliveries"), "send", ("delivery:history",), "delivery", "g e", "on-line"),
    Stop(_("Archive"), "archive", ("archive:index",), "archive", "g a", "on-line last"),
    Stop(_("Settings"), "settings", ("settings:index",), "settings", "g s", "off-line"),
)


@dataclass(frozen=True, slots=True)
class RailItem:
    """One line of the rail; without ``href`` it stands grey."""

    label: str
    icon: str
    href: str
    here: bool
    key: str
    place: str
    count: int = 0


class Shell:
    """What the frame shows of one request; each value is worked out when the template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def user(self) -> User | None:
        user = getattr(self.request, "user", None)
        return user if isinstance(user, User) else None

    @cached_property
    def access(self) -> Access | None:
        return getattr(self.request, "access", None)

    @cached_property
    def office_access(self) -> OfficeAccess | None:
        return getattr(self.request, "office_access", None)

    @property
    def company(self) -> Company | None:
        return self.access.company if self.access else None

    @cached_property
    def page(self) -> str:
        """The template that stands around the page: the office's desk, or the portal for whoever is of no office."""
        if self.access:
            return PORTAL if self.access.role is Role.CLIENT else DESK
        if self.office_access or not self.user:
            return DESK
        return DESK if any(one.office_id for one in memberships_of(self.user.pk)) else PORTAL

    @cached_property
    def portal(self) -> dict[str, Any]:
        """What the portal's top says of this person's companies; empty where none has a portal."""
        readers = readers_for(self.user.pk) if self.user else []
        return heading(readers) if readers else {}

    @property
    def office_name(self) -> str:
        return self.office_access.office.name if self.office_access else ""

    @property
    def role(self) -> str:
        access = self.access or self.office_access
        return str(access.role.label) if access else ""

    @cached_property
    def company_id(self) -> str:
        """The company that the rail's links lead to: the page's own, or the one last worked on."""
        if self.company:
            return str(self.company.pk)
        return next(iter(last_companies(self.request)), "") if self.user else ""

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Languages of the site, each by its own name."""
        return settings.LANGUAGES

    @property
    def group_separator(self) -> str:
        return str(formats.get_format("THOUSAND_SEPARATOR"))

    @property
    def decimal_separator(self) -> str:
        return str(formats.get_format("DECIMAL_SEPARATOR"))

    @property
    def theme(self) -> str:
        own = self.user.theme if self.user else ""
        theme = self.request.COOKIES.get("theme", own)
        return theme if theme in {"light", "dark"} else ""

    @property
    def rail_state(self) -> str:
        return "narrow" if self.request.COOKIES.get("rail") == "narrow" else "wide"

    @property
    def query(self) -> str:
        return self.request.GET.get("q", "")[:100] if self.area == "search" else ""

    @cached_property
    def area(self) -> str:
        """The part of the site this page belongs to: the namespace of its address."""
        match = getattr(self.request, "resolver_match", None)
        return (match.namespaces[0] if match.namespaces else match.url_name or "") if match else ""

    @cached_property
    def rail(self) -> list[RailItem]:
        if not self.user:
            return []
        return [
            RailItem(
                label=str(stop.label),
                icon=stop.icon,
                href=self._address(stop.names),
                here=bool(stop.area and self.area == stop.area) or self.area in stop.names,
                key=stop.key,
                place=stop.place,
            )
            for stop in LINE
        ]

    def _address(self, names: tuple[str, ...]) -> str:
        """The first of ``names`` that has an address: that of the company, else one that needs none, else ''."""
        for name in names:
            for kwargs in ({"company": self.company_id} if self.company_id else {}, {}):
                try:
                    return reverse(name, kwargs=kwargs)
                except NoReverseMatch:
                    continue
        return ""

    @property
    def search_url(self) -> str:
        return self._address(("search",))

    @property
    def switcher_url(self) -> str:
        return self._address(("switcher",))

    @property
    def jobs_url(self) -> str:
        return self._address(("jobs",))

    @cached_property
    def period(self) -> Period | None:
        """The month of the company's books that today falls in; None before its year is opened."""
        if self.company is None:
            return None
        today = timezone.localdate()
        return Period.objects.filter(
            company=self.company, number__range=(1, 12), start__lte=today, end__gte=today
        ).first()

    @cached_property
    def jobs(self) -> int:
        """How many jobs of the companies this page acts for are not finished."""
        if not self.user:
            return 0
        return JobRun.objects.filter(finished_at__isnull=True).count()


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context that every page has."""
    return {"shell": Shell(request)}
