"""Herds out: one HTTP application with the OpenAI-compatible, MCP and A2A doors."""
