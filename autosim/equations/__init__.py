"""The mathematics of the model, one section of it a file.

These functions know arrays and nothing of files, randomness or labelled data. Each takes the array namespace it works
in as ``xp`` (NumPy unless told otherwise), so that the simulator and a sampler run the very same equations. Arguments
are arrays of that namespace; plain numbers will do wherever no axis is added or summed. Quantities that differ by
bottleneck come as a *sequence over bottlenecks*: an array whose first axis is the bottleneck, or a list of tensors.
"""
