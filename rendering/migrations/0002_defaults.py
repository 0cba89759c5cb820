"""What a fresh installation can order, renders on upload and makes parts of. Rows that exist are left alone."""

from django.db import migrations

OUTPUT_TYPES = (
    {"slug": "draft", "name": "Draft 128 px", "width": 128, "height": 128, "samples": 8, "noise_threshold": 0.1},
    {
        "slug": "thumbnail",
        "name": "Thumbnail 256 px",
        "kind": "thumbnail",
        "format": "webp",
        "width": 256,
        "height": 256,
        "samples": 32,
        "noise_threshold": 0.05,
    },
    {"slug": "still-1024", "name": "Still 1024 px"},
    {"slug": "still-1024-webp", "name": "Still 1024 px, WebP", "format": "webp"},
    {"slug": "still-2048", "name": "Still 2048 px", "width": 2048, "height": 2048},
)
# Three files of one film.
FILM = {"kind": "turntable", "frames": 72, "fps": 24, "width": 720, "height": 720}
FILMS = (
    {**FILM, "slug": "turntable-mp4", "name": "Turntable 720 px, MP4", "format": "mp4"},
    {
        **FILM,
        "slug": "turntable-webm",
        "name": "Turntable 720 px, WebM, transparent",
        "format": "webm",
        "background": "transparent",
        "quality": 80,
    },
    {
        **FILM,
        "slug": "turntable-webp",
        "name": "Turntable 360 px, animated WebP, transparent",
        "format": "awebp",
        "background": "transparent",
        "width": 360,
        "height": 360,
        "quality": 75,
    },
)

# Slug, name, own color, how much of the CAD color shows, metallic, roughness, and what else is not as usual.
FINISHES = (
    ("ground_steel", "Ground steel", "#cecdcb", 0.45, 1.0, 0.2, {"grain": 0.02, "anisotropy": 0.45}),
    ("machined_steel", "Machined steel", "#cecdcb", 0.5, 1.0, 0.3, {"grain": 0.03, "anisotropy": 0.3}),
    ("polished_steel", "Polished steel, chrome", "#d7d7d6", 0.3, 1.0, 0.1, {"grain": 0.02}),
    ("sheet_steel", "Sheet steel", "#bfbfbf", 0.6, 1.0, 0.38, {"grain": 0.05}),
    ("stainless_brushed", "Stainless steel, brushed", "#c9c8c6", 0.25, 1.0, 0.3, {"anisotropy": 0.6, "brushed": 0.6}),
    ("cast_iron", "Cast iron", "#5e5d5c", 0.35, 0.75, 0.58, {"grain": 0.12}),
    ("black_oxide", "Black oxide", "#343437", 0.12, 0.9, 0.36, {"grain": 0.06}),
    ("zinc_blue", "Zinc plated, bluish", "#c4c9d1", 0.15, 1.0, 0.27, {"grain": 0.05}),
    ("zinc_yellow", "Zinc plated, yellow chromate", "#d2b26a", 0.2, 1.0, 0.29, {"grain": 0.05}),
    ("aluminium", "Aluminium", "#e7e7e8", 0.3, 1.0, 0.34, {"grain": 0.03, "anisotropy": 0.2}),
    ("anodised_natural", "Anodised aluminium, natural", "#d3d4d5", 0.1, 1.0, 0.44, {"grain": 0.02}),
    ("anodised_black", "Anodised aluminium, black", "#2b2b2d", 0.1, 0.8, 0.4, {"grain": 0.03}),
    ("anodised_colour", "Anodised aluminium, CAD colour", "#d3d4d5", 1.0, 0.85, 0.38, {"grain": 0.02}),
    ("brass", "Brass", "#e7c88e", 0.3, 1.0, 0.24, {"grain": 0.03, "anisotropy": 0.2}),
    ("bronze", "Bronze", "#bd9060", 0.2, 1.0, 0.3, {"grain": 0.05, "anisotropy": 0.2}),
    ("copper", "Copper", "#edb99e", 0.3, 1.0, 0.24, {"grain": 0.05}),
    ("rubber", "Rubber, black", "#2d2d2f", 0.06, 0.0, 0.62, {"grain": 0.06}),
    ("rubber_colour", "Rubber, CAD colour", "#808080", 0.9, 0.0, 0.58, {"grain": 0.05}),
    ("plastic", "Plastic, CAD colour", "#bcbcbc", 1.0, 0.0, 0.34, {"grain": 0.04}),
    ("plastic_glossy", "Plastic, glossy", "#bcbcbc", 1.0, 0.0, 0.14, {}),
    ("plastic_matt", "Plastic, matt", "#bcbcbc", 1.0, 0.0, 0.55, {"grain": 0.06}),
    ("pom_white", "POM, white", "#efeeea", 0.15, 0.0, 0.42, {"grain": 0.03}),
    ("pcb", "Circuit board", "#1d5a34", 0.5, 0.0, 0.35, {"coat": 0.6, "coat_roughness": 0.18}),
    ("glass", "Glass", "#f9fbfb", 0.4, 0.0, 0.02, {"transmission": 1.0}),
    ("acrylic", "Acrylic, clear or tinted", "#f7f9fa", 0.7, 0.0, 0.04, {"transmission": 1.0, "ior": 1.49}),
    ("paint", "Paint, CAD colour", "#bcbcbc", 1.0, 0.0, 0.3, {"coat": 0.35}),
    ("paint_glossy", "Paint, glossy", "#bcbcbc", 1.0, 0.0, 0.28, {"coat": 1.0, "coat_roughness": 0.03}),
    ("paint_matt", "Paint, matt", "#bcbcbc", 1.0, 0.0, 0.62, {}),
    ("powder_coat", "Powder coat", "#bcbcbc", 1.0, 0.0, 0.46, {"grain": 0.1}),
    ("matte", "Matte, without any gloss", "#bcbcbc", 1.0, 0.0, 1.0, {"specular": 0.0}),
)

