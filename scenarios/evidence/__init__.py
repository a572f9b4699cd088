"""What a run leaves and how it is judged: journal, questions to it, requirement, verdict, finding. Plays nothing."""
