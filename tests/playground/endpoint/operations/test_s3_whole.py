"""S3 of a whole playground: large files, many at once, code from buckets, what a reset takes."""

import hashlib
import io
import json
import os
import threading
import uuid
from pathlib import Path
from typing import Any

import psutil
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.test_lambda import ROLE, zipped
from tests.playground.endpoint.test_reset import post_reset

MB = 1024 * 1024
LARGE = 100 * MB


@pytest.fixture
def s3(stack: Trial) -> Any:
    return stack.boto3("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"bucket-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    return name


def service_memory(stack: Trial) -> int:
    """Bytes that the service process holds."""
    assert stack.process is not None
    processes = psutil.Process(stack.process.pid).children(recursive=True)
    service = next(process for process in processes if "service" in process.cmdline())
    return int(service.memory_info().rss)


def test_a_large_file_goes_up_and_comes_down_in_bounded_memory(stack: Trial, s3: Any, bucket: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(MB) * (LARGE // MB))
    s3.put_object(Bucket=bucket, Key="small", Body=b"")  # what is loaded once is loaded
    before, peak, is_over = service_memory(stack), 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not is_over.wait(0.02):
            peak = max(peak, service_memory(stack))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        s3.upload_file(str(source), bucket, "large")
        s3.download_file(bucket, "large", str(target))
        with source.open("rb") as body:
            s3.put_object(Bucket=bucket, Key="in one", Body=body)
    finally:
        is_over.set()
        watcher.join()

    digest = hashlib.sha256(source.read_bytes()).digest()
    assert hashlib.sha256(target.read_bytes()).digest() == digest
    found = s3.head_object(Bucket=bucket, Key="large")
    assert (found["ContentLength"], found["ETag"].endswith('-13"')) == (LARGE, True)
    assert hashlib.sha256(s3.get_object(Bucket=bucket, Key="in one")["Body"].read()).digest() == digest
    assert peak - before < 64 * MB


def test_many_writers_of_one_key_leave_one_object(stack: Trial, s3: Any, bucket: str) -> None:
    def put(number: int) -> None:
        s3.put_object(Bucket=bucket, Key="k", Body=bytes([number]) * 1000)

    threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    body = s3.get_object(Bucket=bucket, Key="k")["Body"].read()
    assert (len(body), len(set(body)), s3.list_objects_v2(Bucket=bucket)["KeyCount"]) == (1000, 1, 1)


def create(stack: Trial, bucket: str, key: str, **code: str) -> str:
    name = f"from-s3-{uuid.uuid4().hex[:8]}"
    lambda_ = stack.boto3("lambda")
    code = {"S3Bucket": bucket, "S3Key": key} | code
    lambda_.create_function(FunctionName=name, Runtime="python3.12", Handler="m.handler", Role=ROLE, Code=code)
    lambda_.get_waiter("function_active_v2").wait(FunctionName=name)
    return name


def test_code_from_a_bucket(stack: Trial, s3: Any, bucket: str) -> None:
    lambda_ = stack.boto3("lambda")
    for version in ("one", "two"):
        code = zipped({"m.py": f"import helper\n\ndef handler(event, context):\n    return ['{version}', helper.NAME]\n"})
        s3.upload_fileobj(io.BytesIO(code), bucket, f"code/{version}.zip")
    s3.upload_fileobj(io.BytesIO(zipped({"python/helper.py": "NAME = 'layer'\n"})), bucket, "layer.zip")
    layer = lambda_.publish_layer_version(LayerName=f"l{uuid.uuid4().hex[:8]}", Content={"S3Bucket": bucket, "S3Key": "layer.zip"})
    name = create(stack, bucket, "code/one.zip", S3ObjectVersion="null")
    lambda_.update_function_configuration(FunctionName=name, Layers=[layer["LayerVersionArn"]])
    lambda_.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert json.loads(lambda_.invoke(FunctionName=name)["Payload"].read()) == ["one", "layer"]
    lambda_.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key="code/two.zip")
    lambda_.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert json.loads(lambda_.invoke(FunctionName=name)["Payload"].read()) == ["two", "layer"]


def test_code_that_is_not_in_a_bucket(stack: Trial, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="text", Body=b"no archive")
    theirs = f"theirs-{uuid.uuid4().hex[:8]}"
    stack.boto3("s3", aws_access_key_id="999999999999").create_bucket(Bucket=theirs)

    def refused(*where: str, **options: str) -> tuple[str, str]:
        with pytest.raises(ClientError) as raised:
            create(stack, *where, **options)
        return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]

    begin = "Error occurred while GetObject. S3 Error Code: "
    invalid = "InvalidParameterValueException"
    assert refused(bucket, "no.zip") == (invalid, f"{begin}NoSuchKey. S3 Error Message: The specified key does not exist.")
    missing = f"{begin}NoSuchBucket. S3 Error Message: The specified bucket does not exist"
    assert refused(f"{bucket}-2", "no.zip") == (invalid, missing)
    version = refused(bucket, "text", S3ObjectVersion="v" * 32)
    assert version == (invalid, f"{begin}NoSuchVersion. S3 Error Message: The specified version does not exist.")
    assert refused(bucket, "text")[1] == "Could not unzip uploaded file. Please check your file, then try to upload again."
    assert refused(theirs, "code.zip") == (
        "AccessDeniedException",
        f"Your access has been denied by S3, please make sure your request credentials have permission to GetObject for {theirs}/code.zip. "
        "S3 Error Code: AccessDenied. S3 Error Message: Access Denied",
    )


def test_a_reset_takes_buckets_and_bytes(stack: Trial, s3: Any, bucket: str) -> None:
    account = f"{uuid.uuid4().int % 10**12:012d}"
    mine = stack.boto3("s3", aws_access_key_id=account)
    mine.create_bucket(Bucket=f"mine-{account}")
    mine.upload_fileobj(io.BytesIO(b"x" * MB), f"mine-{account}", "k", Config=TransferConfig(multipart_threshold=MB))
    s3.put_object(Bucket=bucket, Key="k", Body=b"kept")
    files = stack.data_dir / "s3" / "blobs" / account
    assert len(list(files.glob("*/*"))) == 1
    assert post_reset(stack, account, "test").status == 200
    assert (mine.list_buckets()["Buckets"], files.exists()) == ([], False)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"kept"
