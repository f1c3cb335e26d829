"""How the fleet's pages write numbers and faults."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from county.core.needs import told
from edge.core.health import OK

register = template.Library()


@register.simple_tag
def percent(fraction: float) -> str:
    """A fraction as whole percent, rounded down: nothing left is not one percent left."""
    return f"{int(fraction * 100)}\N{NO-BREAK SPACE}%"


@register.simple_tag
def signed(kelvin: float) -> str:
    """A difference in K with its sign."""
    return f"{kelvin:+.2f}".replace("-", "−")


@register.simple_tag
def fault(code: str, zh: str, en: str) -> SafeString:
    """A part's name with a tick, or with its fault in red."""
    if code == OK:
        return format_html('<span class="word whole">✓ {} <small lang="en">{}</small></span>', zh, en)
    text = told(code)
    return format_html('<span class="word hot">✗ {}：{} <small lang="en">{}</small></span>', zh, text.zh, text.en)
