"""What things cost: one module for each subject, and one table of them all.

A subject is a function that measures and yields rows. Times are CPU times, so that a busy
machine does not count; each figure is the median of several rounds, and the sizes take turns
in every round where they can, so that whatever slows one slows all.

While our own code is timed in this process, Python's collector is off: a full collection
walks everything that is alive, and would be charged to whoever is being timed just then.
Servers are timed from outside, and collect as they always do.
"""
