"""The program's own documents, written from the commands themselves: help, reference, manual page, completion."""
