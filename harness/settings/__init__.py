"""What a project says once of how its client is tested: the settings file. It must not know what is done with it."""
