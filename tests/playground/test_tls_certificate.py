"""The certificate of the HTTPS port."""

import ssl
import urllib.request
from pathlib import Path

from cryptography import x509

from playground import tls_certificate
from playground.supervision.trial import Trial
from tests.playground.front_doors.urls_of_tests import url_of


def test_it_is_made_once_and_again_for_other_names(tmp_path: Path) -> None:
    first = tls_certificate.ensure(tmp_path / "tls")
    content = first.path.read_bytes()
    assert tls_certificate.ensure(tmp_path / "tls").path.read_bytes() == content
    assert first.key_path.stat().st_mode & 0o777 == 0o600

    tls_certificate.ensure(tmp_path / "tls", "play.example")

    anew = x509.load_pem_x509_certificate(first.path.read_bytes())
    names = anew.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    assert {"localhost", "*.lambda-url.us-east-1.localhost", "play.example", "*.lambda-url.us-east-1.play.example"} <= set(names)


def test_a_key_that_does_not_belong_to_it_is_replaced(tmp_path: Path) -> None:
    ours, other = tls_certificate.ensure(tmp_path / "a"), tls_certificate.ensure(tmp_path / "b")
    ours.key_path.write_bytes(other.key_path.read_bytes())

    tls_certificate.ensure(tmp_path / "a")

    ssl.create_default_context().load_cert_chain(ours.path, ours.key_path)


def test_the_whole_endpoint_is_served_with_tls_too(stack: Trial) -> None:
    certificate = str(stack.data_dir / "tls" / "certificate.pem")
    address = f"https://localhost:{stack.https_port}"
    client = stack.boto3("lambda", endpoint_url=address, verify=certificate)
    url = url_of(stack, "def handler(event, context):\n    return event['headers']\n")
    assert client.get_function_url_config(FunctionName=url.function_name)["FunctionUrl"].startswith(f"https://{url.url_id}.lambda-url.")

    context = ssl.create_default_context(cafile=certificate)
    with urllib.request.urlopen(f"{address}/_playground/lambda-url/{url.url_id}/", context=context) as answer:
        headers = answer.read().decode()
    assert '"x-forwarded-proto":"https"' in headers
    assert '"x-amzn-tls-version":"TLSv1.3"' in headers
    with urllib.request.urlopen(f"{address}/_playground/health", context=context) as answer:
        assert f'"https": {stack.https_port}' in answer.read().decode()
