"""Addresses of the pages. A company's pages live under ``c/<uuid:company>/`` with the keyword ``company``."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from razao.web import (
    approvals,
    background,
    billing_addresses,
    books,
    capture_urls,
    chart,
    company_finder,
    first_password,
    gallery,
    home,
    made_files,
    mailboxes,
    office_settings,
    people,
    periods,
    profile,
    reports,
    search,
    settings_index,
    setup,
    vat_codes,
)
from razao.web.delivery_addresses import ADDRESSES as DELIVERY_AND_PORTAL

SETTINGS = [
    path("settings/", settings_index.index, name="index"),
    path("settings/companies/", office_settings.companies, name="companies"),
    path("settings/companies/new/", office_settings.new_company, name="company-new"),
    path("settings/office/", office_settings.office, name="office"),
    path("settings/mailboxes/", mailboxes.index, name="mailboxes"),
    path("settings/mailboxes/new/", mailboxes.mailbox, name="mailbox-new"),
    path("settings/mailboxes/look/", mailboxes.look, name="mailboxes-look"),
    path("settings/mailboxes/address/", mailboxes.add_address, name="address-new"),
    path(
        "settings/mailboxes/address/<uuid:address>/drop/",
        mailboxes.drop_address,
        name="address-drop",
    ),
    path("settings/mailboxes/message/<uuid:message>/", mailboxes.decide, name="message"),
    path("settings/mailboxes/<uuid:mailbox>/", mailboxes.mailbox, name="mailbox"),
    path("settings/mailboxes/<uuid:mailbox>/forget/", mailboxes.forget, name="mailbox-forget"),
    path("settings/people/", people.people, name="people"),
    path("settings/people/invite/", people.invitation, name="invite"),
    path("settings/people/<uuid:membership>/role/", people.role, name="role"),
    path("settings/people/<uuid:membership>/leave/", people.leave, name="leave"),
    path("c/<uuid:company>/settings/", settings_index.index, name="index"),
    path("c/<uuid:company>/settings/company/", office_settings.company, name="company"),
    path("c/<uuid:company>/settings/vat/", vat_codes.codes, name="vat"),
    path("c/<uuid:company>/settings/vat/<str:code>/", vat_codes.code, name="vat-code"),
    path("c/<uuid:company>/settings/periods/", periods.years, name="periods"),
    path("c/<uuid:company>/settings/periods/open/", periods.open_one_year, name="year-open"),
    path(
        "c/<uuid:company>/settings/periods/<str:year>/close/", periods.close_year, name="year-close"
    ),
    path(
        "c/<uuid:company>/settings/periods/<str:year>/<int:number>/close/",
        periods.close,
        name="close",
    ),
    path(
        "c/<uuid:company>/settings/periods/<str:year>/<int:number>/reopen/",
        periods.reopen,
        name="reopen",
    ),
]

LEDGER = [
    path("c/<uuid:company>/ledger/", books.entries, name="entries"),
    path("c/<uuid:company>/ledger/entries/<uuid:entry>/", books.entry, name="entry"),
    path("c/<uuid:company>/ledger/batches/", books.batches, name="batches"),
    path("c/<uuid:company>/ledger/batches/<uuid:batch>/", books.batch, name="batch"),
    path("c/<uuid:company>/ledger/batches/<uuid:batch>/undo/", books.undo, name="undo"),
    path("c/<uuid:company>/ledger/accounts/", books.accounts, name="accounts"),
    path("c/<uuid:company>/ledger/accounts/from-file/", chart.import_file, name="chart-import"),
    path("c/<uuid:company>/ledger/accounts/<str:code>/", books.account, name="account"),
    path("c/<uuid:company>/ledger/approvals/", approvals.approvals, name="approvals"),
    path("c/<uuid:company>/ledger/approvals/rule/", approvals.rule, name="approval-rule"),
    path("c/<uuid:company>/ledger/approvals/<uuid:approval>/", approvals.decide, name="approval"),
    path("c/<uuid:company>/ledger/journals/", books.journals, name="journals"),
]
REPORTS = [
    path("c/<uuid:company>/reports/", reports.index, name="index"),
    path("c/<uuid:company>/reports/saft/<str:year>/", reports.saft_file, name="saft"),
    path("c/<uuid:company>/reports/made/", made_files.made_files, name="made"),
    path("c/<uuid:company>/reports/made/<uuid:made_id>/", made_files.made_file, name="made-file"),
    path("c/<uuid:company>/reports/year/<str:year>/", made_files.ask_year, name="year"),
    path("c/<uuid:company>/reports/make/<str:code>/<str:form>/", made_files.ask, name="make"),
    path("c/<uuid:company>/reports/<str:code>/", reports.preview, name="preview"),
    path("c/<uuid:company>/reports/<str:code>/<str:form>/", reports.download, name="download"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *DELIVERY_AND_PORTAL,
    path("", home.home, name="home"),
    path("setup/", setup.setup, name="setup"),
    path("invitation/<str:token>/", first_password.first_password, name="first-password"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("profile/", profile.profile, name="profile"),
    path("profile/sessions/<int:session>/end/", profile.end_session, name="session-end"),
    path("switcher/", company_finder.switcher, name="switcher"),
    path("search/", search.search, name="search"),
    path("c/<uuid:company>/search/", search.search, name="search"),
    path("jobs/", background.jobs, name="jobs"),
    path("jobs/<uuid:run>/stop/", background.stop_job, name="job-stop"),
    path("", include((SETTINGS, "settings"))),
    path("", include((billing_addresses.BILLING, "billing"))),
    path("", include((LEDGER, "ledger"))),
    path("", include((REPORTS, "reports"))),
    path("", include((capture_urls.CAPTURE, "capture"))),
    path("", include((capture_urls.ARCHIVE, "archive"))),
    path("c/<uuid:company>/", home.company_page, name="company"),
    path("c/<uuid:company>/jobs/", background.jobs, name="jobs"),
    path("c/<uuid:company>/jobs/<uuid:run>/stop/", background.stop_job, name="job-stop"),
]

if settings.DEBUG:
    urlpatterns.append(path("_gallery/", gallery.gallery, name="gallery"))
