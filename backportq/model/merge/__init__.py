"""Three-way merge of queues and of their settings, by record and field."""
