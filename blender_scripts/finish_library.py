"""The built-in finishes and rules: of a new installation, and of a script without any. Standard library only."""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from blender_scripts.finish_rules import FinishSpec, Rule

_STEEL = "#cecdcb"


def _(name: str) -> str:
    """Mark a name for translation and return it: it is translated where it is shown."""
    return name


NAMED = (
    (_("Ground steel"), FinishSpec("ground_steel", _STEEL, 0.45, 1.0, 0.20, grain=0.02, anisotropy=0.45)),
    (_("Machined steel"), FinishSpec("machined_steel", _STEEL, 0.5, 1.0, 0.30, grain=0.03, anisotropy=0.3)),
    (_("Polished steel, chrome"), FinishSpec("polished_steel", "#d7d7d6", 0.3, 1.0, 0.10, grain=0.02)),
    (_("Sheet steel"), FinishSpec("sheet_steel", "#bfbfbf", 0.6, 1.0, 0.38, grain=0.05)),
    (
        _("Stainless steel, brushed"),
        FinishSpec("stainless_brushed", "#c9c8c6", 0.25, 1.0, 0.30, anisotropy=0.6, brushed=0.6),
    ),
    (_("Cast iron"), FinishSpec("cast_iron", "#5e5d5c", 0.35, 0.75, 0.58, grain=0.12)),
    (_("Black oxide"), FinishSpec("black_oxide", "#343437", 0.12, 0.9, 0.36, grain=0.06)),
    (_("Zinc plated, bluish"), FinishSpec("zinc_blue", "#c4c9d1", 0.15, 1.0, 0.27, grain=0.05)),
    (_("Zinc plated, yellow chromate"), FinishSpec("zinc_yellow", "#d2b26a", 0.2, 1.0, 0.29, grain=0.05)),
    (_("Aluminum"), FinishSpec("aluminium", "#e7e7e8", 0.3, 1.0, 0.34, grain=0.03, anisotropy=0.2)),
    (_("Anodized aluminum, natural"), FinishSpec("anodised_natural", "#d3d4d5", 0.1, 1.0, 0.44, grain=0.02)),
    (_("Anodized aluminum, black"), FinishSpec("anodised_black", "#2b2b2d", 0.1, 0.8, 0.40, grain=0.03)),
    (
        _("Anodized aluminum, CAD color"),
        FinishSpec("anodised_colour", "#d3d4d5", 1.0, 0.85, 0.38, grain=0.02),
    ),
    (_("Brass"), FinishSpec("brass", "#e7c88e", 0.3, 1.0, 0.24, grain=0.03, anisotropy=0.2)),
    (_("Bronze"), FinishSpec("bronze", "#bd9060", 0.2, 1.0, 0.30, grain=0.05, anisotropy=0.2)),
    (_("Copper"), FinishSpec("copper", "#edb99e", 0.3, 1.0, 0.24, grain=0.05)),
    (_("Rubber, black"), FinishSpec("rubber", "#2d2d2f", 0.06, 0.0, 0.62, grain=0.06)),
    (_("Rubber, CAD color"), FinishSpec("rubber_colour", "#808080", 0.9, 0.0, 0.58, grain=0.05)),
    (_("Plastic, CAD color"), FinishSpec("plastic", "#bcbcbc", 1.0, 0.0, 0.34, grain=0.04)),
    (_("Plastic, glossy"), FinishSpec("plastic_glossy", "#bcbcbc", 1.0, 0.0, 0.14)),
    (_("Plastic, matte"), FinishSpec("plastic_matt", "#bcbcbc", 1.0, 0.0, 0.55, grain=0.06)),
    (_("POM, white"), FinishSpec("pom_white", "#efeeea", 0.15, 0.0, 0.42, grain=0.03)),
    (_("Circuit board"), FinishSpec("pcb", "#1d5a34", 0.5, 0.0, 0.35, coat=0.6, coat_roughness=0.18)),
    (_("Glass"), FinishSpec("glass", "#f9fbfb", 0.4, 0.0, 0.02, transmission=1.0, ior=1.5)),
    (
        _("Acrylic, clear or tinted"),
        FinishSpec("acrylic", "#f7f9fa", 0.7, 0.0, 0.04, transmission=1.0, ior=1.49),
    ),
    (_("Paint, CAD color"), FinishSpec("paint", "#bcbcbc", 1.0, 0.0, 0.30, coat=0.35)),
    (
        _("Paint, glossy"),
        FinishSpec("paint_glossy", "#bcbcbc", 1.0, 0.0, 0.28, coat=1.0, coat_roughness=0.03),
    ),
    (_("Paint, matte"), FinishSpec("paint_matt", "#bcbcbc", 1.0, 0.0, 0.62)),
    (_("Powder coat"), FinishSpec("powder_coat", "#bcbcbc", 1.0, 0.0, 0.46, grain=0.10)),
    (_("Matte, without any gloss"), FinishSpec("matte", "#bcbcbc", 1.0, 0.0, 1.0, specular=0.0)),
)
"""What each finish is called, and what it is."""

