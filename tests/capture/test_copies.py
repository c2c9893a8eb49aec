"""PDF/A copies of scans: the words lie under the picture, the original stays as it came, the copy moves with its invoice."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pytest
from django.urls import reverse
from PIL import Image

from razao.archive.filing import path_to
from razao.archive.models import Filing, Folder
from razao.capture import copies, flow, readings
from razao.capture.models import Flow, Scan, ScanPage
from razao.capture.pdfa import Sheet, with_words
from razao.capture.reading.document import Reading, Word
from razao.companies.models import User
from razao.companies.rights import company_for
from razao.invoices.invoice import Invoice
from razao.kernel.problems import NotFound
from tests.capture.papers import a_paper, received

WORDS = [["Padaria", 1000, 1000, 2600, 1200], ["São", 2700, 1000, 3300, 1200], ["João", 3400, 1000, 4300, 1200]]  # fmt: skip


def a_picture(form: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (620, 877), "white").save(out, form)
    return out.getvalue()


def text_of(content: bytes) -> str:
    page = pypdfium2.PdfDocument(content)[0]
    return str(page.get_textpage().get_text_range()).strip()


def test_the_words_lie_where_they_stand_on_the_picture():
    made = with_words([Sheet(a_picture(), WORDS)], "factura.jpg")
    assert text_of(made) == "Padaria São João"
    page = pypdfium2.PdfDocument(made)[0]
    width, height = page.get_size()
    left, bottom, right, top = page.get_textpage().get_charbox(0, loose=True)
    assert abs(left - 0.10 * width) < 2
    assert abs(height - top - 0.10 * height) < 0.02 * height
    last = page.get_textpage().get_charbox(6, loose=True)
    assert abs(last[2] - 0.26 * width) < 2
    assert right > left
    assert bottom < top


def test_the_same_scan_gives_the_same_copy():
    one, other = (with_words([Sheet(a_picture(), WORDS)], "f") for _ in range(2))
    assert one == other


def test_the_file_says_that_it_is_pdf_a_and_keeps_what_that_asks():
    """ISO 19005-2: the structure that a validator looks at; none can be had here."""
    made = with_words([Sheet(a_picture(), WORDS)] * 2, "factura.jpg")
    assert made.startswith(b"%PDF-1.7\n%")
    assert made[10] > 127
    with pikepdf.open(io.BytesIO(made)) as document:
        with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as said:
            assert (said["pdfaid:part"], said["pdfaid:conformance"]) == ("2", "B")
            assert said["dc:title"] == "factura.jpg"
        (intent,) = document.Root.OutputIntents
        assert (intent.S, intent.DestOutputProfile.N) == (pikepdf.Name.GTS_PDFA1, 3)
        profile = intent.DestOutputProfile.read_bytes()
        assert (profile[12:20], profile[36:40]) == (b"mntrRGB ", b"acsp")
        assert len(document.trailer.ID) == 2
        assert "/Encrypt" not in document.trailer
        assert "/Info" not in document.trailer
        assert sorted(document.Root.keys()) == ["/Metadata", "/OutputIntents", "/Pages", "/Type"]
        for page in document.pages:
            drawn = [str(i.operator) for i in pikepdf.parse_content_stream(page)]
            assert drawn.index("Tr") < drawn.index("Tj")  # nothing is drawn with the font
            assert page.Resources.XObject.P.Filter == pikepdf.Name.DCTDecode
            assert page.Resources.XObject.P.ColorSpace == pikepdf.Name.DeviceRGB


def a_scan(access) -> Scan:
    """A picture that was sent and read, as the engine would have it."""
    receipt = flow.upload(access, Flow.RECEIVED, io.BytesIO(a_picture("PNG")), "recibo.png")
    scan = readings.locked(receipt.scans[0].pk)
    words = tuple(
        Word(w[0], 1, (w[1] / 1e4, w[2] / 1e4, w[3] / 1e4, w[4] / 1e4), 0.97) for w in WORDS
    )
    reading = Reading("recibo.png", (Invoice(pages=(1,)),), (), (), {1: words}, 1)
    rows = readings.record_reading(scan, reading, access.user_id)
    flow.proposing.refresh(access.company, rows)
    return scan


@pytest.mark.django_db
def test_a_scan_has_a_copy_that_moves_with_it(access, django_capture_on_commit_callbacks):
    scan = a_scan(access)
    before = path_to(scan.file).read_bytes()
    copy = copies.copy_of(scan)
    assert copies.copy_of(scan) == copy
    assert text_of(path_to(copy).read_bytes()) == "Padaria São João"
    assert path_to(scan.file).read_bytes() == before
    assert copy.name == "recibo.pdf"
    (row,) = scan.invoices.select_related("scan")
    with django_capture_on_commit_callbacks(execute=True):
        copies.move_file(row, Folder.PF_ASIENTO)
    company_for(access.user_id, access.company.pk)
    folders = Filing.objects.order_by("pk").values_list("subject_kind", "folder")
    assert list(folders) == [("invoice", "pf_asiento"), ("copy", "pf_asiento")]


@pytest.mark.django_db
def test_what_is_text_already_has_no_copy(access):
    (row,) = received(access, a_paper(access.company))
    assert not ScanPage.objects.filter(scanned=True).exists()
    with pytest.raises(NotFound):
        copies.copy_of(row.scan)


@pytest.mark.django_db
def test_the_copy_is_reached_from_the_archive_and_is_no_file_of_its_own_there(access, client):
    scan = a_scan(access)
    client.force_login(
        User.objects.get(pk=access.user_id), "django.contrib.auth.backends.ModelBackend"
    )
    address = reverse("archive:copy", kwargs={"company": access.company.pk, "scan": scan.pk})
    answer = client.get(address)
    assert text_of(b"".join(answer.streaming_content)) == "Padaria São João"
    page = client.get(reverse("archive:index", kwargs={"company": access.company.pk}))
    assert [f.name for f in page.context["listing"].rows] == ["recibo.png"]
    assert address in page.content.decode()
