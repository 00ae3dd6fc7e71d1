"""The people of the queue, and which of them an identity in git is."""
