import time


def handler(event, context):
    """Works for as many seconds as the event asks; the function's timeout is 5."""
    seconds = float(event.get("seconds", 2))
    for step in range(int(seconds * 2)):
        time.sleep(0.5)
        print(f"{(step + 1) / 2:.1f} s done, {context.get_remaining_time_in_millis()} ms left")
    return {"worked_for_seconds": seconds}
