"""Many writers at once: nothing is lost, nothing is twice."""
