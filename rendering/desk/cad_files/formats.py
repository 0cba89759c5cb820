"""The CAD formats as forms name them: what may be uploaded, and what does not say its unit."""

from __future__ import annotations

from django.utils.functional import lazy
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from media_assets.formats import cad

ACCEPTED = ",".join(cad.endings())
"""What a browser offers to choose from."""


def _accepted() -> str:
    return _("%(exact)s, or a mesh as %(meshes)s; also gzipped or zipped. Several at once.") % {
        "exact": get_text_list(cad.exact(), _("or")),
        "meshes": get_text_list(cad.meshes(), _("or")),
    }


def _unit_of_meshes() -> str:
    formats = get_text_list(cad.without_unit(), _("and"))
    return _("For %(formats)s only, which do not say it; every other format does.") % {"formats": formats}


def _unit_of_file() -> str:
    formats = get_text_list(cad.without_unit(), _("and"))
    return _("%(formats)s files hold numbers without a unit: say what one of them is.") % {"formats": formats}


# Lazy: a form's texts are made once, and read in the language of each request.
accepted, unit_of_meshes, unit_of_file = (
    lazy(one, str) for one in (_accepted, _unit_of_meshes, _unit_of_file)
)
