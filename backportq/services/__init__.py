"""Use cases, named after what they do for a person; they know no terminal and no argument parser."""
