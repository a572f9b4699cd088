"""What a report tells besides verdicts: how long tokens were good for, how wrong a clock was, what a vendor is built of
and which of that decided. It plays nothing and judges nothing."""
