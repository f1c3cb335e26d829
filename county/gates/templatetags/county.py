"""What the templates need beyond Django's own tags."""

from typing import Any

from django import template
from django.urls import reverse

from county.accounts.access import account_or_none
from county.gates import navigation
from county.gates.assets import STYLE_VERSION

register = template.Library()


@register.simple_tag
def style_url() -> str:
    """The address of the style sheet as it is now."""
    return reverse("style", kwargs={"version": STYLE_VERSION})


@register.simple_tag(takes_context=True)
def places(context: dict[str, Any]) -> list[navigation.Link]:
    """Where whoever is signed in may go; nowhere for others."""
    request = context.get("request")
    who = None if request is None else account_or_none(request)
    return [] if request is None or who is None else navigation.links(who.role, request.path)
