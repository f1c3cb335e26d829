"""What the templates need beyond Django's own tags."""

from django import template
from django.urls import reverse

from county.gates.assets import STYLE_VERSION

register = template.Library()


@register.simple_tag
def style_url() -> str:
    """The address of the style sheet as it is now."""
    return reverse("style", kwargs={"version": STYLE_VERSION})