CAGE = "cage, *käfig, *kaefig, retainer"
FASTENER = "screw*, *schraube*, bolt, bolts, nut, nuts, *mutter, washer*, *scheibe, din #*, iso #*"
RUBBER = "rubber, *gummi, seal, *seal, *dicht*, o ring, gasket*, grommet, bellows, tyre, tire, reifen, nbr, epdm, fkm"
ZINC = "zinc*, verzinkt*, galvani*"
ANODIZED = "anodi*, eloxiert, eloxal*"

# Finish, words in names, CAD colors, words in the CAD material. The first that fits decides; the last one fits all.
RULES = (
    # What the CAD file says a part is made of.
    ("glass", "", "", "glass, glas"),
    ("rubber", "", "dark, grey, light, white", "rubber*, gummi, nbr, epdm, fkm, viton, silicon*, elastomer*"),
    ("rubber_colour", "", "", "rubber*, gummi, nbr, epdm, fkm, viton, silicon*, elastomer*"),
    ("brass", "", "", "brass, messing, cuzn*"),
    ("bronze", "", "", "bronze, cusn*"),
    ("copper", "", "", "copper, kupfer"),
    ("aluminium", "", "grey, light, white", "alumin*, alu, almg*, alsi*, 6061, 6082, 7075"),
    ("stainless_brushed", "", "grey, light", "stainless*, edelstahl, inox, 1.4###, aisi 3##"),
    ("cast_iron", "", "grey, dark, light", "cast iron, *guss*, gjl*, gjs*"),
    ("machined_steel", "", "grey, light", "steel, *stahl, s235*, s355*, c45*, 100cr6, 42crmo4"),
    ("pom_white", "", "white, light", "pom, acetal, delrin"),
    ("plastic", "", "", "plastic*, kunststoff*, abs, pa, pa6*, nylon, pom, peek, pe, pp, pvc, ptfe, poly*"),
    # What its names say.
    ("glass", "glass, glas, lens, linse, window, fenster", "grey, light, clear", ""),
    ("acrylic", "acryl*, plexi*, pmma, polycarbonat*", "clear, light", ""),
    ("glass", "", "clear", ""),
    ("rubber", RUBBER, "dark, grey, light, white", ""),
    ("rubber_colour", RUBBER, "", ""),
    ("brass", "brass, *messing", "", ""),
    ("bronze", "bronze, *bronze", "", ""),
    ("copper", "copper, *kupfer*", "", ""),
    ("stainless_brushed", "stainless, edelstahl, inox, brushed", "grey, light", ""),
    ("zinc_yellow", ZINC, "yellow", ""),
    ("zinc_blue", ZINC, "grey, light, white", ""),
    ("anodised_black", ANODIZED, "dark", ""),
    ("anodised_natural", ANODIZED, "grey, light, white", ""),
    ("anodised_colour", ANODIZED, "", ""),
    ("powder_coat", "powder coat*, pulverbeschicht*", "", ""),
    ("cast_iron", "cast iron, casting, gusseisen, *guss", "grey, dark", ""),
    ("pcb", "pcb, *leiterplatte, circuit board", "", ""),
    ("polished_steel", "ball, balls, *kugel*, roller*, *rolle, *rollen, needle*, nadel*", "grey, light, dark", ""),
    ("brass", CAGE, "yellow", ""),
    ("sheet_steel", f"{CAGE}, sheet, *blech*, shield, deckscheibe", "grey, light", ""),
    ("pom_white", "pom, delrin, acetal", "white", ""),
    ("plastic", f"{CAGE}, plastic, kunststoff, abs, pa6*, pom, nylon", "", ""),
    ("aluminium", "alu*, 6061, 6082, 7075", "grey, light", ""),
    ("ground_steel", "ring, *ring, rings, race, *bearing, *lager, shaft, *welle, spindle, pin, *bolzen, *stift, dowel", "grey, light", ""),
    ("black_oxide", FASTENER, "dark", ""),
    ("zinc_yellow", FASTENER, "yellow", ""),
    ("machined_steel", FASTENER, "grey, light", ""),
    # What its color says.
    ("plastic", "", "dark, white", ""),
    ("brass", "", "yellow", ""),
    ("copper", "", "copper", ""),
    ("machined_steel", "", "grey, light", ""),
    ("paint", "", "", ""),
)
STEP = 10  # between two positions, so that a rule fits in between


