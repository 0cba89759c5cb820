"""What a first look finds wrong with a file, before any reader opens it: part of the table of codes."""

from __future__ import annotations

from media_assets.cad.problem import ErrorKind, Wording
from media_assets.cad.problem import gettext_noop as _

NOT_CAD = _("This is not a CAD file that can be read: it is {about}.")
UPLOAD_CAD = _("Upload {exact}, or a mesh ({meshes}); also gzipped or zipped.")
UNPACK = _("Unpack it and upload what is inside, one by one or as a zip.")
EXPORT_STEP = _("Export the model as STEP from the CAD system and upload that.")
AGAIN_FROM_CAD = _("Export it again from the CAD system.")
AGAIN_OR_UPLOAD = _("Export or upload it again.")
FEWER_PARTS = _("Export it without its smallest repeated parts, or ask for a higher limit.")


def _not_cad(about: str, next_step: str = UPLOAD_CAD) -> Wording:
    return Wording(NOT_CAD, next_step, about=about)


FILE_ERRORS: dict[str, ErrorKind] = {
    "empty": ErrorKind(
        _("The file is empty"),
        _("Upload the file again."),
        {
            "no_bytes": Wording(
                _("The file is empty (0 bytes)."),
                _("Upload it again; the last upload may have been cut off."),
            ),
            "packed": Wording(_("There is nothing in the packed file."), _("Pack and upload it again.")),
            "blank": Wording(_("The file contains only white space."), AGAIN_FROM_CAD),
        },
    ),
    "not_cad": ErrorKind(
        _("This is not a CAD file"),
        _("Export the model as STEP and upload that."),
        {
            "pdf": _not_cad(_("a PDF document")),
            "png": _not_cad(_("a PNG picture")),
            "jpeg": _not_cad(_("a JPEG picture")),
            "rar": _not_cad(_("a RAR archive"), UNPACK),
            "7z": _not_cad(_("a 7-Zip archive"), UNPACK),
            "utf16": _not_cad(_("text in UTF-16"), _("Save it as plain text (UTF-8), or export it again.")),
            "dwg": _not_cad(_("an AutoCAD drawing (DWG)"), EXPORT_STEP),
            "dxf": _not_cad(_("a drawing (DXF)"), EXPORT_STEP),
            "native": _not_cad(_("a native CAD or Office file"), EXPORT_STEP),
            "parasolid": _not_cad(_("a Parasolid file"), EXPORT_STEP),
            "acis": _not_cad(_("an ACIS file (SAT)"), EXPORT_STEP),
            "jt": _not_cad(_("a JT file"), EXPORT_STEP),
            "ply": _not_cad(_("a PLY mesh"), _("Save it as {meshes} with the program that made it.")),
            "html": _not_cad(_("a web page")),
            "gltf": _not_cad(_("glTF in several files, where one binary file (.glb) is needed")),
            "binary": _not_cad(_("binary data of an unknown kind")),
            "text": _not_cad(_("a text file")),
            "packed_badly": Wording(
                _("The packed file cannot be unpacked."), _("Unpack it yourself and upload the STEP file.")
            ),
            "packed_twice": Wording(
                _("The packed file contains another packed file."), _("Unpack it and upload what is inside.")
            ),
            "many_packed": Wording(
                _("The zip archive contains {files} CAD files that do not belong together ({names})."),
                _(
                    "Upload each of them by itself, or an assembly together with the part files that it refers to."
                ),
            ),
            "none_packed": Wording(
                _("None of the {files} files in the zip archive is a CAD file."),
                _("Put one CAD file into it; materials, textures and notes may lie beside."),
            ),
        },
    ),
    "archived": ErrorKind(
        _("It is archived"),
        _("Bring it back on its page, then upload the file again."),
        {
            "file": Wording(_("This CAD file is archived, as {name}.")),
            "product": Wording(
                _("Product {number} is archived."),
                _("Bring it back on its page, or upload the file under another product number."),
            ),
        },
    ),
    "superseded": ErrorKind(
        _("It is an earlier revision"),
        _("Make it the current revision on the page of its product, or upload it with a number of its own."),
        {
            "product": Wording(
                _("This file is revision {revision} of product {number}, which has a later one.")
            )
        },
    ),
    "truncated": ErrorKind(
        _("The end of the file is missing"),
        _("Export or copy the file again: its end is missing."),
        {
            "step": Wording(
                _(
                    "The STEP file ends too early: its end mark (END-ISO-10303-21) is missing, so a part of the "
                    "product may be missing as well."
                ),
                AGAIN_OR_UPLOAD,
            ),
            "iges": Wording(
                _("The IGES file ends too early: its terminate section is missing."), AGAIN_OR_UPLOAD
            ),
            "brep": Wording(
                _("The BREP file ends too early: the shape that it describes is not named at its end."),
                AGAIN_OR_UPLOAD,
            ),
            "glb_header": Wording(
                _("The GLB file ends too early: its header is incomplete."), AGAIN_OR_UPLOAD
            ),
            "glb_length": Wording(
                _("The GLB file ends too early: {written} bytes were written, and {held} are here."),
                AGAIN_OR_UPLOAD,
            ),
            "glb_piece": Wording(
                _("The GLB file ends too early: a piece of it is cut off."), AGAIN_OR_UPLOAD
            ),
            "stl_count": Wording(
                _("The STL file ends too early: it announces {announced} triangles and contains {held}."),
                AGAIN_OR_UPLOAD,
            ),
            "stl_end": Wording(
                _("The STL file ends too early: its end mark (endsolid) is missing."), AGAIN_OR_UPLOAD
            ),
            "packed": Wording(_("The packed file ends in the middle."), _("Upload it again.")),
        },
    ),
    "too_large": ErrorKind(
        _("The file is too large"),
        _("Raise the limit in the system settings or export a smaller assembly."),
        {
            "upload": Wording(
                _("The file has {size_mb:.1f} MB; the limit is {limit_mb:g} MB."),
                _("Raise it in the system settings or export a smaller assembly."),
            ),
            "file": Wording(
                _("The CAD file contains more than {limit_mb} MB, which is the limit of this installation."),
                _("Export it without construction history, or ask for a higher limit."),
            ),
            "packed": Wording(
                _(
                    "The packed file contains more than {size_mb} MB, over {times} times its own size, which no CAD "
                    "file does."
                ),
                _("If it is sound, unpack it and upload what is inside."),
            ),
            "array": Wording(
                _("The mesh has an array of {count:,} entries, and the limit is {limit:,}."),
                _("Reduce the mesh in the program that made it, or split it."),
            ),
            "triangles": Wording(
                _(
                    "The mesh has more than {limit:,} triangles, which is the limit, and a mesh can't be made "
                    "coarser without harm."
                ),
                _("Reduce it in the program that made it, split it, or upload the CAD model (STEP)."),
            ),
        },
    ),
    "external_reference": ErrorKind(
        _("The file refers to other files"),
        _("Export everything into one file."),
        {
            "files": Wording(
                _("The file refers to other files ({names}), which are not opened."),
                _("Export the assembly as one single STEP file with its parts inside."),
            ),
            "many_files": Wording(
                _("The file refers to other files ({names} and {more} more), which are not opened."),
                _("Export the assembly as one single STEP file with its parts inside."),
            ),
            "glb": Wording(
                _("The GLB refers to data in another file, which is not opened."),
                _("Export it as one binary file (.glb) with everything inside."),
            ),
        },
    ),
    "too_many_instances": ErrorKind(
        _("The assembly has too many parts"),
        _("Export a smaller assembly."),
        {
            "counted": Wording(
                _("The assembly places {placed:,} parts, and the limit is {limit:,}."), FEWER_PARTS
            ),
            "stopped": Wording(
                _("The file places more than {limit:,} parts, which is the limit."), FEWER_PARTS
            ),
        },
    ),
    "cyclic_assembly": ErrorKind(
        _("An assembly contains itself"),
        _("An assembly contains itself: mend it in the CAD system."),
        {
            "step": Wording(
                _("The assembly #{node} contains itself, so the product would have no end."),
                _("Export it again from the CAD system; if that does not help, export its parts alone."),
            ),
            "files": Wording(
                _("The file {name} refers to itself by way of the other files in the archive."),
                _("Export the assembly again, or as one STEP file."),
            ),
            "glb": Wording(
                _("An object of the GLB is below itself, or below two objects at once."),
                _("Export it again from another program."),
            ),
        },
    ),
}
