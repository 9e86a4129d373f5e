"""Tests on the real daemon. Each test file is a build file too: its targets stand beside the tests that build them."""
