"""Who should do a backport: the candidates of each item, and the proposal made of them."""
