"""Tests of the sandbox, judged by the vendors' own libraries and descriptions where they exist."""
