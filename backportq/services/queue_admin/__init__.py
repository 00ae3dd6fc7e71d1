"""The queue itself: started, edited, synchronised, audited."""
