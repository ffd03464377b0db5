"""Accounts: who may sign in, with which password, and whether new users may register."""
