"""Runs one installation on one machine: Kafka, PostgreSQL and our processes, supervised."""
