"""The side of a peer in runs that take turns: see engines.Peer for the other."""

import json
import resource
import statistics
import sys
import time


def serve(step, parameters):
    """Warms up, prints `ready`, and answers each line `<seconds>` with the median time of a step, until the input ends."""
    for _ in range(3):
        step()
    print("ready", flush=True)
    for line in sys.stdin:
        end = time.perf_counter() + float(line)
        times = []
        while len(times) < 3 or time.perf_counter() < end:
            start = time.perf_counter()
            step()
            times.append(time.perf_counter() - start)
        answer = {
            "median_ms": statistics.median(times) * 1e3,
            "steps": len(times),
            "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "parameters": parameters,
        }
        print(json.dumps(answer), flush=True)
