"""The small correct client: the ground on which every miniature differs in one habit, and an example to read."""
