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
    return _("Only for %(formats)s: these formats do not state it, all others do.") % {"formats": formats}


def _unit_of_file() -> str:
    formats = get_text_list(cad.without_unit(), _("and"))
    return _("%(formats)s files contain numbers without a unit. Choose what 1 stands for.") % {
        "formats": formats
    }


# Lazy: a form's texts are made once, and read in the language of each request.
accepted, unit_of_meshes, unit_of_file = (
    lazy(one, str) for one in (_accepted, _unit_of_meshes, _unit_of_file)
)
