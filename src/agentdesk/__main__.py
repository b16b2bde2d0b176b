"""Runs the program: python -m agentdesk, or agentdesk."""

from agentdesk.cli.app import app


def main() -> None:
    """Run the command line; exits with 0 when done, 1 when it failed, 2 when it was called wrongly."""
    app(prog_name="agentdesk")


if __name__ == "__main__":
    main()
