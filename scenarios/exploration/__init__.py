"""Lives that nobody wrote: drawn by Hypothesis, played exhaustively, shortened, kept. Judges nothing itself."""
