"""Brings events to services that read no Kafka: POSTs them, again until they are taken."""
