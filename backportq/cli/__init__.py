"""The command line: parse, call one service, render; the error boundary is in `boundary`."""
