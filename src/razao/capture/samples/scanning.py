"""Paper: a page of a PDF in, what a scanner or a telephone makes of it out."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

#: The same moment in every file, so that a seed makes the same bytes.
MOMENT = time.gmtime(1_767_225_600)
STAMPS = ("PAGO", "RECEBIDO", "CONTABILIZADO", "CONFERIDO", "LANCADO", "COPIA")
Grey = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Paper:
    """How one document was put on paper and taken up again."""

    dpi: int = 200
    skew: float = 0.0
    """degrees"""
    turn: int = 0
    """quarter turns: 0, 90, 180 or 270 degrees"""
    grey: bool = True
    bilevel: bool = False
    """one bit a pixel, as fax and older scanners give"""
    noise: float = 4.0
    blur: float = 0.5
    """radius in pixels"""
    quality: int = 75
    """JPEG"""
    stamp: bool = False
    faded: float = 1.0
    """contrast: 1 as printed, 0.5 a pale thermal print"""


def draw_paper(rng: Random, *, hard: bool = False) -> Paper:
    """A scanner's habits; ``hard`` for worse paper and lower resolution."""
    bilevel = rng.random() < 0.12
    return Paper(
        dpi=rng.choice((150, 150, 200)) if hard else rng.choice((150, 200, 200, 300)),
        skew=rng.uniform(-2, 2) if rng.random() < 0.7 else 0.0,
        turn=rng.choice((90, 180, 270)) if rng.random() < 0.12 else 0,
        grey=rng.random() < 0.6,
        bilevel=bilevel,
        noise=rng.uniform(2, 12 if hard else 7),
        blur=0.0 if bilevel else rng.uniform(0.2, 1.1 if hard else 0.8),
        quality=rng.randrange(35 if hard else 55, 92),
        stamp=rng.random() < 0.25,
        faded=rng.uniform(0.45, 0.8) if rng.random() < (0.4 if hard else 0.15) else 1.0,
    )


def page_images(pdf: bytes, dpi: int) -> list[Image.Image]:
    """Every page of a PDF as an RGB image."""
    document = pdfium.PdfDocument(pdf)
    images = []
    for index in range(len(document)):
        page = document[index]
        images.append(page.render(scale=dpi / 72).to_pil().convert("RGB"))
        page.close()
    document.close()
    return images