FINISHES = {finish.slug: finish for _name, finish in NAMED}
NAMES = {finish.slug: name for name, finish in NAMED}

CLAY = FinishSpec("clay", "#adadae", 0.0, roughness=0.7)
"""What all parts have where no materials are wanted."""

HATCH = FinishSpec("hatch", "#161618", 0.0, roughness=0.8, specular=0.2)
"""What the lines on cut faces have, whatever the part is made of; our GLB names their material so."""

_CAGE = "cage, *käfig, *kaefig, retainer"
_FASTENER = "screw*, *schraube*, bolt, bolts, nut, nuts, *mutter, washer*, *scheibe, din #*, iso #*"
_RUBBER = "rubber, *gummi, seal, *seal, *dicht*, o ring, gasket*, grommet, bellows, tyre, tire, reifen, nbr, epdm, fkm"
_ZINC = "zinc*, verzinkt*, galvani*"
_ANODIZED = "anodi*, eloxiert, eloxal*"


def _rule(slug: str, words: str = "", colors: str = "", material: str = "") -> Rule:
    return Rule(FINISHES[slug], words=words, colors=colors, material=material)


RULES = (
    # By the CAD material.
    _rule("glass", material="glass, glas"),
    _rule(
        "rubber",
        material="rubber*, gummi, nbr, epdm, fkm, viton, silicon*, elastomer*",
        colors="dark, grey, light, white",
    ),
    _rule("rubber_colour", material="rubber*, gummi, nbr, epdm, fkm, viton, silicon*, elastomer*"),
    _rule("brass", material="brass, messing, cuzn*"),
    _rule("bronze", material="bronze, cusn*"),
    _rule("copper", material="copper, kupfer"),
    _rule("aluminium", material="alumin*, alu, almg*, alsi*, 6061, 6082, 7075", colors="grey, light, white"),
    _rule(
        "stainless_brushed", material="stainless*, edelstahl, inox, 1.4###, aisi 3##", colors="grey, light"
    ),
    _rule("cast_iron", material="cast iron, *guss*, gjl*, gjs*", colors="grey, dark, light"),
    _rule(
        "machined_steel", material="steel, *stahl, s235*, s355*, c45*, 100cr6, 42crmo4", colors="grey, light"
    ),
    _rule("pom_white", material="pom, acetal, delrin", colors="white, light"),
    _rule(
        "plastic", material="plastic*, kunststoff*, abs, pa, pa6*, nylon, pom, peek, pe, pp, pvc, ptfe, poly*"
    ),
    # By names.
    _rule("glass", "glass, glas, lens, linse, window, fenster", "grey, light, clear"),
    _rule("acrylic", "acryl*, plexi*, pmma, polycarbonat*", "clear, light"),
    _rule("glass", colors="clear"),
    _rule("rubber", _RUBBER, "dark, grey, light, white"),
    _rule("rubber_colour", _RUBBER),
    _rule("brass", "brass, *messing"),
    _rule("bronze", "bronze, *bronze"),
    _rule("copper", "copper, *kupfer*"),
    _rule("stainless_brushed", "stainless, edelstahl, inox, brushed", "grey, light"),
    _rule("zinc_yellow", _ZINC, "yellow"),
    _rule("zinc_blue", _ZINC, "grey, light, white"),
    _rule("anodised_black", _ANODIZED, "dark"),
    _rule("anodised_natural", _ANODIZED, "grey, light, white"),
    _rule("anodised_colour", _ANODIZED),
    _rule("powder_coat", "powder coat*, pulverbeschicht*"),
    _rule("cast_iron", "cast iron, casting, gusseisen, *guss", "grey, dark"),
    _rule("pcb", "pcb, *leiterplatte, circuit board"),
    _rule(
        "polished_steel",
        "ball, balls, *kugel*, roller*, *rolle, *rollen, needle*, nadel*",
        "grey, light, dark",
    ),
    _rule("brass", _CAGE, "yellow"),
    _rule("sheet_steel", f"{_CAGE}, sheet, *blech*, shield, deckscheibe", "grey, light"),
    _rule("pom_white", "pom, delrin, acetal", "white"),
    _rule("plastic", f"{_CAGE}, plastic, kunststoff, abs, pa6*, pom, nylon"),
    _rule("aluminium", "alu*, 6061, 6082, 7075", "grey, light"),
    _rule(
        "ground_steel",
        "ring, *ring, rings, race, *bearing, *lager, shaft, *welle, spindle, pin, *bolzen, *stift, dowel",
        "grey, light",
    ),
    _rule("black_oxide", _FASTENER, "dark"),
    _rule("zinc_yellow", _FASTENER, "yellow"),
    _rule("machined_steel", _FASTENER, "grey, light"),
    # By color.
    _rule("plastic", colors="dark, white"),
    _rule("brass", colors="yellow"),
    _rule("copper", colors="copper"),
    _rule("machined_steel", colors="grey, light"),
    _rule("paint"),
)
"""In order. The last one applies to all that is left: saturated colors."""
