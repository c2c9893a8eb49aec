"""Addresses of the pages about digitised documents and the archive."""

from django.urls import path

from razao.web import archive, capture, capture_files, holds, posting_profile, review

CAPTURE = [
    path("c/<uuid:company>/documents/", capture.documents, name="list"),
    path("c/<uuid:company>/documents/upload/", capture.upload, name="upload"),
    path("c/<uuid:company>/documents/send/", capture.send, name="send"),
    path("c/<uuid:company>/documents/folder/", capture.add_folder, name="add-folder"),
    path("c/<uuid:company>/documents/refresh/", capture.refresh, name="refresh"),
    path("c/<uuid:company>/documents/many/<slug:act>/", capture.act_on_many, name="many"),
    path("c/<uuid:company>/documents/accounts/", review.accounts, name="accounts"),
    path("c/<uuid:company>/documents/next/", review.next_invoice, name="next"),
    path("c/<uuid:company>/documents/profile/", posting_profile.profile, name="profile"),
    path("c/<uuid:company>/documents/pile/<uuid:scan>/", capture_files.pile, name="pile"),
    path(
        "c/<uuid:company>/documents/pile/<uuid:scan>/<int:page>/",
        capture_files.cut_pile,
        name="cut",
    ),
    path(
        "c/<uuid:company>/documents/pile/<uuid:scan>/<int:page>/picture/",
        capture_files.scan_picture,
        name="scan-picture",
    ),
    path("c/<uuid:company>/documents/<uuid:invoice>/", review.invoice_page, name="review"),
    path("c/<uuid:company>/documents/<uuid:invoice>/do/", review.act, name="act"),
    path("c/<uuid:company>/documents/<uuid:invoice>/claim/", review.claim, name="claim"),
    path("c/<uuid:company>/documents/<uuid:invoice>/post/", review.post, name="post"),
    path("c/<uuid:company>/documents/<uuid:invoice>/unpost/", review.unpost, name="unpost"),
    path(
        "c/<uuid:company>/documents/<uuid:invoice>/account/",
        review.account_form,
        name="account-form",
    ),
    path(
        "c/<uuid:company>/documents/<uuid:invoice>/compare/<uuid:other>/",
        capture_files.compare,
        name="compare",
    ),
    path(
        "c/<uuid:company>/documents/<uuid:invoice>/page/<int:page>/",
        capture_files.picture,
        name="picture",
    ),
]
ARCHIVE = [
    path("c/<uuid:company>/archive/", archive.index, name="index"),
    path("c/<uuid:company>/archive/routes/", archive.routes, name="routes"),
    path("c/<uuid:company>/archive/<uuid:file>/", archive.file, name="file"),
    path("c/<uuid:company>/archive/copy/<uuid:scan>/", archive.copy, name="copy"),
    path("c/<uuid:company>/archive/holds/", holds.holds, name="holds"),
    path("c/<uuid:company>/archive/holds/<uuid:hold>/lift/", holds.lift, name="hold-lift"),
    path("c/<uuid:company>/archive/<str:sha256>/", archive.file_by_hash, name="file-by-hash"),
]
