"""The one table of the codes with which reading CAD can end without geometry, and of their words.

Each message is here or in `file_errors` once, by the case that `CadError(code, case, ...)` names. Programs read
the code.
"""

from __future__ import annotations

from media_assets.cad.file_errors import AGAIN_FROM_CAD, FILE_ERRORS
from media_assets.cad.problem import ErrorKind, Wording
from media_assets.cad.problem import gettext_noop as _

MESH_DAMAGED = _("The mesh file is damaged: {about}.")
NO_PART = _("The file is {about}: it holds no part to show.")
AGAIN = _("Export it again.")
AS_AP214 = _("Open it in the CAD system, check it and export it again, preferably as STEP AP214.")
COARSER = _("Order a coarser quality, split the assembly, or raise the limit.")
STATE_UNIT = _(
    "State the length unit in the upload form, under “Reading options” on the CAD file's page, or with "
    "'import_cad --unit'."
)


def _mesh(about: str) -> Wording:
    return Wording(MESH_DAMAGED, AGAIN, about=about)


CAD_ERRORS: dict[str, ErrorKind] = {
    **FILE_ERRORS,
    "nothing_to_show": ErrorKind(
        _("There is nothing to show in the file"),
        _("Export solids or surfaces, not only curves or annotations."),
        {
            "ifc": Wording(
                NO_PART,
                _("Export the part or assembly as STEP AP214."),
                about=_("a building model (IFC)"),
            ),
            "no_data": Wording(
                NO_PART,
                _("Export the part or assembly as STEP AP214."),
                about=_("a STEP header without any data"),
            ),
            "step": Wording(
                _("The STEP file contains no part or assembly."),
                _("Export the part itself, not only its drawing or notes."),
            ),
            "glb": Wording(_("The GLB contains no objects."), _("Export the product's own parts.")),
            "obj": Wording(
                _("The OBJ file contains points or lines, but no faces."),
                _("Export the part as a mesh of polygons."),
            ),
            "stl": Wording(
                _("The STL file contains no triangles."), _("Export the part itself, as a solid or surface.")
            ),
        },
    ),
    "nothing_to_cut": ErrorKind(
        _("The section shows nothing"),
        _("Change the section in the output type."),
        {
            "no_part": Wording(
                _("The section goes through the part “{name}”, and the product has no part of this name."),
                _("Choose another part in the output type, or a section through the middle."),
            ),
            "all_gone": Wording(
                _("Nothing of the product is left behind the section plane."),
                _("Move the section, or take the other side away, in the output type."),
            ),
            "empty": Wording(_("There is nothing that could be cut.")),
        },
    ),
    "no_usable_geometry": ErrorKind(
        _("Nothing in the file can be shown"),
        _("Mend the model in the CAD system and export it again."),
        {
            "not_built": Wording(
                _("The STEP reader found parts but could not build any of them."),
                _("Export the file again, as AP214."),
            ),
            "iges": Wording(_("The IGES file contains nothing that can be built."), _("Export it as STEP.")),
            "no_surface": Wording(
                _("The file was read, but no part in it has a surface."),
                _("Export solids or surfaces, not only wires, sketches or references."),
            ),
            "all_hidden": Wording(
                _("Everything in the file is switched to invisible."),
                _("Show in the CAD system what belongs in the picture, and export the file again."),
            ),
            "not_meshed": Wording(
                _(
                    "The file was read, but nothing in it can be shown: {faces} faces could not be turned into "
                    "triangles."
                ),
                _("Export it again from the CAD system; check its units and coordinates."),
            ),
            "no_size": Wording(
                _(
                    "The parts in the file have no size: their coordinates are missing, not numbers or far too "
                    "large."
                ),
                _("Export the file again from the CAD system."),
            ),
            "mesh": Wording(
                _(
                    "The mesh was read, but no triangle in it can be shown: they have no area, or their numbers "
                    "are damaged."
                ),
                AGAIN,
            ),
        },
    ),
    "unreadable": ErrorKind(
        _("The reader can't take the file"),
        _("Export the model as STEP and upload that."),
        {
            "missing": Wording(_("The CAD file {name} is missing in the storage or not readable.")),
            "step": Wording(
                _("The STEP reader could not parse the file; it is damaged or not what it claims to be."),
                AGAIN_FROM_CAD,
            ),
            "iges": Wording(
                _("The IGES reader could not parse the file."), _("Export it again, as STEP if possible.")
            ),
            "brep": Wording(
                _("The BREP file could not be read."), _("Save it again, or export STEP instead.")
            ),
            "decimal_commas": Wording(
                _("The numbers in the STEP file are written with decimal commas (first in line {line})."),
                _(
                    "Export it again; if that does not help, set the decimal sign of the system to a point first."
                ),
            ),
            "long_text": Wording(
                _(
                    "A text in line {line} is longer than {limit} characters, or its closing quote is missing; "
                    "the reader cannot take it."
                ),
                _("Shorten the description in the CAD system and export again."),
            ),
            "gltf_version": Wording(
                _("The GLB is written in version {version} of glTF, and only version 2 can be read."),
                _("Export it again as glTF 2.0 binary (.glb)."),
            ),
            "compressed": Wording(
                _("The GLB is compressed ({name}), which can't be read."),
                _("Export it without compression, or unpack it: {command}"),
            ),
            "extension": Wording(
                _("The GLB can't be shown without the extension {name!r}, which is not known here."),
                _("Export it without that, as plain glTF 2.0."),
            ),
            "not_as_read": Wording(
                _("The geometry that was written does not match what was read, so it is not used."),
                _(
                    "Try the file again; if it fails again, export it again from the CAD system and report the "
                    "file as an error of Renderdesk."
                ),
            ),
        },
    ),
    "unit_unknown": ErrorKind(
        _("The length unit is not known"),
        STATE_UNIT,
        {
            "mesh": Wording(
                _("{format} files do not contain a length unit, so the size of the product is not known."),
                STATE_UNIT,
            ),
        },
    ),
    "damaged": ErrorKind(
        _("The file is damaged"),
        _("Export the file again; if that does not help, from another version of the CAD system."),
        {
            "crash": Wording(
                _(
                    "The CAD reader crashed on this file ({signal}), so something in it is damaged. Nothing else "
                    "was affected."
                ),
                AS_AP214,
            ),
            "contradiction": Wording(
                _("The CAD reader gave up on this file, because something in it contradicts itself."),
                AS_AP214,
            ),
            "nonsense": Wording(
                _(
                    "The CAD reader lost its way on this file: what it said or wrote makes no sense. Nothing was "
                    "taken from it."
                ),
                AS_AP214,
            ),
            "scan": Wording(
                _("Looking at the file failed: it needs too much memory, or it is made to do harm."),
                AS_AP214,
            ),
            "glb_text": Wording(_("The GLB is damaged: its description can't be read."), AGAIN),
            "no_text": _mesh(_("its description is missing")),
            "text_is_no_object": _mesh(_("its description is not an object")),
            "not_there": _mesh(_("it refers to {kind} number {number}, which is not there")),
            "array_kind": _mesh(_("an array is not of the kind that its use needs ({kind})")),
            "array_length": _mesh(_("an array is longer than its data")),
            "data_end": _mesh(_("a piece of data lies beyond its end")),
            "sparse_array": _mesh(_("a sparse array is not described")),
            "sparse_places": _mesh(_("the indices of a sparse array are not numbers")),
            "sparse_end": _mesh(_("a sparse array replaces values that are not there")),
            "no_integer": _mesh(_("{name} is {value}")),
            "no_list": _mesh(_("{name} is not a list")),
            "number_count": _mesh(_("{name} is not {count} numbers")),
            "not_finite": _mesh(_("{name} contains a value that is not a finite number")),
            "mesh": _mesh(_("a mesh is not described")),
            "material": _mesh(_("a material is not described")),
            "normals": _mesh(_("a mesh has not one normal for each point")),
            "triangle_corner": _mesh(_("a triangle has a corner that is not there")),
            "triangle_cut": _mesh(_("the last triangle of a mesh is incomplete")),
            "matrix": _mesh(_("the matrix of an object is not a valid placement")),
            "rotation": _mesh(_("the rotation of an object is not valid")),
            "placement": _mesh(_("the placement of an object contains values that are not numbers")),
            "too_deep": _mesh(_("its objects are nested more than {limit} levels deep")),
            "draco": _mesh(_("what Draco compressed can't be unpacked")),
            "texture_coordinates": _mesh(_("it does not have as many places in a texture as points")),
            "vertex_colors": _mesh(_("it does not have as many colors as points")),
            "point": _mesh(_("a point is not three numbers ({found})")),
            "face": _mesh(_("a face has {corners} corners")),
            "face_corner": _mesh(_("a face has a corner that is not there ({found})")),
            "triangle_numbers": _mesh(_("a triangle does not have three corners of three numbers each")),
            "corner_number": _mesh(_("a corner is not a number ({found})")),
        },
    ),
    "reader_failed": ErrorKind(
        _("Renderdesk failed on this file"),
        _("This is a defect of Renderdesk: report it with the job's log."),
        {
            "defect": Wording(
                _("Renderdesk's own code failed on this file; that does not mean that the file is damaged."),
                _(
                    "Report it with the job's log. Until it is fixed, exporting the file in another format may help."
                ),
            ),
        },
    ),
    "hung": ErrorKind(
        _("It got stuck"),
        _(
            "It said nothing for longer than the limit in the system settings. A render is tried again by itself."
        ),
        {
            "reader": Wording(
                _("Reading the file did not end within {seconds:g} s and was stopped."),
                _("Order a coarser quality, split the assembly, or raise the time limit."),
                title=_("The reader got stuck"),
            ),
            "scan": Wording(
                _("Looking at the file took longer than {seconds:g} s and was stopped."),
                _("Open it in the CAD system, check it and export it again."),
                title=_("The reader got stuck"),
            ),
        },
    ),
    "out_of_memory": ErrorKind(
        _("Too much memory was needed"),
        _("Raise the memory limit in the system settings, or order a coarser tessellation."),
        {
            "reader": Wording(
                _(
                    "Reading the file needed more memory than there is (limit {limit_mb} MB, {peak_mb} MB used)."
                ),
                COARSER,
                title=_("The file needs too much memory"),
            ),
            "python": Wording(
                _("The file needs more than the {limit_mb} MB of memory that one file may use."),
                COARSER,
                title=_("The file needs too much memory"),
            ),
            "killed": Wording(
                _(
                    "The system killed the reader when it used {peak_mb} MB, as it does when the whole machine "
                    "runs out of memory."
                ),
                _("Retry when less is running; if that does not help, split the assembly."),
                title=_("The file needs too much memory"),
            ),
            "triangles": Wording(
                _("Even a coarse version of the file has more than {limit:,} triangles."),
                _("Export it without threads, knurls and lettering, or split it into several files."),
                title=_("The file needs too much memory"),
            ),
        },
    ),
    "disk_full": ErrorKind(
        _("The disk is full"),
        _("Free some space on that disk, or move the folder to a larger one."),
        {
            "results": Wording(
                _(
                    "The results did not fit: {free_mb} MB are free on the disk, and one file may have "
                    "{limit_mb} MB."
                ),
                _("Free some space or order a coarser quality."),
            ),
            "outgrown": Wording(
                _("The results did not fit: those of one file may have {limit_mb} MB."),
                _("Order a coarser quality, or split the assembly."),
            ),
        },
    ),
    "reader_missing": ErrorKind(
        _("The CAD reader is not installed"),
        _("Run 'manage.py doctor': it names what to install."),
        {
            "package": Wording(
                _("The system library {library} is missing."),
                _("Install it: sudo apt-get install {package}"),
            ),
            "library": Wording(
                _("The system library {library} is missing."),
                _("Install it: the Debian package that contains {library}"),
            ),
            "import": Wording(
                _("OpenCASCADE or USD could not be imported."),
                _("Run `make install` to install the Python packages again."),
            ),
            "slow": Wording(_("OpenCASCADE did not start within {seconds:.0f} s.")),
            "server": Wording(
                _("The CAD reader cannot be started."), _("Run `manage.py doctor` to see what it lacks.")
            ),
        },
    ),
    "canceled": ErrorKind(
        _("Canceled"),
        _("Retry it if it is wanted after all."),
        {"reader": Wording(_("Reading the CAD file was canceled."))},
    ),
}
