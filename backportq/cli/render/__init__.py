"""What several verbs show alike, as text and as JSON; the keys of JSON are those of `docs/design.md`."""
