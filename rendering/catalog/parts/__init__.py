"""The parts of products: the kinds in a CAD file, parts lists that survive revisions, what pictures show of them."""
