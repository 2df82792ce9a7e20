"""What Python programs import: resources, configs, accounts and look-ups. All of it runs in the program's process."""
