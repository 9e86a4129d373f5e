"""The version; a build writes its own."""

VERSION = "unknown"
