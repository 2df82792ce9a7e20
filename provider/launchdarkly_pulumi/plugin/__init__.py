"""The plugin for programs in every Pulumi language: the core behind Pulumi's gRPC protocol, in a process of its own."""
