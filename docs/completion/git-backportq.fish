# fish looks for a file of this name where a line begins with git-backportq; all is in the one beside it.
source (status dirname)/backportq.fish
