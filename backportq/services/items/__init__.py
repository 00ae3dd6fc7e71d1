"""The open items of the queue, as a person sees them: listed, tried, counted, shown."""
