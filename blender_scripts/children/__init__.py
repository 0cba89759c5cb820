"""Programs that may crash, hang or eat memory, run as contained children: standard library only, for every app."""
