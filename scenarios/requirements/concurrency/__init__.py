"""Requirements on callers that meet: within a process, and across processes on one store."""