def make_output_types(apps, schema_editor):
    output_type = apps.get_model("rendering", "OutputType")
    for fields in (*OUTPUT_TYPES, *FILMS):
        output_type.objects.get_or_create(slug=fields["slug"], defaults=fields)


def make_workflow(apps, schema_editor):
    """Let each upload make a thumbnail; what the workflow is now is its version 1."""
    made = apps.get_model("rendering", "OutputType").objects.get(slug="thumbnail")
    workflow, is_new = apps.get_model("rendering", "Workflow").objects.get_or_create(
        slug="on-upload", defaults={"name": "On upload", "runs_on_upload": True, "priority": 60}
    )
    if not is_new:
        return
    step = apps.get_model("rendering", "WorkflowStep").objects.create(workflow=workflow, output_type=made)
    document = {
        "kind": step.kind,
        "output_type": made.pk,
        "slug": made.slug,
        "name": made.name,
        "tessellation": step.tessellation,
        "when": step.when,
        "numbers": step.numbers,
        "formats": step.formats,
        "structure": step.structure,
        "longest_min": step.longest_min,
        "longest_max": step.longest_max,
        "after": step.after,
    }
    apps.get_model("rendering", "WorkflowVersion").objects.create(
        workflow=workflow,
        number=1,
        name=workflow.name,
        runs_on_upload=workflow.runs_on_upload,
        uploads=workflow.uploads,
        priority=workflow.priority,
        steps_json=[document],
    )


def make_materials(apps, schema_editor):
    """Finishes that exist are left alone; rules come only where none are."""
    finish, rule = apps.get_model("rendering", "Finish"), apps.get_model("rendering", "MaterialRule")
    for slug, name, colour, tint, metallic, roughness, others in FINISHES:
        usual = {"name": name, "colour": colour, "tint": tint, "metallic": metallic, "roughness": roughness}
        finish.objects.get_or_create(slug=slug, defaults={**usual, **others})
    if rule.objects.exists():
        return
    ids = dict(finish.objects.values_list("slug", "id"))
    rule.objects.bulk_create(
        rule(position=STEP * number, finish_id=ids[slug], words=words, colours=colours, cad_material=material)
        for number, (slug, words, colours, material) in enumerate(RULES, start=1)
    )


class Migration(migrations.Migration):

    replaces = [
        ("rendering", "0002_default_output_types"),
        ("rendering", "0009_default_materials"),
        ("rendering", "0013_orders_that_ended"),
        ("rendering", "0020_standing"),
    ]

    dependencies = [("rendering", "0001_squashed")]

    operations = [
        migrations.RunPython(make_output_types, migrations.RunPython.noop),
        migrations.RunPython(make_workflow, migrations.RunPython.noop),
        migrations.RunPython(make_materials, migrations.RunPython.noop),
    ]
