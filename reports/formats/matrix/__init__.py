"""The matrix of subjects as files: one document for programs, pages for people. Knows no client and no provider."""
