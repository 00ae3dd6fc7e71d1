"""The domain model: plain values and pure functions, without git, files, clock or terminal."""
