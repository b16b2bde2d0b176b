"""Runs the sandbox alone: python -m agentdesk.sandbox."""

import argparse
import asyncio

from agentdesk.sandbox.app import serve
from agentdesk.sandbox.settings import Settings


def main() -> None:
    """Read the options and serve until told to stop."""
    parser = argparse.ArgumentParser(prog="agentdesk sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="web server; 0 means any free port")
    parser.add_argument("--frame-port", type=int, default=0, help="second origin, for the card fields")
    parser.add_argument("--smtp-port", type=int, default=0, help="mail inbox")
    parser.add_argument("--seed", type=int, help="repeats identifiers, credentials and faults")
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster than real time to live")
    options = parser.parse_args()
    settings = Settings(speed=options.speed)
    if options.seed is not None:
        settings = Settings(seed=options.seed, speed=options.speed)
    asyncio.run(
        serve(settings, port=options.port, frame_port=options.frame_port, smtp_port=options.smtp_port)
    )


if __name__ == "__main__":
    main()
