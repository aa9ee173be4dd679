"""Celery's application. Its messages are wake-ups: what is to be done stands in Redis and the database."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")

import django
from celery import Celery
from django.conf import settings

django.setup()

app = Celery("playground")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    task_send_sent_event=False,
    imports=["playground.worker", "invocations.tasks"],
)
