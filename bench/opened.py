"""python -m bench.opened desk|packages|bare: open a window; tell when it was painted and what it takes."""

import json
import sys
import time

import psutil

_MB = 2**20


def bare() -> None:
    """Open a window of PySide6 and nothing else."""
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication, QWidget

    class Painted(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                QTimer.singleShot(0, end)
            return False

    def end() -> None:
        if not ended:
            ended.append(True)
            tell()
            app.quit()

    ended: list[bool] = []
    app, painted, window = QApplication([]), Painted(), QWidget()
    window.installEventFilter(painted)
    window.resize(1440, 900)
    window.show()
    app.exec()


def packages() -> None:
    """Open the bare window, with the packages a desk stands on imported and none of our own code."""
    import asyncio  # noqa: F401

    import httpx  # noqa: F401
    import keyring  # noqa: F401
    import pydantic  # noqa: F401
    import qasync  # noqa: F401
    import structlog  # noqa: F401

    bare()


def desk() -> None:
    """Open the desk as its command does, at a hub that is not there, up to the sign-in."""
    import asyncio

    from agentdesk.desk.app import Options, run
    from agentdesk.desk.window import Window

    async def beside(window: Window) -> None:
        while not (window.sign_in and window.sign_in.isVisible() and window.windowHandle().isExposed()):
            await asyncio.sleep(0)
        window.repaint()  # what the first turn of the loop has not painted is painted now
        tell()
        window.close()

    run(Options("http://127.0.0.1:9", beside=beside))


def tell() -> None:
    """Print the instant, on the clock all processes share, and the memory."""
    print(json.dumps({"at": time.monotonic(), "mb": psutil.Process().memory_info().rss / _MB}), flush=True)


if __name__ == "__main__":
    {"bare": bare, "packages": packages, "desk": desk}[sys.argv[1]]()
