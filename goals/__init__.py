"""Units below agencies and the goals that decisions set them, as data: one YAML file each, read by thuocdo.declared.goals."""
