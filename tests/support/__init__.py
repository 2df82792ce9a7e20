"""What the tests share: the real CLI, the real provider host, and sample inputs."""
