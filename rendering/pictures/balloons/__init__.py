"""Pictures with the numbers of the parts list around them, and hot-spots on their parts."""
