"""Kills, failing system calls, full and read-only disks: the queue is the old one or the new one."""
