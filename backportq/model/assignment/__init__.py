"""Who should do which backport: the project's policy, and the choice among the candidates."""
