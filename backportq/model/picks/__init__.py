"""A pick as values: what was asked for and how far it is, and the message that a picked commit gets."""
