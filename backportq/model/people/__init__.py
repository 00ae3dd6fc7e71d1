"""People, and the files in which projects say who looks after what."""
