import logging
import time

logger = logging.getLogger()
logger.setLevel(logging.INFO)


def handler(event, context):
    """Logs many lines, slowly enough to watch."""
    lines = int(event.get("lines", 40))
    pause = float(event.get("pause", 0.05))
    for number in range(1, lines + 1):
        if number % 10 == 0:
            logger.warning("line %d of %d", number, lines)
        else:
            print(f"line {number} of {lines}")
        time.sleep(pause)
    return {"lines": lines}
