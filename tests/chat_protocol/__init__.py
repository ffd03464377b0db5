"""Tests of chat_protocol."""
