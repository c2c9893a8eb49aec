"""Addresses of deliveries and of the client portal, for ``web/urls.py``."""

from django.urls import include, path

from razao.web import (
    delivery,
    delivery_accesses,
    delivery_actions,
    delivery_folder,
    delivery_many,
    delivery_portal,
    delivery_send,
    portal,
    portal_files,
    portal_hand_in,
    portal_person,
)

_COMPANY = "c/<uuid:company>/deliveries/"

DELIVERY = [
    path("deliveries/", delivery.history, name="history"),
    path("deliveries/many/", delivery_many.many, name="many"),
    path("deliveries/act/", delivery_actions.act, name="act"),
    path(_COMPANY, delivery.history, name="history"),
    path(f"{_COMPANY}act/", delivery_actions.act, name="act"),
    path(f"{_COMPANY}accesses/", delivery_accesses.accesses, name="accesses"),
    path(f"{_COMPANY}send/", delivery_send.upload, name="send"),
    path(f"{_COMPANY}review/<str:code>/", delivery_send.review_report, name="review"),
    path(f"{_COMPANY}schedule/<uuid:schedule>/end/", delivery_many.end, name="schedule-end"),
    path(f"{_COMPANY}folder/", delivery_folder.folder, name="folder"),
    path(f"{_COMPANY}folder/<uuid:pattern>/remove/", delivery_folder.remove, name="folder-remove"),
    path(f"{_COMPANY}portal/", delivery_portal.settings, name="portal"),
    path(f"{_COMPANY}portal/invite/", delivery_portal.invite, name="invite"),
    path(f"{_COMPANY}portal/i/<uuid:invitation>/", delivery_portal.revoke, name="revoke"),
    path(f"{_COMPANY}portal/u/<uuid:user>/", delivery_portal.rights, name="rights"),
    path(f"{_COMPANY}portal/u/<uuid:user>/leave/", delivery_portal.leave, name="leave"),
    path(f"{_COMPANY}<uuid:delivery>/", delivery.one, name="one"),
    path(f"{_COMPANY}<uuid:delivery>/review/", delivery_send.review_file, name="review-file"),
    path(f"{_COMPANY}<uuid:delivery>/receipt/", delivery.receipt, name="receipt"),
]

PORTAL = [
    path("", portal.documents, name="documents"),
    path("filter/", portal.filter_fields, name="filter"),
    path("download/", portal.download_all, name="download-all"),
    path("hand-in/", portal_hand_in.hand_in, name="hand-in"),
    path("seen/", delivery_accesses.seen, name="seen"),
    path("preferences/", portal_person.preferences, name="preferences"),
    path("i/<str:token>/", portal_person.invitation, name="invitation"),
    path("d/<uuid:delivery>/", portal.document, name="document"),
    path("d/<uuid:delivery>/open/", portal.open_document, name="open"),
    path("d/<uuid:delivery>/download/", portal.download, name="download"),
]

FILES = [
    path("<uuid:delivery>/", portal_files.file, name="file"),
    path("<uuid:delivery>/<int:number>.png", portal_files.picture, name="picture"),
]

ADDRESSES = [
    path("", include((DELIVERY, "delivery"))),
    path("portal/", include((PORTAL, "portal"))),
    path("portal-files/", include((FILES, "portal-files"))),
]
