"""The matrix of subjects: its values, one document for programs, pages for people. Knows no client and no provider."""