def stamped(rng: Random, image: Image.Image, dpi: int) -> Image.Image:
    """A rubber stamp somewhere in the lower half, half transparent, at an angle."""
    text = rng.choice(STAMPS)
    if rng.random() < 0.5:
        text += f"\n{rng.randrange(1, 29):02d} {rng.choice(('JAN', 'MAR', 'JUN', 'OUT'))} 2026"
    colour = rng.choice(((30, 40, 150, 150), (150, 30, 40, 150), (40, 40, 40, 130)))
    layer = Image.new("RGBA", (int(dpi * 2.4), int(dpi * 1.1)), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    font = ImageFont.load_default(size=dpi * 0.24)
    draw.rectangle(
        (4, 4, layer.width - 5, layer.height - 5), outline=colour, width=max(2, dpi // 50)
    )
    draw.multiline_text(
        (layer.width / 2, layer.height / 2),
        text,
        font=font,
        fill=colour,
        anchor="mm",
        align="center",
    )
    turned = layer.rotate(rng.uniform(-25, 25), expand=True, resample=Image.Resampling.BICUBIC)
    whole = image.convert("RGBA")
    left = rng.randrange(0, max(1, whole.width - turned.width))
    top = rng.randrange(whole.height // 2, max(whole.height // 2 + 1, whole.height - turned.height))
    whole.alpha_composite(turned, (left, top))
    return whole.convert("RGB")


def with_noise(rng: Random, image: Image.Image, strength: float) -> Image.Image:
    """Grain, paper tone and specks of dust."""
    generator = np.random.default_rng(rng.randrange(2**32))
    pixels = np.asarray(image, dtype=np.float32)
    grain = strength * generator.standard_normal(pixels.shape[:2], dtype=np.float32)
    tone = rng.uniform(0.93, 1.0)
    pixels = pixels * tone + (grain[..., None] if pixels.ndim == 3 else grain)
    specks = generator.integers(0, min(pixels.shape[:2]), size=(rng.randrange(0, 120), 2))
    for row, column in specks:
        pixels[row : row + 2, column : column + 2] *= 0.5
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def scanned(rng: Random, image: Image.Image, paper: Paper) -> Image.Image:
    """One page as a scanner delivers it."""
    if paper.stamp:
        image = stamped(rng, image, paper.dpi)
    if paper.faded < 1:
        image = ImageEnhance.Contrast(image).enhance(paper.faded)
    if paper.grey or paper.bilevel:
        image = image.convert("L")
    if paper.skew:
        white = 255 if image.mode == "L" else (255, 255, 255)
        image = image.rotate(paper.skew, resample=Image.Resampling.BICUBIC, fillcolor=white)
    if paper.blur:
        image = image.filter(ImageFilter.GaussianBlur(paper.blur))
    image = with_noise(rng, image, paper.noise)
    if paper.turn:
        image = image.rotate(paper.turn, expand=True)
    return (
        image.point(lambda value: 255 if value > 150 else 0).convert("1")
        if paper.bilevel
        else image
    )


def coefficients(
    source: list[tuple[float, float]], target: list[tuple[float, float]]
) -> list[float]:
    """The eight numbers of PIL's perspective transform that bring ``target`` corners to ``source`` ones."""
    rows, wanted = [], []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    found = np.linalg.solve(np.array(rows, dtype=np.float64), np.array(wanted, dtype=np.float64))
    return [float(value) for value in found]


def background(rng: Random, size: tuple[int, int]) -> Image.Image:
    """A table top: a tone with coarse and fine grain."""
    generator = np.random.default_rng(rng.randrange(2**32))
    tone = np.array(
        rng.choice(((120, 90, 60), (70, 70, 75), (165, 150, 130), (40, 45, 55))), dtype=np.float32
    )
    coarse = generator.normal(0, 14, (max(2, size[1] // 40), max(2, size[0] // 160)))
    grain = Image.fromarray(np.clip(coarse + 128, 0, 255).astype(np.uint8)).resize(
        size, Image.Resampling.BICUBIC
    )
    pixels = tone + (np.asarray(grain, dtype=np.float32)[..., None] - 128)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def lit(rng: Random, image: Image.Image) -> Image.Image:
    """Uneven light from one side, and at times the shadow of a hand or a telephone."""
    height, width = image.height, image.width
    across = np.linspace(rng.uniform(0.62, 1.0), rng.uniform(0.62, 1.0), width, dtype=np.float32)
    down = np.linspace(rng.uniform(0.75, 1.0), rng.uniform(0.75, 1.0), height, dtype=np.float32)
    light = across[None, :] * down[:, None]
    if rng.random() < 0.5:
        shade = Image.new("L", (width // 8, height // 8), 255)
        x, y = rng.uniform(0, width / 8), rng.uniform(0, height / 8)
        radius = rng.uniform(width / 24, width / 10)
        ImageDraw.Draw(shade).ellipse(
            (x - radius, y - 2 * radius, x + radius, y + 2 * radius), fill=150
        )
        soft = shade.filter(ImageFilter.GaussianBlur(width / 60)).resize((width, height))
        light = light * (np.asarray(soft, dtype=np.float32) / 255)
    pixels = np.asarray(image, dtype=np.float32) * light[..., None]
    tint = np.array([rng.uniform(0.94, 1.04), 1.0, rng.uniform(0.88, 1.0)], dtype=np.float32)
    return Image.fromarray(np.clip(pixels * tint, 0, 255).astype(np.uint8))


def photographed(rng: Random, image: Image.Image) -> Image.Image:
    """One page as a telephone takes it: on a table, from an angle, in uneven light."""
    margin_x, margin_y = int(image.width * 0.09), int(image.height * 0.07)
    size = (image.width + 2 * margin_x, image.height + 2 * margin_y)
    corners = [(0.0, 0.0), (image.width, 0.0), (image.width, image.height), (0.0, image.height)]
    moved = [
        (
            x + margin_x + rng.uniform(-0.8, 0.8) * margin_x * 0.6,
            y + margin_y + rng.uniform(-0.8, 0.8) * margin_y * 0.6,
        )
        for x, y in corners
    ]
    numbers = coefficients(corners, moved)
    bent = image.transform(size, Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BICUBIC)
    mask = Image.new("L", image.size, 255).transform(
        size, Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BILINEAR
    )
    whole = background(rng, size)
    whole.paste(bent, (0, 0), mask)
    whole = lit(rng, whole).filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.2)))
    return with_noise(rng, whole, rng.uniform(3, 8))


def encode(images: list[Image.Image], form: str, paper: Paper) -> bytes:
    """The images as a file: 'pdf' and 'tif' hold several pages, 'jpg' and 'png' the first."""
    target = io.BytesIO()
    first, rest = images[0], images[1:]
    whole: dict[str, Any] = {"save_all": True, "append_images": rest}
    if not paper.bilevel:
        whole["quality"] = paper.quality
    if form == "pdf":
        first.save(
            target, "PDF", resolution=paper.dpi, creationDate=MOMENT, modDate=MOMENT, **whole
        )
    elif form == "tif":
        compression = "group4" if paper.bilevel else "jpeg"
        first.save(target, "TIFF", compression=compression, dpi=(paper.dpi,) * 2, **whole)
    elif form == "png":
        first.save(target, "PNG", dpi=(paper.dpi,) * 2)
    else:
        grey = first.convert("L") if first.mode == "1" else first
        grey.save(target, "JPEG", quality=paper.quality, dpi=(paper.dpi,) * 2)
    return target.getvalue()
