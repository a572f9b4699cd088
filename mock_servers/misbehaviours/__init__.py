"""The catalogue of misbehaviours seen in the wild, and what stands for each: a profile, a fault, or both."""
