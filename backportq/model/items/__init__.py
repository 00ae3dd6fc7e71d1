"""Items of the queue: what they hold, what people decide about them, and how they are ordered and queried."""
