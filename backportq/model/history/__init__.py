"""What history says, as values: landed picks with their evidence, and how subjects are compared."""
