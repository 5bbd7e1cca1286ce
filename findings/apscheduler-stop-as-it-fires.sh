#!/usr/bin/env bash
# APScheduler 3.11.3: a job that fires once, and a scheduler that is stopped as the job fires.
#
# `shutdown(wait=False)` marks the scheduler as stopped before it takes the locks. A scheduler thread that has just submitted a
# one-time job then removes it, and `remove_job` of a stopped scheduler looks among the pending jobs only: JobLookupError in the
# scheduler's thread, although nobody made a mistake. Documented calls only; the executor is a subclass that makes the moment sure.
# The script ends with 0 as long as this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q apscheduler==3.11.3
"$folder/venv/bin/python" - <<'PYTHON'
import threading
from datetime import datetime, timezone

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

raised = []
threading.excepthook = lambda caught: raised.append(caught.exc_type.__name__)


class StoppedMeanwhile(ThreadPoolExecutor):
    def submit_job(self, job, run_times):
        super().submit_job(job, run_times)
        stopper = threading.Thread(target=lambda: scheduler.shutdown(wait=False))
        stopper.start()
        while scheduler.running:  # until the other thread has marked the scheduler as stopped
            pass


scheduler = BackgroundScheduler(executors={"default": StoppedMeanwhile(1)}, timezone=timezone.utc)
scheduler.add_job(lambda: None, "date", run_date=datetime.now(timezone.utc))
scheduler.start()
scheduler._thread.join(10)
print("raised in the scheduler's thread:", raised)
assert raised == ["JobLookupError"], raised
PYTHON
