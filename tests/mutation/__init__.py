"""How strong the tests are: central modules are changed in one place at a time, and their tests have to notice.

From the checkout, with the extra `mutation` installed; no part of the default tests, and of CI neither:

    PYTHONPATH=.typing:tests python -m mutation --seed 0 --mutants 150

A place is drawn by the seed, evenly from each module of `mutation.modules`, and what is put there by cosmic-ray's
operators and our own of `mutation.operators`. The mutant is written into a copy of the tree, where the test files that
cover the module run until the first failure, one mutant after the other. Printed are the mutants killed of each module
and in all, and every survivor as a diff. With `--module status` only modules of that name are changed, by the same
mutants as in a whole run of this seed and size.

What changes nothing but annotations and docstrings is no mutant. A survivor that no test can kill, because the program
means the same, stands in `mutation.equivalent` with the reason, and counts neither way.
"""
