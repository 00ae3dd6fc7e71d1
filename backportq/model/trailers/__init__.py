"""Reading commit messages: trailers, pick lines, references to commits, and the dialects that projects write."""
