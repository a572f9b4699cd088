"""The command line: options, messages, exit codes. What a command does lives in the rooms below."""
