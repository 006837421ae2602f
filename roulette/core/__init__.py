"""The rules: who meets whom, and what each guest is told.

Standard library only, no I/O; time and chance are arguments.
"""
