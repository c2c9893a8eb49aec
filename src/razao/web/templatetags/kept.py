"""Parts of pages that are the same for everybody: in: a block of a template and what it depends on, out: its text, made once."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()
#: Stands in a kept text where each answer has the token of its own person.
HOLE = "\u0000token\u0000"
#: Texts kept by one block: enough for languages and themes; addresses come and go.
KEPT = 200


class KeptNode(Node):
    """A block whose text depends on the language and its keys alone, and on the person's token."""

    def __init__(self, nodelist: NodeList, keys: list[FilterExpression]) -> None:
        self.nodelist = nodelist
        self.keys = keys
        self.texts: dict[tuple[Any, ...], str] = {}

    def render(self, context: Context) -> SafeString:
        key = (get_language(), *(str(one.resolve(context)) for one in self.keys))
        text = self.texts.get(key)
        if text is None:
            with context.push(csrf_token=HOLE):
                text = str(self.nodelist.render(context))
            if len(self.texts) >= KEPT:
                self.texts.clear()
            self.texts[key] = text
        if HOLE in text:
            text = text.replace(HOLE, str(context.get("csrf_token", "")))
        return mark_safe(text)  # noqa: S308  (what a template rendered; a token has letters and figures alone)


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """``{% kept key … %}…{% endkept %}``: nothing between may depend on anything else."""
    keys = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, keys)
