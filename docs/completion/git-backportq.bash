# git's completion looks for a file of this name; all is in the one beside it.
. "${BASH_SOURCE[0]%/*}/backportq"
