"""Files for retouchers that are made of the passes of a render: part ids, mattes, depths and normals."""
