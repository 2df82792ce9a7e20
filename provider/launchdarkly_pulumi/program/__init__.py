"""What Python programs import: resources, configs, accounts and look-ups. It runs in the program's process."""
